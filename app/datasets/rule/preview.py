"""What a rule would make of what is approved now: counted, listed, and explained for one response. Textless."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, case, func, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.core.errors import NotFound
from app.core.paging import PAGE_SIZE, CursorBook, Page
from app.datasets.models import Dataset, PromptSplit, Split
from app.datasets.rule.rules import Rule, checked_rule, phrases
from app.datasets.rule.selection import Answer, Step, category_of, explained, judged_now, steps
from app.datasets.splits.settling import WHOLE, held_out
from app.prompts.fingerprints import question
from app.prompts.models import Prompt
from app.writing.models import Revision, Submission, SubmissionStatus
from app.writing.queries import get_submission_for

QUICK = 5_000  # so many approved responses are looked at while a page is drawn
NOT_APPROVED: Mapping[SubmissionStatus, str] = {
    SubmissionStatus.SUBMITTED: "waits for review",
    SubmissionStatus.CHANGES_REQUESTED: "changes were asked for",
    SubmissionStatus.REJECTED: "was rejected",
    SubmissionStatus.WITHDRAWN: "was withdrawn",
}


@dataclass(frozen=True)
class Preview:
    """What a version by this rule would hold now; `splits` is an estimate: see `estimate`.

    `total`: how many responses are approved; `rows`: how many of them it would hold. `imported`: of these, how many are
    finished pairs from which source.
    """

    total: int
    rows: int
    steps: Sequence[Step]
    categories: Mapping[str, int]
    imported: Mapping[str, int]
    splits: Mapping[Split, int]

    @property
    def left_out(self) -> int:
        """How many approved responses it would not hold."""
        return self.total - self.rows


def preview(session: Session, project_id: int, rule: Rule) -> Preview:
    """Put every approved response of the project through the rule and count them: a row comes back for each kind."""
    out, alone = Counter[str](), Counter[str]()
    categories, imported, settled = Counter[str](), Counter[str](), Counter[Split]()
    total = 0
    for kind in session.execute(_counted(project_id, rule)):
        total += kind.rows
        alone.update({name: getattr(kind, f"alone_{name}") for name in phrases(rule)})
        if kind.failed is not None:
            out[kind.failed] += kind.rows
            continue
        categories[kind.category] += kind.rows
        if kind.imported_from is not None:
            imported[kind.imported_from] += kind.rows
        if kind.split is not None:
            settled[kind.split] += kind.rows
    rows = total - out.total()
    told = list(steps(rule, total, out, alone))
    splits = estimate(rows, settled)
    return Preview(total, rows, told, dict(sorted(categories.items())), dict(sorted(imported.items())), splits)


def _counted(project_id: int, rule: Rule) -> Select[Any]:
    rows = judged_now(project_id, rule)
    source = case((rows.c.author_id.is_(None), rows.c.source)).label("imported_from")
    alone = [f"alone_{name}" for name in phrases(rule)]
    kind = (rows.c.failed, category_of(rows.c).label("category"), source, PromptSplit.split)
    settled = (PromptSplit.prompt_id == rows.c.prompt_id) & (PromptSplit.project_id == project_id)
    one = select(*kind, *(rows.c[name] for name in alone)).outerjoin_from(rows, PromptSplit, settled).subquery().c
    counts = (func.count().filter(one[name]).label(name) for name in alone)
    of_kind = (one.failed, one.category, one.imported_from, one.split)
    return select(*of_kind, func.count().label("rows"), *counts).group_by(*of_kind)


def is_quick(session: Session, project_id: int) -> bool:
    """Whether a page may wait for a preview. Where it may not, it is drawn without, and the browser asks for it."""
    return count_approved(session, project_id, most=QUICK) <= QUICK


def estimate(rows: int, settled: Mapping[Split, int]) -> dict[Split, int]:
    """About how many rows each split would have: what was settled stays, the rest fills up the shares.

    Prompts are not compared here, and nobody is chosen to be held out: both may move some rows.
    """
    known = Counter(settled)
    share = held_out(rows) * rows // WHOLE if rows else 0
    free = rows - known.total()
    shares = dict[Split, int]()
    for split in (Split.TEST, Split.VALIDATION):
        new = min(free, max(0, share - known[split]))
        free -= new
        shares[split] = known[split] + new
    return {Split.TRAIN: known[Split.TRAIN] + free, **shares}


@dataclass(frozen=True)
class LeftOut:
    """A response that a rule leaves out, with what it was asked and the condition that it fails first."""

    submission_id: int
    question: str
    language: str
    reason: str


def list_left_out(session: Session, project_id: int, rule: Rule, *, reason: str | None, after: int) -> list[LeftOut]:
    """Up to a page and one of the responses that a rule leaves out, past the id `after`; `reason`: by one condition."""
    rows = judged_now(project_id, rule)
    failed = rows.c.failed.is_not(None) if reason is None else rows.c.failed == reason
    found = select(rows.c.submission_id, rows.c.failed).where(failed, rows.c.submission_id > after)
    why: dict[int, str] = dict(session.execute(found.order_by(rows.c.submission_id).limit(PAGE_SIZE + 1)).all())
    written = (Revision.submission_id == Submission.id) & (Revision.number == Submission.current_revision)
    texts = select(Submission.id, Revision.prompt_messages, Prompt.language).join(Revision, written)
    texts = texts.join(Prompt, Prompt.id == Submission.prompt_id).where(Submission.id.in_(why))
    return [
        LeftOut(identity, question(messages), language, why[identity])
        for identity, messages, language in session.execute(texts.order_by(Submission.id))
    ]


def page_of_left_out(
    session: Session, actor: Actor, keys: list[bytes], dataset: Dataset, *, reason: str, cursor: str | None
) -> Page[LeftOut]:
    """A page of what a dataset's rule leaves out; an empty `reason`: by any condition."""
    book = CursorBook(keys, "left-out", actor.user_id, [dataset.id, dataset.rule_number, reason])
    rule, after = checked_rule(dataset.rule), book.read(cursor) or 0
    rows = list_left_out(session, dataset.project_id, rule, reason=reason or None, after=after)
    return book.page(rows, position=lambda one: one.submission_id)


def count_approved(session: Session, project_id: int, *, most: int) -> int:
    """How many responses of the project are approved, counted no further than one more than `most`."""
    approved = (Submission.project_id == project_id, Submission.status == SubmissionStatus.APPROVED)
    found = select(Submission.id).where(*approved).limit(most + 1).subquery()
    return session.scalar(select(func.count()).select_from(found)) or 0


@dataclass(frozen=True)
class Explanation:
    """Whether a rule takes a submission, and what each condition says of it; the first asks whether it is approved."""

    submission_id: int
    taken: bool
    answers: Sequence[Answer]


def why_in_or_out(session: Session, actor: Actor, project_id: int, rule: Rule, submission_id: int) -> Explanation:
    """Why a rule takes a submission of the project or not. NotFound where it does not exist for this actor."""
    submission = get_submission_for(session, actor, submission_id)
    if submission.project_id != project_id:
        raise NotFound("datasets.not_of_project", "There is no such submission in this dataset's project.")
    row = _one(session, project_id, rule, submission_id)
    state = "approved" if row else NOT_APPROVED.get(submission.status, "approved no more")
    answers = [Answer("approved", "approved", state, row is not None)]
    if row is not None:
        answers += explained(rule, row)
    return Explanation(submission_id, all(answer.met for answer in answers), answers)


def _one(session: Session, project_id: int, rule: Rule, submission_id: int) -> Row[Any] | None:
    rows = judged_now(project_id, rule)
    return session.execute(select(rows).where(rows.c.submission_id == submission_id)).one_or_none()
