"""What a version is made of: one transaction, so one snapshot. All of it waits in a nameless file.

The caller's transaction is REPEATABLE READ: rows, criteria, consents and what was settled earlier are of one moment,
whatever is written while they are read. It ends before prompts are compared and files are written.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from sys import intern
from typing import Any, Generic

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.core.by_number import ByNumber, Many
from app.datasets.contamination.benchmarks import in_use
from app.datasets.models import Benchmark, KeptOut, PromptSplit, Split, Version
from app.datasets.publish.facts import Aside, Fact, R, Spool, facts_aside, questions_aside
from app.datasets.publish.progress import Tell, counted, quiet
from app.datasets.publish.rows import check_whole, line_of, row_of
from app.datasets.rule.rules import checked_rule
from app.datasets.rule.selection import judged_now
from app.datasets.splits.held_out import Outside
from app.datasets.splits.settling import splits_of
from app.projects.consents import terms_accepted
from app.projects.models import Guidelines
from app.prompts.fingerprints import question
from app.prompts.models import Prompt
from app.review.queries import approved_revisions
from app.writing.models import Submission

BATCH = 500
UNASKED = frozenset({"tags", "edited", "handed_in", "decided_at"})  # what no line holds is not read


@dataclass(frozen=True)
class Gathered(Generic[R]):
    """One snapshot of a project: the rows that the rule takes, by prompt and number, and what was settled earlier.

    `consents`: who accepted which text and licence, the first accepted first. `guideline_texts`: by their version.
    `outside`: the writers and the categories that earlier versions held out. `figures`: what else the manifest says.
    """

    facts: Many[R]
    spool: Spool
    criteria: Sequence[str]
    asked: Many[tuple[int, str]]
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
    outside = held_out_before(session, version.project_id)
    spool = Spool()
    try:
        asked, facts = questions_aside(spool), facts_aside(spool)
        kept = settled_before(session, version.project_id, asked)
        read = _set_aside(session, version, spool, criteria, asked)
        for fact in counted(read, tell, "Reading what is approved: {done} rows so far"):
            facts.add(fact)
        consents, texts = terms_accepted(session, version.project_id), guideline_texts(session, version.project_id)
        benchmarks = in_use(session, version.project_id)
    except BaseException:
        spool.close()
        raise
    return Gathered(facts, spool, criteria, asked, kept, outside, consents, texts, benchmarks)


def _set_aside(
    session: Session, version: Version, spool: Spool, criteria: Sequence[str], asked: Aside[tuple[int, str]]
) -> Iterator[Fact]:
    """Put each row's line into the spool, and what each new prompt asks into `asked`."""
    before = None
    with session.execute(_approved_and_judged(version).execution_options(yield_per=BATCH)) as found:
        for row in found.mappings():
            check_whole(row)
            if row["prompt_id"] != before:
                before = row["prompt_id"]
                asked.add((before, question(row["prompt_messages"])))
            if row["failed"] is None:
                yield fact_of(row, spool, criteria)


def _approved_and_judged(version: Version) -> Select[Any]:
    rows = judged_now(version.project_id, checked_rule(version.rule))
    approved = approved_revisions(version.project_id)
    asked = [column for column in approved.selected_columns if column.key not in UNASKED]
    read: Select[Any] = approved.with_only_columns(*asked, rows.c.failed, maintain_column_froms=True)
    in_order = read.order_by(None).order_by(Submission.prompt_id, Submission.id)
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


def settled_before(session: Session, project_id: int, asked: Aside[tuple[int, str]]) -> ByNumber[Split]:
    """The split of each prompt that was ever published in the project. What each asks is put into `asked`."""
    earlier = (
        select(PromptSplit.prompt_id, PromptSplit.split, Prompt.messages)
        .join(Prompt, Prompt.id == PromptSplit.prompt_id)
        .where(PromptSplit.project_id == project_id)
        .order_by(PromptSplit.prompt_id)
    )

    def read() -> Iterator[tuple[int, Split]]:
        for prompt_id, split, messages in session.execute(earlier.execution_options(yield_per=BATCH)):
            asked.add((prompt_id, question(messages)))
            yield prompt_id, split

    return splits_of(read())


def splits_before(session: Session, project_id: int) -> ByNumber[Split]:
    """The same without what they ask."""
    found = select(PromptSplit.prompt_id, PromptSplit.split).where(PromptSplit.project_id == project_id)
    in_order = found.order_by(PromptSplit.prompt_id).execution_options(yield_per=BATCH)
    return splits_of((prompt_id, split) for prompt_id, split in session.execute(in_order))


def held_out_before(session: Session, project_id: int) -> Outside:
    """The writers and the categories that no version of the project trains on any more."""
    found = session.execute(select(KeptOut.user_id, KeptOut.category_id).where(KeptOut.project_id == project_id)).all()
    writers = frozenset(user_id for user_id, _ in found if user_id is not None)
    return Outside(writers, frozenset(category_id for _, category_id in found if category_id is not None))
