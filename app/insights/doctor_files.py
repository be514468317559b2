"""Do the files of published versions lie in storage, whole and unchanged? Reads every byte; changes nothing."""

import hashlib
from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.core.storage import NotStored, Storage, StorageError
from app.datasets.contamination.benchmarks import key_of as benchmark_key
from app.datasets.files import FileFact, folder_of, key_of, version_files
from app.datasets.formats.asked import offers
from app.datasets.formats.making import folder_of as formats_of
from app.datasets.models import Benchmark, RetiredVersion, Version, VersionStatus
from app.insights.doctor import LISTED, Check, Result

WHOLE = Check(
    "files-are-whole",
    "Every file of a published version, and of a benchmark in use, lies in storage with the bytes that it had.",
)
NEEDED = Check("no-file-without-version", "Every file in storage belongs to a version.")


def examine_files(session: Session, storage: Storage) -> list[Result]:
    """Both questions. Files of a version that is not published yet, or failed and may be tried again, are no matter."""
    known: set[str] = set()
    broken: list[str] = []
    retired = set(session.scalars(select(RetiredVersion.version_id)))
    for version in published(session):
        if version.id in retired:
            continue  # a person was erased, and the files with them
        for fact in version_files(version):
            key = key_of(version.id, fact.sha256)
            if wrong := what_is_wrong(storage, key, fact):
                broken.append(f"version {version.number} of “{version.dataset.name}”, {fact.name}: {wrong}")
            known.add(key)
        for offer in offers(session, version):
            for fact in offer.files:
                key = f"{formats_of(version.id)}/{fact.sha256}"
                if wrong := what_is_wrong(storage, key, fact):
                    broken.append(f"{offer.form.title} of version {version.number}, {fact.name}: {wrong}")
    for benchmark in session.scalars(select(Benchmark).where(Benchmark.removed_at.is_(None)).order_by(Benchmark.id)):
        fact = FileFact(benchmark.name, benchmark.bytes, benchmark.sha256)
        if wrong := what_is_wrong(storage, benchmark_key(benchmark.project_id, benchmark.sha256), fact):
            broken.append(f"benchmark “{benchmark.name}” of project {benchmark.project_id}: {wrong}")
    excused = unfinished(session)
    spare = [f"file {key}" for key in storage.list("versions") if key not in known and not key.startswith(excused)]
    return [Result(WHOLE, broken[:LISTED], len(broken)), Result(NEEDED, spare[:LISTED], len(spare))]


def published(session: Session) -> Iterator[Version]:
    """Every published version, oldest first."""
    found = select(Version).where(Version.status == VersionStatus.PUBLISHED).options(joinedload(Version.dataset))
    yield from session.scalars(found.order_by(Version.id).execution_options(yield_per=100))


def unfinished(session: Session) -> tuple[str, ...]:
    """The folders of versions that are not published: their files may be there before them."""
    found = session.scalars(select(Version.id).where(Version.status != VersionStatus.PUBLISHED))
    return tuple(f"{folder_of(version_id)}/" for version_id in found)


def what_is_wrong(storage: Storage, key: str, fact: FileFact) -> str:
    """Missing, or of another size or hash; nothing when it is as it should be."""
    try:
        if storage.size(key) != fact.bytes:
            return f"has {storage.size(key):,} bytes instead of {fact.bytes:,}"
        digest = hashlib.sha256()
        for chunk in storage.open(key):
            digest.update(chunk)
    except NotStored:
        return "is missing"
    except StorageError as why:
        return f"cannot be read: {why}"
    return "" if digest.hexdigest() == fact.sha256 else "has other bytes than its hash says"
