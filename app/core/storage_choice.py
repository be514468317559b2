"""Which storage an installation has: a folder, or a bucket where a URL is set (decision 0002)."""

from pathlib import Path

from app.core.storage import Storage
from app.core.storage_local import LocalStorage


def open_storage(url: str | None, folder: Path) -> Storage:
    """The storage of an installation: `s3://bucket/prefix` where a URL is set, else the folder.

    S3 takes its credentials, region and endpoint from the usual AWS_… variables.
    """
    if url:
        from app.core.storage_s3 import ObjectStorage  # 15 MB that a folder needs not load

        return ObjectStorage.from_url(url)
    return LocalStorage(folder)
