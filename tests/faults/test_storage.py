"""The disk is full, breaks at the n-th write, or the process is killed: a file is there whole or not at all."""

import errno
import itertools
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.core.storage import NotStored, StorageFailed
from app.core.storage_local import PARTS, Disk, LocalStorage

CONTENT = [b"one ", b"two ", b"three"]
WHOLE = b"".join(CONTENT)


class FailingDisk(Disk):
    """Fails at its n-th call, and from then on where it is broken for good. Short writes are its habit."""

    def __init__(self, nth: int, code: int, *, for_good: bool) -> None:
        self.nth, self.code, self.for_good, self.calls = nth, code, for_good, 0

    def count(self) -> None:
        self.calls += 1
        if self.calls == self.nth or (self.for_good and self.calls > self.nth):
            raise OSError(self.code, os.strerror(self.code))

    def create(self, name: str, folder: int) -> int:
        self.count()
        return super().create(name, folder)

    def make_folder(self, name: str, folder: int) -> None:
        self.count()
        super().make_folder(name, folder)

    def write(self, file: int, data: memoryview) -> int:
        self.count()
        return super().write(file, data[:3])

    def sync(self, descriptor: int) -> None:
        self.count()
        super().sync(descriptor)

    def name(self, part: str, parts: int, name: str, folder: int) -> None:
        self.count()
        super().name(part, parts, name, folder)

    def remove(self, name: str, folder: int) -> None:
        self.count()
        super().remove(name, folder)


@pytest.mark.parametrize("for_good", [False, True], ids=["once", "for good"])
@pytest.mark.parametrize("code", [errno.EIO, errno.ENOSPC, errno.EDQUOT], ids=errno.errorcode.get)
def test_whichever_write_fails_the_file_is_whole_or_absent(tmp_path: Path, code: int, for_good: bool) -> None:  # R12
    for nth in itertools.count(1):
        root, disk = tmp_path / str(nth), FailingDisk(nth, code, for_good=for_good)
        reason = why_not_stored(LocalStorage(root, disk))
        after = LocalStorage(root)  # the next start, on a disk that works again
        assert list((root / PARTS).iterdir()) == []
        if reason:
            assert reason == f"a/b/c cannot be written: {os.strerror(code)}."
            if not list(after.list()):  # its name stays where not even that could be taken back
                after.put_new("a/b/c", CONTENT)
        assert b"".join(after.open("a/b/c")) == WHOLE
        if disk.calls < nth:
            break
    assert nth > 12  # every call has had its turn


def why_not_stored(storage: LocalStorage) -> str:
    """Why the file could not be kept; empty when it was. Another error than StorageFailed is a bug."""
    try:
        storage.put_new("a/b/c", CONTENT)
    except StorageFailed as failure:
        return str(failure)
    return ""


def test_a_failed_fsync_is_not_asked_again_on_the_same_handle(tmp_path: Path) -> None:  # R12
    synced: list[int] = []

    class Forgetful(Disk):
        """Like Linux: the first fsync tells of the lost pages, the second one succeeds."""

        def sync(self, descriptor: int) -> None:
            synced.append(os.fstat(descriptor).st_ino)
            if len(synced) == 1:
                raise OSError(errno.EIO, "Input/output error")

    storage = LocalStorage(tmp_path, Forgetful())
    with pytest.raises(StorageFailed, match="Input/output error"):
        storage.put_new("a", CONTENT)
    assert len(synced) == 1
    assert list(storage.list()) == []
    storage.put_new("a", CONTENT)
    assert b"".join(storage.open("a")) == WHOLE


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A file system of one megabyte. Only root may mount one."""
    with tempfile.TemporaryDirectory() as made:
        command = ["mount", "-t", "tmpfs", "-o", "size=1m,mode=0700", "penset-test", made]
        if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode != 0:
            pytest.skip("this user or this container may not mount a tmpfs; the failing disk above stands in")
        try:
            yield Path(made)
        finally:
            subprocess.run(["umount", made], check=True)


def test_a_full_disk_is_told_and_leaves_room_as_it_was(small_disk: Path) -> None:  # R12
    storage = LocalStorage(small_disk / "files")
    storage.put_new("kept", [b"kept"])
    with pytest.raises(StorageFailed, match="No space left on device"):
        storage.put_new("large", (b"x" * 65536 for _ in range(64)))
    assert list(storage.list()) == ["kept"]
    storage.put_new("small", [b"x" * 65536])
    assert b"".join(storage.open("kept")) == b"kept"


HALF = """
import sys
from pathlib import Path
from app.core.storage_local import LocalStorage
def content():
    yield b"half"
    print("half", flush=True)
    sys.stdin.read()
LocalStorage(Path(sys.argv[1])).put_new("a", content())
"""


@pytest.fixture
def half_written(tmp_path: Path) -> Iterator[Callable[[], "subprocess.Popen[bytes]"]]:
    """A process that has written half of a file and waits."""
    started: list[subprocess.Popen[bytes]] = []

    def begin() -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-c", HALF, str(tmp_path)]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        started.append(process)
        assert process.stdout
        assert process.stdout.readline() == b"half\n"
        return process

    yield begin
    for process in started:
        process.kill()
        process.communicate()


def test_what_a_killed_writer_has_left_is_gone_at_the_next_start(  # R12
    tmp_path: Path, half_written: Callable[[], "subprocess.Popen[bytes]"]
) -> None:
    process = half_written()
    process.kill()
    process.communicate()
    assert len(list((tmp_path / PARTS).iterdir())) == 1
    storage = LocalStorage(tmp_path)
    assert list((tmp_path / PARTS).iterdir()) == []
    assert list(storage.list()) == []


def test_a_start_leaves_alone_what_another_process_still_writes(  # R11
    tmp_path: Path, half_written: Callable[[], "subprocess.Popen[bytes]"]
) -> None:
    process = half_written()
    storage = LocalStorage(tmp_path)
    with pytest.raises(NotStored):
        storage.open("a")
    process.communicate(timeout=30)
    assert process.returncode == 0
    assert b"".join(storage.open("a")) == b"half"


def test_a_file_that_was_cut_short_is_an_error_and_not_a_short_answer(tmp_path: Path) -> None:  # R13
    storage = LocalStorage(tmp_path)
    storage.put_new("a", [b"x" * 1000])
    reading = storage.open("a")
    os.truncate(tmp_path / "a", 10)
    with pytest.raises(StorageFailed, match="ends early"):
        list(reading)
