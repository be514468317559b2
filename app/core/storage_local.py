"""Files in a folder: whole or absent even after a power cut, and never outside of the folder."""

import errno
import fcntl
import os
import secrets
import stat
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from app.core.storage import CHUNK_BYTES, KEY, AlreadyStored, NotStored, Storage, StorageFailed, checked, clamped

PARTS = ".parts"  # no key begins with a dot
FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW


class Disk:
    """The calls that write. All of them, so that a test can make the n-th of them fail."""

    def create(self, name: str, folder: int) -> int:
        """Open a new file of our own (0600) for writing."""
        return os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600, dir_fd=folder)

    def make_folder(self, name: str, folder: int) -> None:
        """Make a folder of our own (0700)."""
        os.mkdir(name, 0o700, dir_fd=folder)

    def write(self, file: int, data: memoryview) -> int:
        """Write some of the data and say how much."""
        return os.write(file, data)

    def sync(self, descriptor: int) -> None:
        """Wait until a file's bytes, or a folder's names, are on the disk."""
        os.fsync(descriptor)

    def name(self, part: str, parts: int, name: str, folder: int) -> None:
        """Give a finished part its name. Unlike a rename, a link refuses a name that is taken."""
        os.link(part, name, src_dir_fd=parts, dst_dir_fd=folder, follow_symlinks=False)

    def remove(self, name: str, folder: int) -> None:
        """Take a name away."""
        os.unlink(name, dir_fd=folder)


class LocalStorage(Storage):
    """A file a key below a root folder. Folders are walked by handle and links are not followed."""

    def __init__(self, root: Path, disk: Disk | None = None) -> None:
        self.root = root.resolve()
        self.disk = disk or Disk()
        (self.root / PARTS).mkdir(mode=0o700, parents=True, exist_ok=True)
        self.remove_abandoned_parts()

    def put_new(self, key: str, content: Path | Iterable[bytes]) -> int:
        """See Storage."""
        parents, name = split(key)
        with writing(key), self.folder([PARTS]) as parts, self.folder(parents, make=True) as folder:
            if exists(name, folder):
                raise AlreadyStored(f"{key} is stored already.")
            part = secrets.token_hex(16)
            file = self.disk.create(part, parts)
            try:
                fcntl.flock(file, fcntl.LOCK_EX)  # tells a Penset that starts that somebody still writes here
                size = self.fill(file, content)
                self.disk.sync(file)  # a failed fsync may have lost pages for good: never asked a second time
                self.publish(part, parts, name, folder)
            except FileExistsError:
                raise AlreadyStored(f"{key} is stored already.") from None
            finally:
                os.close(file)
                with suppress(OSError):  # the next start tries again
                    self.disk.remove(part, parts)
        return size

    def open(self, key: str, span: tuple[int, int] | None = None) -> Iterator[bytes]:
        """See Storage."""
        return self.read(key, *clamped(span, self.size(key)))

    def size(self, key: str) -> int:
        """See Storage."""
        with self.opened(key) as file:
            return os.fstat(file.fileno()).st_size

    def stamp(self, key: str) -> str:
        """See Storage."""
        with self.opened(key) as file:
            now = os.fstat(file.fileno())
        return f"{now.st_dev}-{now.st_ino}-{now.st_size}-{now.st_mtime_ns}-{now.st_ctime_ns}"

    def delete(self, key: str) -> None:
        """See Storage."""
        parents, name = split(key)
        with suppress(NotStored), reading(key), self.folder(parents) as folder:
            self.disk.remove(name, folder)
            self.disk.sync(folder)

    def list(self, prefix: str = "") -> Iterator[str]:
        """See Storage."""
        base = checked(prefix).split("/") if prefix else []
        found: set[str] = set()
        with suppress(NotStored), reading(prefix), self.folder(base) as folder:
            found = {"/".join([*base, *below]) for below in files_below(folder)}
        return iter(sorted(key for key in found if KEY.fullmatch(key)))

    def remove_abandoned_parts(self) -> None:
        """Remove what a killed process has half-written. A part that somebody still writes is locked and stays."""
        for part in (self.root / PARTS).iterdir():
            with suppress(OSError), part.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                part.unlink()

    def fill(self, file: int, content: Path | Iterable[bytes]) -> int:
        """Write all of the content and say its size in bytes."""
        size = 0
        for chunk in chunks(content):
            left = memoryview(chunk)
            while left:
                left = left[self.disk.write(file, left) :]
            size += len(chunk)
        return size

    def publish(self, part: str, parts: int, name: str, folder: int) -> None:
        """Name the finished part, and make the name last. A name that may not last is taken back."""
        self.disk.name(part, parts, name, folder)
        try:
            self.disk.sync(folder)
        except OSError:
            with suppress(OSError):
                self.disk.remove(name, folder)
            raise

    def read(self, key: str, start: int, end: int) -> Iterator[bytes]:
        """The bytes from start to end. A file that ends before its end is an error, not a short answer."""
        with self.opened(key) as file:
            file.seek(start)
            while start < end:
                with reading(key):
                    chunk = file.read(min(CHUNK_BYTES, end - start))
                if not chunk:
                    raise StorageFailed(f"{key} ends early: {end - start} bytes are missing.")
                start += len(chunk)
                yield chunk

    @contextmanager
    def opened(self, key: str) -> Iterator[IO[bytes]]:
        """The file, open to read. NotStored for a link, a folder or a device as well."""
        parents, name = split(key)
        with reading(key), self.folder(parents) as folder:
            handle = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            os.close(handle)
            raise NotStored(f"{key} is not stored.")
        with os.fdopen(handle, "rb") as file:
            yield file

    @contextmanager
    def folder(self, segments: Sequence[str], *, make: bool = False) -> Iterator[int]:
        """A handle on a folder below the root, walked segment by segment without following a link."""
        handle = os.open(self.root, FOLDER)
        try:
            for segment in segments:
                if make and not exists(segment, handle):
                    with suppress(FileExistsError):  # another writer was first
                        self.disk.make_folder(segment, handle)
                    self.disk.sync(handle)
                below = os.open(segment, FOLDER, dir_fd=handle)
                os.close(handle)
                handle = below
            yield handle
        finally:
            os.close(handle)


def split(key: str) -> tuple[Sequence[str], str]:
    """The key's folders and its file name, once the key has been checked."""
    *parents, name = checked(key).split("/")
    return parents, name


def exists(name: str, folder: int) -> bool:
    """Whether the folder has this name, be it a dangling link."""
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def chunks(content: Path | Iterable[bytes]) -> Iterator[bytes]:
    """The content in pieces."""
    if isinstance(content, Path):
        with content.open("rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                yield chunk
    else:
        yield from content


def files_below(folder: int) -> Iterator[Sequence[str]]:
    """The segments of each file below the folder. Links, devices and hidden folders are passed over."""
    for path, folders, names, handle in os.fwalk(".", onerror=tell, follow_symlinks=False, dir_fd=folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            if stat.S_ISREG(os.stat(name, dir_fd=handle, follow_symlinks=False).st_mode):
                yield [*path.split("/")[1:], name]


def tell(error: OSError) -> None:
    """Let a folder that cannot be read be an error, not an empty folder."""
    raise error


@contextmanager
def reading(key: str) -> Iterator[None]:
    """Turn what the disk says into NotStored or StorageFailed, which name the key."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENXIO):
            raise NotStored(f"{key} is not stored.") from error
        raise StorageFailed(f"{key} cannot be read: {error.strerror}.") from error


@contextmanager
def writing(key: str) -> Iterator[None]:
    """Turn what the disk says into StorageFailed, which names the key."""
    try:
        yield
    except OSError as error:
        raise StorageFailed(f"{key} cannot be written: {error.strerror}.") from error
