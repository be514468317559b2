"""Object storage over a bad way: requests that get lost are sent again, and what is spoilt is noticed."""

import random
from pathlib import Path

import pytest

from app.core.errors import StartRefused
from app.core.storage import AlreadyStored, Storage, StorageFailed
from app.core.storage_choice import open_storage
from app.datasets.files import FileFact, is_whole, keep, key_of
from tests.s3 import Way

SMALL = b"a line\n" * 1000
LARGE = random.Random(7).randbytes(12 * 1024 * 1024)  # three parts, of which S3 wants at least 5 MiB each


@pytest.mark.parametrize(
    "troubles", [["drop"], [503, 500], ["drop", 503, "drop"]], ids=["dropped", "refused", "dropped and refused"]
)
def test_what_gets_lost_is_sent_again(s3_way: Way, s3_storage: Storage, troubles: list[str | int]) -> None:
    s3_way.troubles.extend(troubles)
    assert s3_storage.put_new("a", [SMALL]) == len(SMALL)
    s3_way.troubles.extend(troubles)
    assert b"".join(s3_storage.open("a")) == SMALL
    assert not s3_way.troubles


def test_a_service_that_stays_away_is_an_error_and_nothing_is_kept(s3_way: Way, s3_storage: Storage) -> None:
    s3_way.troubles.extend([503] * 5)
    with pytest.raises(StorageFailed, match="a: the object storage answered"):
        s3_storage.put_new("a", [SMALL])
    assert list(s3_storage.list()) == []


def test_an_operator_is_told_what_the_service_answered(
    s3_way: Way, s3_storage: Storage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    s3_way.troubles.append(403)
    with pytest.raises(StorageFailed, match=r"^a: the object storage answered 403 Forbidden\.$"):
        s3_storage.put_new("a", [SMALL])
    with pytest.raises(StorageFailed, match=r"answered 404 Not Found\. Is there such a bucket\?$"):
        open_storage("s3://no-such-bucket/penset", tmp_path).put_new("a", [SMALL])
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    with pytest.raises(StorageFailed, match=r"^the object storage does not answer\.$"):
        list(open_storage("s3://penset-tests/penset", tmp_path).list())


@pytest.mark.parametrize("url", ["gs://bucket", "s3://", "s3:/bucket", "bucket"])
def test_an_address_that_is_no_bucket_s_ends_the_start_with_a_sentence(url: str, tmp_path: Path) -> None:
    with pytest.raises(StartRefused, match="give s3://bucket/prefix"):
        open_storage(url, tmp_path)


def test_a_large_file_goes_up_in_parts_that_are_sent_again_one_by_one(
    s3_way: Way, s3_storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.core.storage_s3.SINGLE_PUT_BYTES", 5 * 1024 * 1024)
    s3_way.troubles.extend(["", "", "drop", 503])
    assert s3_storage.put_new("large", [LARGE[:999], LARGE[999:]]) == len(LARGE)
    parts = {seen.split("partNumber=")[1][0] for seen in s3_way.seen if "partNumber=" in seen}
    assert parts == {"1", "2", "3"}
    assert sum("partNumber=" in seen for seen in s3_way.seen) == 5
    assert b"".join(s3_storage.open("large")) == LARGE
    with pytest.raises(AlreadyStored):
        s3_storage.put_new("large", [LARGE])


def test_what_was_stored_though_its_answer_was_lost_is_found_stored(s3_way: Way, s3_storage: Storage) -> None:
    s3_way.troubles.append("lose")
    fact = keep(s3_storage, 1, "train.jsonl", lambda: [SMALL])
    assert is_whole(s3_storage, key_of(1, fact.sha256), fact)


def test_a_byte_that_changes_on_its_way_is_noticed_by_the_service(s3_way: Way, s3_storage: Storage) -> None:
    s3_way.troubles.append("spoil")
    with pytest.raises(StorageFailed):
        s3_storage.put_new("a", [SMALL])
    assert list(s3_storage.list()) == []


def test_a_byte_that_changes_unnoticed_is_noticed_before_the_file_counts(s3_way: Way, s3_storage: Storage) -> None:
    s3_way.troubles.append("spoil unseen")
    with pytest.raises(StorageFailed, match=r"train.jsonl did not arrive in storage as it was sent"):
        keep(s3_storage, 1, "train.jsonl", lambda: [SMALL])
    assert list(s3_storage.list()) == []


def test_other_bytes_of_the_same_length_are_not_the_file(s3_storage: Storage) -> None:
    fact = FileFact("train.jsonl", len(SMALL), "0" * 64)
    s3_storage.put_new(key_of(1, fact.sha256), [SMALL])
    assert not is_whole(s3_storage, key_of(1, fact.sha256), fact)
