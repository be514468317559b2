"""What an administrator does with benchmarks: name a file that versions are compared with, and stop comparing."""

import hashlib
import json
from collections.abc import Sequence
from contextlib import suppress

from sqlalchemy import Select, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.core.audit import record
from app.core.database import change_one
from app.core.errors import Conflict, Invalid, NotFound, Place
from app.core.storage import AlreadyStored, Storage
from app.datasets.models import Benchmark
from app.datasets.policy import can_publish, can_see
from app.projects.queries import get_project_for


def key_of(project_id: int, sha256: str) -> str:
    """Where a benchmark's file lies: named by what is in it, so the same file is kept once."""
    return f"benchmarks/{project_id}/{sha256}"


def list_benchmarks(session: Session, actor: Actor, project_id: int) -> Sequence[Benchmark]:
    """The benchmarks that new versions of a project are compared with, by name."""
    get_project_for(session, actor, project_id)
    can_see(actor, project_id).require()
    return in_use(session, project_id)


def in_use(session: Session, project_id: int) -> Sequence[Benchmark]:
    """The same, for who publishes."""
    return session.scalars(used_by(project_id)).all()


def used_by(project_id: int) -> Select[Benchmark]:
    """The benchmarks of a project, by name: in the order of code points, which is that of every database (R14)."""
    found = select(Benchmark).where(Benchmark.project_id == project_id, Benchmark.removed_at.is_(None))
    return found.order_by(Benchmark.name.collate("C"), Benchmark.id)


def add(
    session: Session, storage: Storage, actor: Actor, project_id: int, *, name: str, licence: str, data: bytes
) -> Benchmark:
    """Keep a benchmark's file and compare every new version with it. Conflict where another one has the name.

    The same file of the same name and licence again changes nothing: it is the benchmark that there is.
    """
    project = get_project_for(session, actor, project_id)
    can_publish(actor, project.id).require()
    if not data.strip():
        raise Invalid("datasets.empty_benchmark", "This file holds no line.", Place("/file", "holds no line"))
    if not _is_text(data):
        raise _bad("holds no text: send JSON lines or plain text in UTF-8")
    digest = hashlib.sha256(data).hexdigest()
    benchmark = Benchmark(
        project_id=project.id, name=name, licence=licence, bytes=len(data), sha256=digest, added_by=actor.user_id
    )
    try:
        with session.begin_nested():
            session.add(benchmark)
    except IntegrityError:
        same = (Benchmark.name == name, Benchmark.licence == licence, Benchmark.sha256 == digest)
        if known := session.scalar(used_by(project.id).where(*same)):
            return known
        raise Conflict("datasets.benchmark_name_taken", "This project has a benchmark of that name already.") from None
    _keep(storage, key_of(project.id, digest), data)
    _record(session, actor, "datasets.benchmark_added", benchmark)
    return benchmark


def _keep(storage: Storage, key: str, data: bytes) -> None:
    """Store the file; one that lies there under its hash, of an earlier benchmark, stays if it is still these bytes."""
    try:
        storage.put_new(key, [data])
    except AlreadyStored:
        if b"".join(storage.open(key)) != data:
            storage.delete(key)
            storage.put_new(key, [data])


def require_lines(data: bytes) -> None:
    """Invalid for a file that is called JSON lines and begins otherwise."""
    try:
        with suppress(RecursionError):  # nested too deep to be read: it is compared as text
            json.loads(data.lstrip().split(b"\n", 1)[0] or b"0")
    except ValueError:
        raise _bad("is called JSON lines and begins with another kind of line: name it .txt if it is text") from None


def _is_text(data: bytes) -> bool:
    try:
        return "\0" not in data.decode()
    except UnicodeDecodeError:
        return False


def _bad(why: str) -> Invalid:
    sentence = "This benchmark was not accepted; nothing was stored."
    return Invalid("datasets.bad_benchmark", sentence, Place("/file", why))


def remove(session: Session, actor: Actor, benchmark_id: int) -> Benchmark:
    """Compare no later version with it. Its file stays: earlier reports name it."""
    benchmark = session.scalar(
        select(Benchmark).where(Benchmark.id == benchmark_id, Benchmark.project_id.in_(actor.reviewed_projects()))
    )
    if benchmark is None:
        raise NotFound("datasets.no_such_benchmark", "There is no such benchmark.")
    can_publish(actor, benchmark.project_id).require()
    ended = update(Benchmark).where(Benchmark.id == benchmark.id, Benchmark.removed_at.is_(None))
    late = Conflict("datasets.benchmark_removed", "This benchmark was removed already.")
    change_one(session, ended.values(removed_at=func.now()), otherwise=late)
    _record(session, actor, "datasets.benchmark_removed", benchmark)
    return benchmark


def _record(session: Session, actor: Actor, action: str, benchmark: Benchmark) -> None:
    record(
        session, action, "benchmark", benchmark.id,
        actor_id=actor.user_id, origin=actor.origin, project_id=benchmark.project_id,
    )  # fmt: skip
