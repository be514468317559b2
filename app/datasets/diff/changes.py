"""What changed from one version to another: rows added, removed, written anew, moved to another split."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, FromClause, func, select
from sqlalchemy.orm import Session, aliased

from app.accounts.actor import Actor
from app.core.diff import Segment, diff
from app.core.paging import PAGE_SIZE, CursorBook, Page
from app.datasets.models import Split, Version, VersionRow
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
    """One response in both versions or in one: its splits, and its revisions as both versions hold them."""

    submission_id: int
    was: Split | None
    split: Split | None
    old: Revision | None
    new: Revision | None
    category: str
    language: str

    @property
    def old_revision(self) -> int | None:
        """The number of the revision that the older version holds."""
        return self.old.number if self.old else None

    @property
    def new_revision(self) -> int | None:
        """The number of the revision that the newer version holds."""
        return self.new.number if self.new else None

    @property
    def asked(self) -> Sequence[Segment]:
        """What became of the words of the question."""
        return compared(self.old, self.new, question)

    @property
    def segments(self) -> Sequence[Segment]:
        """What became of the words of the response."""
        return compared(self.old, self.new, response)


class Comparison:
    """The rows of two versions side by side, joined by submission, past submission id `after`."""

    def __init__(self, old_id: int, new_id: int, after: int = 0) -> None:
        rows = select(VersionRow).where(VersionRow.submission_id > after)
        old = rows.where(VersionRow.version_id == old_id).subquery("old")
        new = rows.where(VersionRow.version_id == new_id).subquery("new")
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
    """How many rows of each kind, by split (the new one where there is one) and by category; how many left test."""

    by_kind: Mapping[str, Mapping[str, int]]
    by_category: Mapping[str, Mapping[str, int]]
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
    category = func.coalesce(Category.name, "")
    counted = (
        select(split.label("split"), category.label("category"), func.count().filter(of.left_test).label("left_test"))
        .add_columns(*columns)
        .select_from(of.both)
        .join(Submission, Submission.id == of.submission_id)
        .outerjoin(Category, Category.id == Submission.category_id)
        .group_by(split, category)
        .order_by(category)
    )
    by_kind = {kind: {s.value: 0 for s in Split} for kind in kinds}
    by_category: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(kinds, 0))
    left_test = 0
    for row in session.execute(counted).mappings():
        left_test += row["left_test"]
        for kind in kinds:
            by_kind[kind][row["split"]] += row[kind]
            by_category[row["category"]][kind] += row[kind]
    return Counts(by_kind, dict(by_category), left_test)


def list_changes(
    session: Session, old_id: int, new_id: int, kind: Kind, *, after: int, limit: int = PAGE_SIZE + 1
) -> list[Change]:
    """Up to `limit` of the responses of a kind, past submission id `after`, in the order of their ids."""
    of = Comparison(old_id, new_id, after)
    before, now = aliased(Revision), aliased(Revision)
    listed = (
        select(of.submission_id.label("id"), of.old.split, of.new.split, before, now, Prompt.language, Category.name)
        .select_from(of.both)
        .join(Submission, Submission.id == of.submission_id)
        .join(Prompt, Prompt.id == Submission.prompt_id)
        .outerjoin(Category, Category.id == Submission.category_id)
        .outerjoin(before, before.id == of.old.revision_id)
        .outerjoin(now, now.id == of.new.revision_id)
        .where(of.conditions[kind])
        .order_by(of.submission_id)
        .limit(limit)
    )
    return [
        Change(submission_id, was, split, old, new, category or "", language)
        for submission_id, was, split, old, new, language, category in session.execute(listed)
    ]


def page_of_changes(
    session: Session, actor: Actor, keys: list[bytes], versions: tuple[Version, Version], kind: Kind, cursor: str | None
) -> Page[Change]:
    """A page of the responses of a kind; `versions` are the newer and the older one."""
    newer, older = versions
    book = CursorBook(keys, "changes", actor.user_id, [newer.id, older.id, kind])
    rows = list_changes(session, older.id, newer.id, kind, after=book.read(cursor) or 0)
    return book.page(rows, position=lambda change: change.submission_id)


def compared(old: Revision | None, new: Revision | None, text: Callable[[Revision], str]) -> Sequence[Segment]:
    """A text of both revisions, word by word; of the one that there is, as it stands."""
    if old and new:
        return diff(text(old), text(new))
    only = new or old
    return [("equal", text(only))] if only else []


def question(revision: Revision) -> str:
    """What was asked last."""
    return str(revision.prompt_messages[-1]["content"])


def response(revision: Revision) -> str:
    """What was answered, the turns one after another."""
    return "\n\n".join(turn["content"] for turn in revision.messages)
