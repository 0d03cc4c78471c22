import pytest

from catalog.environment import Environment
from ops import account as module
from ops.account import Account
from ops.place import Place
from ops.visit import NoWayIn


class FakeSession:
    region_name = "us-east-1"

    def client(self, service, **_):
        return FakeSts() if service == "sts" else f"own {service}"


class FakeSts:
    def get_caller_identity(self):
        return {"Account": "111111111111", "Arn": "arn:aws:iam::111111111111:user/ann"}


class FakeAccounts:
    own = "111111111111"

    def client(self, service, place: Place):
        return f"{service} of {place.account}"


@pytest.fixture
def account(monkeypatch):
    accounts = {"dev": "111111111111", "prod": "444444444444"}

    def load(name):
        return Environment.model_construct(name=name, account=accounts[name], region="us-east-1")

    monkeypatch.setattr(module, "load_environment", load)
    made = Account(FakeSession())
    made._accounts = FakeAccounts()
    return made


def test_an_environment_of_another_account_is_read_there(account):
    assert account.client("ssm", "dev") == "own ssm"
    assert account.client("ssm", "prod") == "ssm of 444444444444"
    assert account.client("codepipeline") == "own codepipeline"


def test_what_acts_in_another_account_asks_for_its_credentials(account):
    assert account.acting("dev", "ecs") == "own ecs"
    with pytest.raises(NoWayIn, match="log in to that account"):
        account.acting("prod", "ecs")


def test_records_of_an_environment_elsewhere_lie_beside_the_pipeline(account):
    account.output = lambda stack, key, environment=None: f"{stack} {key}"

    assert account.records("dev").name == "slipway-dev-base EnvironmentBucket"
    assert account.records("prod").name == "slipway-tooling ArtifactBucket"
    assert account.who == "arn:aws:iam::111111111111:user/ann"
