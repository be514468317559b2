"""In what do datasets of different kinds differ? What publishing and pages ask of a kind."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from app.datasets.diff.changes import Counts
from app.datasets.diff.changes import Kind as Change
from app.datasets.models import Part, Version
from app.datasets.publish.gather import Gathered
from app.datasets.publish.progress import Tell
from app.datasets.rule.preview import Preview
from app.datasets.splits.joined import Joined
from app.datasets.splits.placing import Placing
from app.datasets.withdrawn import Dropped


@dataclass(frozen=True)
class Task:
    """What a version is to be: read once, before the work."""

    version: Version
    project: str
    dataset: str
    parent: int | None
    joined: Mapping[int, Joined]


@dataclass(frozen=True)
class Changes:
    """What happened to rows from an older version (the first id) to a newer one: counted; those of a kind, past a name,
    up to so many; and one of them as a line of a file."""

    count: Callable[[Session, int, int], Counts]
    list: Callable[[Session, int, int, Change, int, int], Sequence[Any]]
    as_row: Callable[[Change, Any], dict[str, Any]]


@dataclass(frozen=True)
class Kind:
    """One kind of dataset.

    `rule` checks a rule and gives it as it is stored, `in_words` says it, `preview` counts what it takes now (the
    last argument: for how many seconds what people say can still be taken back). `gather` reads one snapshot;
    `describe` and `card` make the manifest and README.md of it, `list_rows` stores which rows a version holds.
    `shown` reads rows for a page; `dropped` those that were withdrawn since, past a position, up to so many, and
    `count_dropped` counts them, by the ids of versions that have any. `withheld` says why nobody, or
    the person of an id, is given a version's files now, or nothing. `nothing` is said where a rule takes no row.
    """

    rule: Callable[[Mapping[str, Any]], dict[str, Any]]
    in_words: Callable[[Mapping[str, Any]], str]
    preview: Callable[[Session, int, Mapping[str, Any], int], Preview]
    gather: Callable[[Session, Version, Tell], Gathered[Any]]
    describe: Callable[[Task, Gathered[Any], Placing[Any], Mapping[str, Any]], dict[str, Any]]
    card: Callable[[Mapping[str, Any]], str]
    body: Callable[[Mapping[str, Any]], str]
    list_rows: Callable[[Session, int, Iterable[tuple[Any, Part]]], None]
    shown: Callable[[Session, int, Part | None, int], Sequence[Any]]
    dropped: Callable[[Session, Version, int, int], Sequence[Dropped]]
    count_dropped: Callable[[Session, Sequence[Version]], Mapping[int, int]]
    withheld: Callable[[Session, Version, int], str]
    changes: Changes
    nothing: str


def to_tell(task: Task, gathered: Gathered[Any], placing: Placing[Any], compared: Mapping[str, Any]) -> dict[str, Any]:
    """What the manifest of any kind is made of beside its rule."""
    version = task.version
    return {
        "project": task.project,
        "dataset": task.dataset,
        "number": version.number,
        "parent": task.parent,
        "placing": placing,
        "settled_before": gathered.kept,
        "salt": str(version.project_id),
        "contamination": compared,
        "rule_number": version.rule_number,
    }


def copy_into(session: Session, statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
    """Store many rows at once: `statement` is a COPY … FROM STDIN."""
    connection = session.connection().connection.driver_connection
    assert connection
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
