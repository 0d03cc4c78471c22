"""One local cloud for the tests of its parts, in a folder of its own."""

from collections.abc import Iterator

import pytest

from local import server
from local.paths import Workplace
from tests.local.cloud import Cloud


@pytest.fixture(scope="session")
def local_cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    place = Workplace(tmp_path_factory.mktemp("cloud"))
    server.start(place)
    yield Cloud(place)
    server.stop(place)
