"""The job as it is started: captures and baselines in, verdicts and metrics out."""

import base64
import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from model_build.baseline import write_baseline
from model_build.golden.digest import golden_set
from serving.drift.__main__ import main
from serving.runtime import load
from serving.runtime.capture import recorder_of
from tests.serving import tiny

LABELS = ("play", "weather", "navigate")
WORDS = ("find", "jazz", "piano", "blue", "suede", "shoes", "mouse")
USUAL = [" ".join(WORDS[(i * k) % 7] for k in range(1, 2 + i % 4)) for i in range(160)]
STRANGE = [f"где моя посылка номер {i % 90}" for i in range(160)]
ENDPOINT = "slipway-dev-intent"


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    made = tiny.encoder(folder / "m", "intent", "classification", LABELS)
    golden = golden_set("g", "classification", USUAL, ["play"] * len(USUAL), licence="MIT")
    write_baseline(golden, made, folder)
    (folder / "baseline").rename(folder / "intent")
    return made


def capture(model: Path, place: str, texts: list[str], **variables: str) -> None:
    recorder = recorder_of(
        model, {"SLIPWAY_CAPTURE": place, "SLIPWAY_ENDPOINT": ENDPOINT, **variables}
    )
    answers = load(model).predict(texts)
    for number, (text, answer) in enumerate(zip(texts, answers, strict=True)):
        recorder.record([text], [answer], f"order-{number}")
    recorder.close()


def run(tmp_path: Path, model: Path, *more: str) -> dict:
    watched = json.dumps([{"model": "intent", "endpoint": ENDPOINT, "task": "classification"}])
    end = datetime.now(UTC) + timedelta(seconds=2)
    status = main(
        [
            "--models", watched, "--capture", f"file://{tmp_path}/c",
            "--out", f"file://{tmp_path}/o",
            "--baselines", f"file://{model.parent}", "--end", end.isoformat(),
            "--no-metrics", *more,
        ]
    )  # fmt: skip
    assert status == 0
    paths = sorted((tmp_path / "o/intent").rglob("*"))
    return {path.name: path.read_text() for path in paths if path.is_file()}


def test_usual_traffic_is_steady_and_the_page_needs_nothing_from_outside(tmp_path, model):
    capture(model, f"file://{tmp_path}/c", USUAL)

    found = run(tmp_path, model)

    assert json.loads(found["report.json"])["state"] == "steady"
    assert json.loads(found["violations.json"]) == {"violations": []}
    page = found["page.html"]
    assert page.count("<svg") == 2
    assert "src=" not in page
    assert not [part for part in page.split('href="')[1:] if not part.startswith("#")]


def test_another_language_is_drift_and_named_in_model_monitors_format(tmp_path, model):
    capture(model, f"file://{tmp_path}/c", STRANGE)

    found = run(tmp_path, model)

    assert json.loads(found["report.json"])["state"] == "drifted"
    violations = json.loads(found["violations.json"])["violations"]
    kinds = {(item["feature_name"], item["constraint_check_type"]) for item in violations}
    assert ("script", "baseline_drift_check") in kinds
    assert ("script", "categorical_values_check") in kinds
    assert set(violations[0]) == {"feature_name", "constraint_check_type", "description"}


def test_a_quiet_hour_is_not_enough_and_never_steady(tmp_path, model):
    capture(model, f"file://{tmp_path}/c", USUAL[:99])

    found = run(tmp_path, model)

    assert json.loads(found["report.json"])["state"] == "not-enough"
    assert "not &#34;no drift&#34;" in found["page.html"] or 'not "no drift"' in found["page.html"]


def test_labels_that_come_later_are_joined_by_event(tmp_path, model):
    capture(model, f"file://{tmp_path}/c", USUAL)
    answers = load(model).predict(USUAL)
    (tmp_path / "l").mkdir()
    right = [LABELS[answer.argmax()] for answer in answers[:120]]
    wrong = ["none of them"] * 30
    lines = [
        json.dumps({"eventId": f"order-{number}", "label": label})
        for number, label in enumerate(right + wrong)
    ]
    (tmp_path / "l/today.jsonl").write_text("\n".join([*lines, "no json"]))

    found = run(tmp_path, model, "--labels", f"file://{tmp_path}/l")

    quality = json.loads(found["report.json"])["quality"]
    assert (quality["labelled"], quality["accuracy"]) == (150, 0.8)
    assert quality["classes"]["none of them"] == 30
    assert 'id="quality"' in found["page.html"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--models", "{"], "--models is '{'"),
        (["intent"], "model 'intent': give MODEL,ENDPOINT,TASK,MANIFEST"),
        (["--hours", "-1"], "--hours is '-1'"),
        (["--end", "yesterday"], "--end is 'yesterday'"),
        (["--capture", ""], "--capture is missing"),
    ],
)
def test_what_is_set_up_wrongly_is_named(options, message, capsys, monkeypatch):
    monkeypatch.setenv("SLIPWAY_DRIFT_HOURS", "")  # empty is unset
    given = ["--models", "[]", "--capture", "file:///c", "--out", "file:///o", "--bucket", "b"]

    assert main([*given, *options]) == 2
    assert message in capsys.readouterr().err


class Deployed:
    """A release of one model in an environment's bucket, as promotion leaves it."""

    @property
    def argument(self) -> str:
        """Return the model as the state machine names it."""
        return f"intent,{ENDPOINT},classification,{self.manifest}"

    def __init__(self, s3, bucket: str, model: Path) -> None:
        self.s3, self.bucket = s3, bucket
        s3.create_bucket(Bucket=bucket)
        files = [{"path": "model.json", "sha256": self._content(model / "model.json")}]
        baseline = [
            {"path": f"baseline/{path.name}", "sha256": self._content(path)}
            for path in (model.parent / "intent").iterdir()
        ]
        payload = json.dumps({"files": files, "baseline": baseline}).encode()
        self.manifest = hashlib.sha256(payload).hexdigest()
        envelope = {"payload": base64.b64encode(payload).decode(), "signatures": []}
        self._put(f"manifests/{self.manifest}.json", json.dumps(envelope).encode())

    def _content(self, path: Path) -> str:
        data = path.read_bytes()
        name = hashlib.sha256(data).hexdigest()
        self._put(f"content/{name}", data)
        return name

    def _put(self, key: str, data: bytes) -> None:
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=data)

    def get(self, suffix: str) -> dict:
        listed = self.s3.list_objects_v2(Bucket=self.bucket, Prefix="drift/")["Contents"]
        key = next(item["Key"] for item in listed if item["Key"].endswith(suffix))
        return json.loads(self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read())


@pytest.fixture
def deployed(cloud, model, monkeypatch, request) -> Deployed:
    keys = cloud.session.get_credentials()
    name = f"drift-{abs(hash(request.node.name))}"
    found = Deployed(cloud.client("s3"), name, model)
    variables = {
        "AWS_ENDPOINT_URL": cloud.endpoint_url, "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": keys.access_key, "AWS_SECRET_ACCESS_KEY": keys.secret_key,
        "SLIPWAY_ENVIRONMENT": name, "SLIPWAY_ENVIRONMENT_BUCKET": name,
        "SLIPWAY_CAPTURE": f"s3://{name}/capture", "SLIPWAY_DRIFT": f"s3://{name}/drift",
        "SLIPWAY_DRIFT_HOURS": "0.5",
    }  # fmt: skip
    for variable, value in variables.items():
        monkeypatch.setenv(variable, value)
    return found


def metrics(cloud, environment: str) -> dict[str, float]:
    cloudwatch, now = cloud.client("cloudwatch"), datetime.now(UTC)
    named = {"Environment": environment, "Endpoint": ENDPOINT, "Model": "intent"}
    dimensions = [{"Name": name, "Value": value} for name, value in named.items()]
    found = {}
    for name in ("Records", "Enough", "Drifted", "Distance", "Quality"):
        points = cloudwatch.get_metric_statistics(
            Namespace="Slipway/Drift", MetricName=name, Dimensions=dimensions, Period=3600,
            StartTime=now - timedelta(hours=2), EndTime=now + timedelta(hours=1),
            Statistics=["Maximum"],
        )["Datapoints"]  # fmt: skip
        found |= {name: points[-1]["Maximum"]} if points else {}
    return found


def test_captures_in_s3_are_judged_by_the_releases_baseline(cloud, deployed, model):
    capture(model, f"s3://{deployed.bucket}/capture", STRANGE)

    assert main([deployed.argument]) == 0

    assert deployed.get("report.json")["state"] == "drifted"
    found = metrics(cloud, deployed.bucket)
    assert (found["Records"], found["Enough"]) == (160, 1)
    assert found["Drifted"] >= 1
    assert "Quality" not in found


def test_without_records_nothing_is_said_of_drift(cloud, deployed):
    assert main([deployed.argument]) == 0

    assert metrics(cloud, deployed.bucket) == {"Records": 0, "Enough": 0}


def test_an_operator_makes_todays_traffic_the_baseline(deployed, model, monkeypatch):
    capture(model, f"s3://{deployed.bucket}/capture", STRANGE)
    monkeypatch.setenv("SLIPWAY_REBASELINE", "1")
    assert main([deployed.argument]) == 0
    monkeypatch.delenv("SLIPWAY_REBASELINE")

    assert main([deployed.argument]) == 0

    assert deployed.get("report.json")["state"] == "steady"


def test_a_store_that_is_gone_asks_for_another_try(deployed, monkeypatch, capsys):
    monkeypatch.setenv("SLIPWAY_DRIFT", "s3://no-such-bucket-anywhere/drift")

    assert main([deployed.argument]) == 1
    assert "try again" in capsys.readouterr().err
