"""Files in an S3-compatible object storage, so that several machines share them."""

import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, GenericError
from obstore.store import ObjectStore, S3Store

from app.core.errors import StartRefused
from app.core.storage import (
    CHUNK_BYTES,
    AlreadyStored,
    NotStored,
    Storage,
    StorageError,
    StorageFailed,
    checked,
    clamped,
)

# A larger file goes up in parts, and S3 has no "create only" for those: we look first. Our keys are unique, so two
# writers of one key would be the same job twice.
SINGLE_PUT_BYTES = 64 * 1024 * 1024
# All of the library's words that may be told: the rest names addresses.
STATUS = re.compile(r"status code: ([0-9]{3}(?: [A-Za-z]+)*)")


class ObjectStorage(Storage):
    """An object a key. The service makes a whole object appear at once."""

    def __init__(self, store: ObjectStore) -> None:
        self.store = store

    @classmethod
    def from_url(cls, url: str) -> "ObjectStorage":
        """The storage of `s3://bucket/prefix`; credentials, region and endpoint come from AWS_… variables.

        StartRefused for an address that is none.
        """
        try:
            return cls(S3Store.from_url(url, retry_config={"max_retries": 4}))
        except (BaseError, ValueError):
            raise StartRefused("PENSET_STORAGE_URL is no address of a bucket: give s3://bucket/prefix.") from None

    def put_new(self, key: str, content: Path | Iterable[bytes]) -> int:
        """See Storage."""
        with spooled(content) as file, telling(checked(key)):
            size = file.seek(0, 2)
            file.seek(0)
            try:
                if size <= SINGLE_PUT_BYTES:
                    obstore.put(self.store, key, file, mode="create")
                else:
                    self.put_large(key, file)
            except FileNotFoundError as error:  # it is not the key that is missing
                raise StorageFailed(f"{key}: {said(error)}. Is there such a bucket?") from error
        return size

    def put_large(self, key: str, file: IO[bytes]) -> None:
        """Send a large file in parts, once we have seen that the key is free."""
        with suppress(NotStored):
            self.size(key)
            raise AlreadyStored(f"{key} is stored already.")
        obstore.put(self.store, key, file, use_multipart=True)

    def open(self, key: str, span: tuple[int, int] | None = None) -> Iterator[bytes]:
        """See Storage."""
        start, end = clamped(span, self.size(key))
        return self.read(key, start, end) if start < end else iter(())

    def read(self, key: str, start: int, end: int) -> Iterator[bytes]:
        """The bytes from start to end, which must not be the same."""
        with telling(key):
            answer = obstore.get(self.store, key, options={"range": (start, end)})
            for chunk in answer.stream(min_chunk_size=CHUNK_BYTES):
                yield bytes(chunk)

    def size(self, key: str) -> int:
        """See Storage."""
        with telling(checked(key)):
            return obstore.head(self.store, key)["size"]

    def stamp(self, key: str) -> str:
        """See Storage."""
        with telling(checked(key)):
            now = obstore.head(self.store, key)
        return f"{now['e_tag']}-{now['size']}-{now['last_modified'].isoformat()}"

    def delete(self, key: str) -> None:
        """See Storage."""
        with suppress(NotStored), telling(checked(key)):
            obstore.delete(self.store, key)

    def list(self, prefix: str = "") -> Iterator[str]:
        """See Storage."""
        with telling(prefix):
            batches = obstore.list(self.store, checked(prefix) if prefix else None)
            return iter(sorted(entry["path"] for batch in batches for entry in batch))


@contextmanager
def spooled(content: Path | Iterable[bytes]) -> Iterator[IO[bytes]]:
    """The content as a file whose size is known: the sender must know it before the first byte."""
    if isinstance(content, Path):
        with content.open("rb") as file:
            yield file
        return
    with tempfile.TemporaryFile() as file:
        file.writelines(content)
        file.flush()
        yield file


@contextmanager
def telling(key: str) -> Iterator[None]:
    """Turn what the service says into our errors, which name the key and carry no credentials."""
    try:
        yield
    except StorageError:
        raise
    except FileNotFoundError as error:
        raise NotStored(f"{key} is not stored.") from error
    except AlreadyExistsError as error:
        raise AlreadyStored(f"{key} is stored already.") from error
    except (BaseError, OSError) as error:
        raise StorageFailed(f"{key}: {said(error)}.".removeprefix(": ")) from error


def said(error: Exception) -> str:
    """What the service said, without addresses and credentials, or that it said nothing."""
    if status := STATUS.search(str(error)):
        return f"the object storage answered {status[1]}"
    unreached = isinstance(error, GenericError)
    return "the object storage does not answer" if unreached else f"the object storage answered {type(error).__name__}"
