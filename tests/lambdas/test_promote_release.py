import pytest

from catalog import bucket
from catalog.bucket import Bucket, CorruptArtifact
from catalog.gpu import TENSORRT
from lambdas.promote_release.handler import handle


@pytest.fixture
def target(s3, buckets):
    return Bucket(buckets[1], s3)


@pytest.fixture(autouse=True)
def _functions(functions):
    pass


def promote(release, environment="dev"):
    return handle({"release": release, "environment": environment}, None)


def test_a_release_arrives_whole_and_is_laid_out_for_its_endpoints(released, target, store):
    release = released()

    answer = promote(release)

    assert answer["message"].endswith("4 artifacts, 4 new")
    kept = store.bucket
    for prefix in ("manifests/", "content/", "releases/"):
        assert target.keys(prefix) == kept.keys(prefix)
    assert target.keys("live/") == [
        f"live/ads/{release}/cpu/moderation.mar",
        f"live/search/{release}/cpu/duplicates.tar.gz",
        f"live/search/{release}/cpu/speller.tar.gz",
    ]
    assert target.get(f"live/search/{release}/cpu/speller.tar.gz") == b"engine of speller"
    assert target.get(bucket.release(release)) == kept.get(bucket.release(release))


def test_promoting_again_copies_nothing(released, target):
    release = released()
    promote(release)

    assert promote(release)["message"].endswith("4 artifacts, 0 new")


def test_a_second_release_copies_only_what_is_new(released, target):
    promote(released())
    second = released(speller={"content": "better engine"})

    assert promote(second)["message"].endswith("4 artifacts, 1 new")
    assert target.get(f"live/search/{second}/cpu/speller.tar.gz") == b"better engine"
    assert len(target.keys("live/search/")) == 4


def test_a_promotion_that_was_killed_is_finished_by_the_next(released, target, monkeypatch):
    release = released()

    class Killed(BaseException):
        pass

    with monkeypatch.context() as patched:
        copy = Bucket.put_content
        calls = []

        def killed(self, path):
            calls.append(path)
            if len(calls) == 3:
                raise Killed
            return copy(self, path)

        patched.setattr(Bucket, "put_content", killed)
        with pytest.raises(Killed):
            promote(release)
    assert target.keys("releases/") == []

    promote(release)

    assert target.keys("releases/") == [bucket.release(release)]
    assert len(target.keys("live/")) == 3


def test_corrupt_content_is_stopped_at_the_hop(released, store, target, s3, pipeline, order):
    release = released()
    key = store.bucket.keys("content/")[0]
    s3.put_object(Bucket=store.bucket.name, Key=key, Body=b"corrupt")

    answer = handle(order(release), None)

    assert answer["status"] == "failed"
    assert key in pipeline.failed["job-1"]
    assert "expected sha256:" in pipeline.failed["job-1"]
    assert target.keys("releases/") == []


def test_an_unsigned_manifest_is_not_promoted(released, store, target, s3):
    release = released()
    key = store.bucket.keys("manifests/")[0]
    envelope = store.bucket.get(key).replace(b'"sig":"', b'"sig":"AAAA')
    s3.put_object(Bucket=store.bucket.name, Key=key, Body=envelope)

    with pytest.raises(Exception, match="no signature of this envelope"):
        promote(release)
    assert target.keys("") == []


def test_what_is_live_is_never_overwritten(released, target, s3):
    release = released("speller")
    place = f"live/search/{release}/cpu/speller.tar.gz"
    s3.put_object(Bucket=target.name, Key=place, Body=b"somebody else's")

    with pytest.raises(CorruptArtifact, match=place):
        promote(release)
    assert target.get(place) == b"somebody else's"


def test_models_of_one_server_must_be_made_for_one_image(released, target):
    release = released(
        "speller", "duplicates", duplicates={"runtime_image": "slipway/triton:" + "9" * 16}
    )

    with pytest.raises(Exception, match="one server runs one image"):
        promote(release)
    assert target.keys("") == []


def test_an_engine_of_another_tensorrt_is_refused_with_both_tuples(released, target):
    made = {"toolchain": {"tensorrt": "10.9.0.34"}, "architecture": "sm_86"}
    release = released("speller", speller=made)

    with pytest.raises(Exception, match="made for") as refused:
        promote(release)

    said = str(refused.value)
    assert "(slipway/triton:0123456789abcdef, sm_86, tensorrt 10.9.0.34)" in said
    assert f"the images have tensorrt {TENSORRT}: build it again" in said
    assert target.keys("") == []


def test_an_artifact_for_another_runtime_is_refused(released, target):
    release = released("speller", speller={"runtime_image": "slipway/torchserve:" + "9" * 16})

    with pytest.raises(Exception, match="but 'search' runs triton"):
        promote(release)
    assert target.keys("") == []


def test_a_release_that_does_not_exist_is_named(pipeline, order):
    handle(order("e" * 64), None)

    assert f"releases/{'e' * 64}.json: not there" in pipeline.failed["job-1"]


def test_a_function_serves_its_own_environment_alone(released):
    with pytest.raises(Exception, match="environment 'prod': this function serves 'dev' alone"):
        promote(released("speller"), environment="prod")
