import threading
from dataclasses import replace

import pytest

from catalog import bucket, digest
from catalog.artifact import FileEntry
from catalog.bucket import CorruptArtifact
from catalog.release import Release
from model_build.key import Proof
from tests.model_build.fakes import manifest

KEY = "a" * 64
PROOF = Proof("b" * 64, "sha256:aa", {"batch": 1})


@pytest.fixture
def archive(tmp_path):
    path = tmp_path / "speller.tar.gz"
    path.write_bytes(b"engine")
    return path


@pytest.fixture
def made(archive):
    return manifest(FileEntry(archive.name, digest.of_file(archive), 6), KEY)


def test_what_was_published_is_found_under_its_key(store, made, archive):
    artifact = store.publish(made, archive, PROOF)

    (found,) = store.find(KEY)

    assert (found.artifact, found.manifest) == (made.digest(), made)
    assert artifact == made.digest()
    assert (found.golden_digest, found.load) == ("sha256:aa", {"batch": 1})
    assert store.bucket.read_content(made.archive.sha256) == b"engine"


def test_an_artifact_whose_baseline_was_changed_is_refused(store, archive, made, s3, tmp_path):
    path = tmp_path / "statistics.json"
    path.write_bytes(b"{}")
    entry = FileEntry("baseline/statistics.json", digest.of_file(path), 2)
    store.publish(replace(made, baseline=(entry,)), archive, PROOF, beside=[path])
    s3.put_object(Bucket=store.bucket.name, Key=bucket.content(entry.sha256), Body=b"[]")

    with pytest.raises(CorruptArtifact, match=entry.sha256):
        store.find(KEY)


def test_a_key_that_nobody_built_has_no_artifact(store):
    assert store.find(KEY) == []


def test_two_builds_that_race_for_one_key_end_in_one_artifact(store, archive, made):
    others = [manifest(made.archive, KEY, provenance={"build": str(n)}) for n in range(6)]
    answers = []
    threads = [
        threading.Thread(target=lambda m=m: answers.append(store.publish(m, archive, PROOF)))
        for m in others
    ]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(answers) == 6
    assert {found.artifact for found in store.find(KEY)} == set(answers)
    assert len(set(answers)) == 1


def test_bytes_proven_again_leave_the_first_artifact_as_it_was(store, archive, made):
    first = store.publish(made, archive, PROOF)
    again = manifest(made.archive, KEY, provenance={"build": "2"})

    second = store.publish(again, archive, Proof("c" * 64, "sha256:bb", {"batch": 1}))

    assert [found.artifact for found in store.find(KEY)] == [first, second]


def test_a_changed_archive_is_named_with_both_digests_and_the_remedy(store, archive, made, s3):
    store.publish(made, archive, PROOF)
    key = bucket.content(made.archive.sha256)
    s3.put_object(Bucket=store.bucket.name, Key=key, Body=b"ENGINE")

    with pytest.raises(CorruptArtifact) as caught:
        store.find(KEY)

    text = str(caught.value)
    assert key in text
    assert made.archive.sha256 in text
    assert digest.of_bytes(b"ENGINE") in text
    assert f"delete s3://{store.bucket.name}/actions/{KEY}/" in text


def test_the_remedy_for_a_corrupt_artifact_works(store, archive, made, s3):
    store.publish(made, archive, PROOF)
    key = bucket.content(made.archive.sha256)
    s3.put_object(Bucket=store.bucket.name, Key=key, Body=b"ENGINE")

    for doomed in (key, bucket.action(KEY, PROOF.digest)):
        s3.delete_object(Bucket=store.bucket.name, Key=doomed)
    store.publish(made, archive, PROOF)

    assert [found.artifact for found in store.find(KEY)] == [made.digest()]


def test_corrupt_content_is_not_taken_for_what_is_published(store, archive, made, s3):
    key = bucket.content(made.archive.sha256)
    s3.put_object(Bucket=store.bucket.name, Key=key, Body=b"something else")

    with pytest.raises(CorruptArtifact, match=key):
        store.publish(made, archive, PROOF)

    assert store.find(KEY) == []


def test_a_manifest_that_was_changed_is_refused(store, archive, made, s3):
    store.publish(made, archive, PROOF)
    place = bucket.manifest(made.digest())
    envelope = s3.get_object(Bucket=store.bucket.name, Key=place)["Body"].read()
    s3.put_object(Bucket=store.bucket.name, Key=place, Body=envelope.replace(b"LCJ", b"LCK", 1))

    with pytest.raises(CorruptArtifact, match=r"no signature.*delete s3://"):
        store.find(KEY)


def test_a_signed_manifest_under_anothers_name_is_refused(store, archive, made, s3):
    store.publish(made, archive, PROOF)
    source = {"Bucket": store.bucket.name, "Key": bucket.manifest(made.digest())}
    s3.copy_object(Bucket=store.bucket.name, Key=bucket.manifest("f" * 64), CopySource=source)

    with pytest.raises(CorruptArtifact, match="f" * 64):
        store.manifest("f" * 64)


def test_an_entry_of_another_key_is_refused(store, archive, made, s3):
    store.publish(made, archive, PROOF)
    source = {"Bucket": store.bucket.name, "Key": bucket.action(KEY, PROOF.digest)}
    moved = bucket.action("d" * 64, PROOF.digest)
    s3.copy_object(Bucket=store.bucket.name, Key=moved, CopySource=source)

    with pytest.raises(CorruptArtifact, match="was made for key"):
        store.find("d" * 64)


def test_an_archive_that_its_manifest_does_not_describe_is_not_published(store, archive, made):
    archive.write_bytes(b"changed after the manifest was made")

    with pytest.raises(ValueError, match=made.archive.sha256):
        store.publish(made, archive, PROOF)

    assert store.find(KEY) == []


def test_every_rejection_is_kept(store):
    first = store.reject(KEY, {"exact_match": 0.1})
    second = store.reject(KEY, {"exact_match": 0.2})

    assert first != second
    assert len(store.bucket.keys(f"rejections/{KEY}/")) == 2
    assert store.find(KEY) == []


def test_a_release_is_read_back_signed_and_whole(store):
    release = Release({"speller": {"cpu": "a" * 64}}, "commit")

    hexadecimal = store.put_release(release)

    assert hexadecimal == release.digest()
    assert store.release(hexadecimal) == release
