"""What changed from one version to another: rows added, removed, written anew, moved to another split."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, FromClause, func, select
from sqlalchemy.orm import Session, aliased

from app.core.diff import Segment, diff
from app.core.paging import PAGE_SIZE
from app.datasets.models import Split, VersionRow
from app.projects.models import Category
from app.prompts.models import Prompt
from app.writing.models import Revision, Submission


class Kind(StrEnum):
    """What can happen to a response between two versions. One that moved may have changed as well."""

    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"


@dataclass(frozen=True)
class Change:
    """One response in both versions or in one: its splits, its revisions, what was asked, what became of its text."""

    submission_id: int
    was: Split | None
    split: Split | None
    old_revision: int | None
    new_revision: int | None
    category: str
    language: str
    asked: Sequence[Mapping[str, Any]]
    segments: Sequence[Segment]


class Comparison:
    """The rows of two versions side by side, joined by submission."""

    def __init__(self, old_id: int, new_id: int) -> None:
        old = select(VersionRow).where(VersionRow.version_id == old_id).subquery("old")
        new = select(VersionRow).where(VersionRow.version_id == new_id).subquery("new")
        self.old, self.new = old.c, new.c
        self.both: FromClause = old.join(new, old.c.submission_id == new.c.submission_id, full=True)
        self.submission_id = func.coalesce(new.c.submission_id, old.c.submission_id)
        self.conditions: Mapping[Kind, ColumnElement[bool]] = {
            Kind.CHANGED: old.c.revision_id != new.c.revision_id,
            Kind.ADDED: old.c.submission_id.is_(None),
            Kind.REMOVED: new.c.submission_id.is_(None),
            Kind.MOVED: old.c.split != new.c.split,
        }
        self.left_test = (old.c.split == Split.TEST) & (new.c.split != Split.TEST)


@dataclass(frozen=True)
class Counts:
    """How many rows of each kind, by split (the new one where there is one), and how many left the test split."""

    by_kind: Mapping[str, Mapping[str, int]]
    left_test: int

    def all(self, kind: str) -> int:
        """Rows of a kind in every split."""
        return sum(self.by_kind[kind].values())


def count(session: Session, old_id: int, new_id: int) -> Counts:
    """Count what happened, in one pass over both versions. `same` are the rows with the same revision."""
    of = Comparison(old_id, new_id)
    split = func.coalesce(of.new.split, of.old.split)
    kinds: dict[str, ColumnElement[bool]] = {"same": of.old.revision_id == of.new.revision_id}
    kinds |= {kind.value: condition for kind, condition in of.conditions.items()}
    columns = [func.count().filter(condition).label(kind) for kind, condition in kinds.items()]
    counted = select(split.label("split"), func.count().filter(of.left_test).label("left_test"), *columns)
    rows = session.execute(counted.select_from(of.both).group_by(split)).mappings().all()
    by_split = {row["split"]: row for row in rows}
    return Counts(
        {kind: {s.value: by_split[s][kind] if s in by_split else 0 for s in Split} for kind in kinds},
        sum(row["left_test"] for row in rows),
    )


def list_changes(session: Session, old_id: int, new_id: int, kind: Kind, *, after: int) -> list[Change]:
    """Up to a page and one of the responses of a kind, past submission id `after`."""
    of = Comparison(old_id, new_id)
    before, now = aliased(Revision), aliased(Revision)
    listed = (
        select(of.submission_id.label("id"), of.old.split, of.new.split, before, now, Prompt.language, Category.name)
        .select_from(of.both)
        .join(Submission, Submission.id == of.submission_id)
        .join(Prompt, Prompt.id == Submission.prompt_id)
        .outerjoin(Category, Category.id == Submission.category_id)
        .outerjoin(before, before.id == of.old.revision_id)
        .outerjoin(now, now.id == of.new.revision_id)
        .where(of.conditions[kind], of.submission_id > after)
        .order_by(of.submission_id)
        .limit(PAGE_SIZE + 1)
    )
    return [
        Change(
            submission_id=submission_id,
            was=was,
            split=split,
            old_revision=old.number if old else None,
            new_revision=new.number if new else None,
            category=category or "",
            language=language,
            asked=(new or old).prompt_messages,
            segments=diff(response(old), response(new)) if old and new else [("equal", response(new or old))],
        )
        for submission_id, was, split, old, new, language, category in session.execute(listed)
    ]


def response(revision: Revision) -> str:
    """What was answered, the turns one after another."""
    return "\n\n".join(turn["content"] for turn in revision.messages)
