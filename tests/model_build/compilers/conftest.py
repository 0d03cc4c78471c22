import pytest

from model_build.compilers import cpu


@pytest.fixture(autouse=True)
def hasty(monkeypatch):
    """Time candidates briefly: these tests ask which are faithful, not which is fast."""
    monkeypatch.setattr(cpu, "SECONDS", 0.05)
