"""What a version is made of: one statement, so one snapshot. Texts wait in a nameless file, memory holds a few words.

A single SELECT sees the database as it was when it began, however long its rows are read and whatever is written
meanwhile: no transaction needs to stay open while prompts are compared and files are written.
"""

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from sys import intern
from typing import IO, Any, Generic, TypeVar

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.datasets.contamination.benchmarks import in_use
from app.datasets.models import Benchmark, KeptOut, PromptSplit, Split, Version
from app.datasets.publish.progress import Tell, counted, quiet
from app.datasets.publish.rows import check_whole, line_of, row_of
from app.datasets.rule.rules import checked_rule
from app.datasets.rule.selection import judged_now
from app.datasets.splits.held_out import Outside
from app.projects.consents import terms_accepted
from app.projects.models import Guidelines
from app.prompts.fingerprints import question
from app.prompts.models import Prompt
from app.review.queries import approved_revisions
from app.writing.models import Submission

BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyRow:
    """What is remembered of a row of any kind: all but its text, which lies in the spool from `start` on.

    A million of them are held at once, so they are small, and what many have in common is there once. `author_id`:
    whose row it is where writers are held out. `only_tested`: whatever asks the same must not be trained on.
    """

    prompt_id: int
    author_id: int | None
    annotator: str
    category: str
    category_id: int | None
    language: str
    licence: str
    source: str
    start: int
    size: int
    only_tested: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact(AnyRow):
    """A row that is an approved response with its prompt."""

    submission_id: int
    revision_id: int
    guidelines: int | None
    turns: int
    prompt_characters: int
    response_characters: int


R = TypeVar("R", bound=AnyRow)


class Spool:
    """The lines of all rows, one after another, in a file that has no name and is gone when the process is."""

    def __init__(self) -> None:
        self._file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the gathering
        self._end = 0

    def add(self, line: bytes) -> int:
        """Set a line aside and say where it begins."""
        start = self._end
        self._file.write(line)
        self._end += len(line)
        return start

    def lines(self, facts: Iterable[AnyRow]) -> Iterator[bytes]:
        """The lines of these rows, in this order."""
        for fact in facts:
            self._file.seek(fact.start)
            yield self._file.read(fact.size)

    def close(self) -> None:
        """Let go of the texts."""
        self._file.close()


@dataclass(frozen=True)
class Gathered(Generic[R]):
    """One snapshot of a project: the rows that the rule takes, by prompt and number, and what was settled earlier.

    `consents`: who accepted which text and licence, the first accepted first. `guideline_texts`: by their version.
    `outside`: the writers and the categories that earlier versions held out. `figures`: what else the manifest says.
    """

    facts: Sequence[R]
    spool: Spool
    criteria: Sequence[str]
    asked: Sequence[tuple[int, str]]
    kept: Mapping[int, Split]
    outside: Outside
    consents: Mapping[tuple[str, str], frozenset[int]]
    guideline_texts: Mapping[int, str]
    benchmarks: Sequence[Benchmark] = ()
    figures: Mapping[str, Any] = field(default_factory=dict)


def gather(session: Session, version: Version, tell: Tell = quiet) -> Gathered[Fact]:
    """Read what the version's rule takes of what is approved now, as files hold it. The caller closes the spool.

    DamagedRow for an approved one that is not as we write it: a version is whole or is not there.
    """
    criteria = rating_keys(session, version.project_id)
    kept, asked = settled_before(session, version.project_id)
    outside = held_out_before(session, version.project_id)
    spool = Spool()
    try:
        read = _set_aside(session, version, spool, criteria, asked)
        facts = list(counted(read, tell, "Reading what is approved: {done} rows so far"))
        consents, texts = terms_accepted(session, version.project_id), guideline_texts(session, version.project_id)
        benchmarks = in_use(session, version.project_id)
    except BaseException:
        spool.close()
        raise
    return Gathered(facts, spool, criteria, asked, kept, outside, consents, texts, benchmarks)


def _set_aside(
    session: Session, version: Version, spool: Spool, criteria: Sequence[str], asked: list[tuple[int, str]]
) -> Iterator[Fact]:
    """Put each row's line into the spool, and what each new prompt asks at the end of `asked`."""
    before = None
    with session.execute(_approved_and_judged(version).execution_options(yield_per=BATCH)) as found:
        for row in found.mappings():
            check_whole(row)
            if row["prompt_id"] != before:
                before = row["prompt_id"]
                asked.append((before, question(row["prompt_messages"])))
            if row["failed"] is None:
                yield fact_of(row, spool, criteria)


def _approved_and_judged(version: Version) -> Select[Any]:
    rows = judged_now(version.project_id, checked_rule(version.rule))
    approved = approved_revisions(version.project_id).add_columns(rows.c.failed)
    in_order = approved.order_by(None).order_by(Submission.prompt_id, Submission.id)
    return in_order.join(rows, rows.c.submission_id == Submission.id)


def fact_of(row: Mapping[Any, Any], spool: Spool, criteria: Sequence[str]) -> Fact:
    """Set the row's line aside and keep the rest."""
    line = line_of(row_of(row, criteria))
    return Fact(
        submission_id=row["submission_id"],
        revision_id=row["revision_id"],
        prompt_id=row["prompt_id"],
        author_id=row["author_id"],
        annotator=intern(row["annotator"] or ""),
        category=intern(row["category"] or ""),
        category_id=row["category_id"],
        language=intern(row["language"]),
        licence=intern(row["licence"]),
        source=intern(row["source"]),
        guidelines=row["guidelines"],
        turns=len(row["prompt_messages"]) + len(row["messages"]),
        prompt_characters=characters(row["prompt_messages"]),
        response_characters=characters(row["messages"]),
        start=spool.add(line),
        size=len(line),
    )


def characters(turns: Sequence[Mapping[str, Any]]) -> int:
    """Code points in all of these turns."""
    return sum(len(turn["content"]) for turn in turns)


def guideline_texts(session: Session, project_id: int) -> dict[int, str]:
    """What every version of the project's guidelines says."""
    found = select(Guidelines.version, Guidelines.text).where(Guidelines.project_id == project_id)
    return dict(session.execute(found).all())


def rating_keys(session: Session, project_id: int) -> list[str]:
    """The criteria of every rubric that the project has had, in a fixed order: one shape for all rows."""
    rubrics = session.scalars(select(Guidelines.rubric).where(Guidelines.project_id == project_id))
    return sorted({item["key"] for rubric in rubrics for item in rubric})


def settled_before(session: Session, project_id: int) -> tuple[dict[int, Split], list[tuple[int, str]]]:
    """The split of each prompt that was ever published in the project, and what it asks."""
    earlier = (
        select(PromptSplit.prompt_id, PromptSplit.split, Prompt.messages)
        .join(Prompt, Prompt.id == PromptSplit.prompt_id)
        .where(PromptSplit.project_id == project_id)
    )
    kept: dict[int, Split] = {}
    asked: list[tuple[int, str]] = []
    for prompt_id, split, messages in session.execute(earlier.execution_options(yield_per=BATCH)):
        kept[prompt_id] = split
        asked.append((prompt_id, question(messages)))
    return kept, asked


def held_out_before(session: Session, project_id: int) -> Outside:
    """The writers and the categories that no version of the project trains on any more."""
    found = session.execute(select(KeptOut.user_id, KeptOut.category_id).where(KeptOut.project_id == project_id)).all()
    writers = frozenset(user_id for user_id, _ in found if user_id is not None)
    return Outside(writers, frozenset(category_id for _, category_id in found if category_id is not None))
