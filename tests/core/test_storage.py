"""Files are kept whole under keys of ours, are never overwritten, and nothing outside of the folder is opened."""

import os
import random
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core import storage_s3
from app.core.storage import CHUNK_BYTES, AlreadyStored, BadKey, NotStored, Storage, StorageFailed
from app.core.storage_choice import open_storage
from app.core.storage_local import LocalStorage
from app.core.storage_s3 import ObjectStorage

LONG = random.Random(1).randbytes(3 * CHUNK_BYTES + 17)


@pytest.fixture(params=["folder", "s3", "s3 in parts"])
def storage(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Storage:
    """All keep the same promises: a folder, a real S3 server, and one to which everything goes up in parts."""
    if request.param == "folder":
        return LocalStorage(tmp_path / "files")
    if request.param == "s3 in parts":
        monkeypatch.setattr("app.core.storage_s3.SINGLE_PUT_BYTES", 0)
    storage: Storage = request.getfixturevalue("s3_storage")
    return storage


@pytest.fixture
def local(tmp_path: Path) -> LocalStorage:
    return LocalStorage(tmp_path / "files")


def test_bytes_come_back_as_they_were(storage: Storage) -> None:
    pieces = [LONG[:5], b"", LONG[5:]]
    assert storage.put_new("versions/1/train.jsonl", pieces) == len(LONG)
    assert b"".join(storage.open("versions/1/train.jsonl")) == LONG
    assert storage.size("versions/1/train.jsonl") == len(LONG)


def test_a_file_of_the_disk_is_kept(storage: Storage, tmp_path: Path) -> None:
    (tmp_path / "model").write_bytes(LONG)
    assert storage.put_new("models/1", tmp_path / "model") == len(LONG)
    assert b"".join(storage.open("models/1")) == LONG


def test_an_empty_file_is_a_file(storage: Storage) -> None:
    storage.put_new("empty", [])
    assert (storage.size("empty"), list(storage.open("empty"))) == (0, [])


@pytest.mark.parametrize(
    ("span", "expected"),
    [((0, 4), LONG[:4]), ((5, CHUNK_BYTES + 9), LONG[5 : CHUNK_BYTES + 9]), ((3, 3), b""), ((10**9, 10**9 + 5), b"")],
)
def test_a_span_of_bytes_is_just_that(storage: Storage, span: tuple[int, int], expected: bytes) -> None:
    storage.put_new("long", [LONG])
    assert b"".join(storage.open("long", span)) == expected


def test_a_span_that_runs_over_the_end_stops_there(storage: Storage) -> None:
    storage.put_new("long", [LONG])
    assert b"".join(storage.open("long", (len(LONG) - 3, len(LONG) + 99))) == LONG[-3:]


def test_a_span_that_runs_backwards_is_refused(storage: Storage) -> None:
    storage.put_new("long", [LONG])
    with pytest.raises(ValueError, match="from its start to its end"):
        storage.open("long", (4, 2))


def test_what_is_stored_is_never_overwritten(storage: Storage) -> None:
    storage.put_new("a", [b"first"])
    with pytest.raises(AlreadyStored, match="a is stored already"):
        storage.put_new("a", [b"second"])
    assert b"".join(storage.open("a")) == b"first"


def test_a_stamp_stays_until_the_bytes_are_others(storage: Storage) -> None:
    storage.put_new("stamped/one", [b"as many bytes"])
    first = storage.stamp("stamped/one")
    assert list(storage.open("stamped/one"))
    assert storage.stamp("stamped/one") == first
    storage.delete("stamped/one")
    with pytest.raises(NotStored):
        storage.stamp("stamped/one")
    storage.put_new("stamped/one", [b"of other text"])
    assert storage.stamp("stamped/one") != first


def test_of_writers_of_one_key_at_once_just_one_wins(storage: Storage) -> None:
    if isinstance(storage, ObjectStorage) and not storage_s3.SINGLE_PUT_BYTES:
        pytest.skip("S3 has no 'create only' for parts; a key is one job's alone (decision 0002)")
    together, won = threading.Barrier(4), []

    def write(number: int) -> None:
        def content() -> Iterator[bytes]:
            together.wait(20)
            yield str(number).encode()

        try:
            storage.put_new("a", content())
        except AlreadyStored:
            return
        won.append(number)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    assert b"".join(storage.open("a")) == str(won[0]).encode()


def test_what_is_not_there_says_so_before_the_first_byte(storage: Storage) -> None:
    storage.put_new("a/b", [b"x"])
    for key in ("missing", "a", "a/b/c"):
        with pytest.raises(NotStored, match=f"{key} is not stored"):
            storage.open(key)
        with pytest.raises(NotStored):
            storage.size(key)


def test_a_deleted_file_is_gone_and_deleting_again_is_no_error(storage: Storage) -> None:
    storage.put_new("a/b", [b"x"])
    for _ in range(2):
        storage.delete("a/b")
    with pytest.raises(NotStored):
        storage.size("a/b")
    storage.put_new("a/b", [b"new"])


def test_keys_below_a_prefix_are_listed_in_order(storage: Storage) -> None:
    for key in ("v/2/train", "v/10/train", "v/2/card", "w", "v2"):
        storage.put_new(key, [b"x"])
    assert list(storage.list("v/2")) == ["v/2/card", "v/2/train"]
    assert list(storage.list("v")) == ["v/10/train", "v/2/card", "v/2/train"]
    assert list(storage.list()) == ["v/10/train", "v/2/card", "v/2/train", "v2", "w"]
    assert list(storage.list("nothing/here")) == []


WRONG_KEYS = [
    "", "/etc/passwd", "../secret", "a/../../secret", "a/..", "..", ".", "a//b", "a/", "a/./b", ".parts/x", "a/.hidden",
    "a\\b", "%2e%2e/secret", "a\0b", "CON", "Train.jsonl", "a b", "a\nb", "ä", "a..b", "x" * 201, "x" * 300,
]  # fmt: skip


@pytest.mark.parametrize("key", WRONG_KEYS)
def test_a_key_that_we_would_not_make_is_refused_at_every_door(storage: Storage, key: str) -> None:  # S76
    for refused in (storage.open, storage.size, storage.delete):
        with pytest.raises(BadKey, match="not a storage key"):
            refused(key)
    with pytest.raises(BadKey):
        storage.put_new(key, [b"x"])
    if key:
        with pytest.raises(BadKey):
            storage.list(key)


def test_a_link_in_the_data_folder_leads_nowhere(local: LocalStorage, tmp_path: Path) -> None:  # S76
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_text("secret")
    (local.root / "file").symlink_to(outside / "secret")
    (local.root / "folder").symlink_to(outside)
    for key in ("file", "folder/secret"):
        with pytest.raises(NotStored):
            local.open(key)
    assert list(local.list()) == []
    with pytest.raises(AlreadyStored):
        local.put_new("file", [b"x"])
    with pytest.raises(StorageFailed):
        local.put_new("folder/new", [b"x"])
    local.delete("folder/secret")
    local.delete("file")
    assert (outside / "secret").read_text() == "secret"
    assert [file.name for file in outside.iterdir()] == ["secret"]


def test_a_pipe_or_a_folder_in_the_data_folder_is_no_file(local: LocalStorage) -> None:  # S76
    os.mkfifo(local.root / "pipe")
    (local.root / "folder").mkdir()
    for key in ("pipe", "folder"):
        with pytest.raises(NotStored):
            local.open(key)
    assert list(local.list()) == []


def test_files_and_folders_are_ours_alone(local: LocalStorage) -> None:
    local.put_new("a/b", [b"x"])
    assert stat.S_IMODE((local.root / "a").stat().st_mode) == 0o700
    assert stat.S_IMODE((local.root / "a/b").stat().st_mode) == 0o600


def test_a_root_that_is_a_link_of_the_operators_is_followed_once(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "files").symlink_to(tmp_path / "elsewhere")
    LocalStorage(tmp_path / "files").put_new("a", [b"x"])
    assert (tmp_path / "elsewhere/a").read_bytes() == b"x"


def test_what_an_error_in_the_source_has_begun_is_not_kept(storage: Storage) -> None:
    def content() -> Iterator[bytes]:
        yield b"half"
        raise LookupError("the rows ended early")

    with pytest.raises(LookupError):
        storage.put_new("a", content())
    assert list(storage.list()) == []
    storage.put_new("a", [b"whole"])


def test_the_setting_chooses_the_storage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    assert isinstance(open_storage(None, tmp_path), LocalStorage)
    assert isinstance(open_storage("s3://bucket/prefix", tmp_path), ObjectStorage)


def test_a_storage_out_of_reach_is_an_error_that_names_the_key_and_no_credential(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")  # the port of "discard": nobody answers
    monkeypatch.setenv("AWS_ALLOW_HTTP", "true")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "an-id")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hush-hush")
    with pytest.raises(StorageFailed, match=r"versions/1: the object storage") as failure:
        open_storage("s3://bucket/prefix", tmp_path).size("versions/1")
    assert "hush" not in str(failure.value)
