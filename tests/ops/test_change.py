import argparse
import json

import pytest

from catalog.audit import Record, latest
from catalog.bucket import Bucket
from ops.change import Change, NotConfirmed, carry_out, confirm

CHANGE = Change("scale", "prod", "sale", "from 2 to 4", {"max": "2"}, {"max": "4"})


class FakeS3:
    class exceptions:  # noqa: N801 (boto3's name)
        ClientError = KeyError

    def __init__(self):
        self.objects = {}

    def put_object(self, Bucket, Key, Body, **_):  # noqa: N803
        self.objects[Key] = Body


class FakeAccount:
    who = "arn:aws:iam::1:user/ann"

    def __init__(self):
        self.s3 = FakeS3()

    def records(self, environment):
        return Bucket(f"{environment}-bucket", self.s3)

    @property
    def written(self):
        return latest(Record.from_json(data) for data in self.s3.objects.values())


def arguments(**given):
    return argparse.Namespace(**{"dry_run": False, "yes": True, "json": False} | given)


def test_a_change_leaves_who_did_what_why_and_how_it_ended(capsys):
    account = FakeAccount()

    assert carry_out(account, CHANGE, arguments(json=True), lambda: "4 now") == 0

    (record,) = account.written
    assert (record.who, record.action, record.reason) == (account.who, "scale", "sale")
    assert (record.before, record.after) == ({"max": "2"}, {"max": "4"})
    assert (record.state, record.outcome) == ("done", "4 now")
    assert json.loads(capsys.readouterr().out)["id"] == record.id


def test_a_change_that_fails_is_recorded_as_failed():
    account = FakeAccount()

    def do():
        raise ValueError("no capacity")

    with pytest.raises(ValueError, match="no capacity"):
        carry_out(account, CHANGE, arguments(), do)

    assert [(item.state, item.outcome) for item in account.written] == [("failed", "no capacity")]


def test_a_dry_run_says_it_and_leaves_nothing(capsys):
    account = FakeAccount()

    assert carry_out(account, CHANGE, arguments(dry_run=True), lambda: "never") == 0

    assert account.written == []
    assert capsys.readouterr().out == "prod: from 2 to 4\n"


def test_an_environment_that_asks_for_approval_asks_for_its_name():
    confirm("prod", lambda question: "prod")
    with pytest.raises(NotConfirmed, match="nothing was done"):
        confirm("prod", lambda question: "y")
    with pytest.raises(NotConfirmed, match="add --yes"):
        confirm("prod", None)
