"""What changed from one version to another: rows added, removed, written anew, moved to another split."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, FromClause, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from app.core.database import Base
from app.core.diff import Segment, diff
from app.core.paging import PAGE_SIZE
from app.datasets.models import HeldOut, Part, Split, VersionRow
from app.projects.models import Category
from app.prompts.models import Prompt
from app.writing.models import Revision, Submission


class Kind(StrEnum):
    """What can happen to a response between two versions. One that moved, to another file, may have changed as well."""

    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"


@dataclass(frozen=True, kw_only=True)
class Moved:
    """Where a row lies in both versions, or in one: its files."""

    was_part: Part | None
    part: Part | None

    @property
    def was(self) -> Split | None:
        """Its split in the older version."""
        return self.was_part.in_split if self.was_part else None

    @property
    def split(self) -> Split | None:
        """Its split in the newer version."""
        return self.part.in_split if self.part else None


@dataclass(frozen=True, kw_only=True)
class Change(Moved):
    """One response in both versions or in one: its files, and its revisions as both versions hold them."""

    submission_id: int
    old: Revision | None
    new: Revision | None
    category: str
    language: str

    @property
    def name(self) -> int:
        """What names the row in every version."""
        return self.submission_id

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


@dataclass(frozen=True)
class Rows:
    """Where the rows of versions of one kind lie: what names a row in every version, and what it says there."""

    table: FromClause
    name: str
    says: Sequence[str]


class Comparison:
    """The rows of two versions side by side, joined by their name, past the name `after`."""

    def __init__(self, of: Rows, old_id: int, new_id: int, after: int = 0) -> None:
        rows = select(of.table).where(of.table.c[of.name] > after)
        old = rows.where(of.table.c.version_id == old_id).subquery("old")
        new = rows.where(of.table.c.version_id == new_id).subquery("new")
        self.old, self.new = old.c, new.c
        self.both: FromClause = old.join(new, old.c[of.name] == new.c[of.name], full=True)
        self.name = func.coalesce(new.c[of.name], old.c[of.name])
        self.changed = or_(*(old.c[one] != new.c[one] for one in of.says))
        self.same = and_(*(old.c[one] == new.c[one] for one in of.says))
        self.conditions: Mapping[Kind, ColumnElement[bool]] = {
            Kind.CHANGED: self.changed,
            Kind.ADDED: old.c[of.name].is_(None),
            Kind.REMOVED: new.c[of.name].is_(None),
            Kind.MOVED: (old.c.split != new.c.split)
            | (of_both(old, new, of.name) & old.c.held_out.is_distinct_from(new.c.held_out)),
        }
        self.left_test = (old.c.split == Split.TEST) & (new.c.split != Split.TEST)


def of_both(old: FromClause, new: FromClause, name: str) -> ColumnElement[bool]:
    """Whether a row is in both versions."""
    return old.c[name].is_not(None) & new.c[name].is_not(None)


def part_of(split: Split | None, held_out: HeldOut | None) -> Part | None:
    """The file in which a row lies; None where a version does not hold it."""
    return Part.of(split, held_out) if split else None


RESPONSES = Rows(Base.metadata.tables[VersionRow.__tablename__], "submission_id", ["revision_id"])


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
    """Count what happened to responses, in one pass over both versions. `same` are the rows with the same revision."""
    of = Comparison(RESPONSES, old_id, new_id)
    category = func.coalesce(Category.name, "")
    in_category = of.both.join(Submission, Submission.id == of.name)
    return counted(session, of, in_category.outerjoin(Category, Category.id == Submission.category_id), category)


def counted(session: Session, of: Comparison, rows: FromClause, category: ColumnElement[str]) -> Counts:
    """The counts of a comparison; `rows` joins it with what says the category."""
    split = func.coalesce(of.new.split, of.old.split)
    kinds: dict[str, ColumnElement[bool]] = {"same": of.same}
    kinds |= {kind.value: condition for kind, condition in of.conditions.items()}
    columns = [func.count().filter(condition).label(kind) for kind, condition in kinds.items()]
    found = (
        select(split.label("split"), category.label("category"), func.count().filter(of.left_test).label("left_test"))
        .add_columns(*columns)
        .select_from(rows)
        .group_by(split, category)
        .order_by(category)
    )
    by_kind = {kind: {s.value: 0 for s in Split} for kind in kinds}
    by_category: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(kinds, 0))
    left_test = 0
    for row in session.execute(found).mappings():
        left_test += row["left_test"]
        for kind in kinds:
            by_kind[kind][row["split"]] += row[kind]
            by_category[row["category"]][kind] += row[kind]
    return Counts(by_kind, dict(by_category), left_test)


def list_changes(
    session: Session, old_id: int, new_id: int, kind: Kind, *, after: int, limit: int = PAGE_SIZE + 1
) -> list[Change]:
    """Up to `limit` of the responses of a kind, past submission id `after`, in the order of their ids."""
    of = Comparison(RESPONSES, old_id, new_id, after)
    before, now = aliased(Revision), aliased(Revision)
    files = [of.old.split, of.old.held_out, of.new.split, of.new.held_out]
    listed = (
        select(of.name.label("id"), before, now, Prompt.language, Category.name, *files)
        .select_from(of.both)
        .join(Submission, Submission.id == of.name)
        .join(Prompt, Prompt.id == Submission.prompt_id)
        .outerjoin(Category, Category.id == Submission.category_id)
        .outerjoin(before, before.id == of.old.revision_id)
        .outerjoin(now, now.id == of.new.revision_id)
        .where(of.conditions[kind])
        .order_by(of.name)
        .limit(limit)
    )
    return [
        Change(
            submission_id=submission_id,
            was_part=part_of(*files[:2]),
            part=part_of(*files[2:]),
            old=old,
            new=new,
            category=category or "",
            language=language,
        )
        for submission_id, old, new, language, category, *files in session.execute(listed)
    ]


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
