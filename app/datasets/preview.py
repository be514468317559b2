"""What a rule would make of what is approved now: counted, listed, and explained for one response. Textless."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.core.errors import NotFound
from app.core.paging import PAGE_SIZE
from app.datasets.models import PromptSplit, Split
from app.datasets.rules import Rule
from app.datasets.selection import Answer, Sifted, explain, sift
from app.datasets.splits import WHOLE, held_out
from app.prompts.fingerprints import question
from app.prompts.models import Prompt
from app.review.queries import approved_revisions
from app.writing.models import Revision, Submission, SubmissionStatus
from app.writing.queries import get_submission_for

BATCH = 2_000
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

    `imported`: of the rows that it takes, how many are finished pairs from which source.
    """

    sifted: Sifted[Any]
    categories: Mapping[str, int]
    imported: Mapping[str, int]
    splits: Mapping[Split, int]

    @property
    def rows(self) -> int:
        """How many rows it would hold."""
        return len(self.sifted.taken)


def preview(session: Session, project_id: int, rule: Rule) -> Preview:
    """Put every approved response of the project through the rule, without its text."""
    sifted = sift(rule, candidates(session, project_id))
    categories = Counter(row.category or "" for row in sifted.taken)
    imported = Counter(row.source for row in sifted.taken if row.author_id is None)
    splits = estimate(session, project_id, sifted.taken)
    return Preview(sifted, dict(sorted(categories.items())), dict(sorted(imported.items())), splits)


def is_quick(session: Session, project_id: int) -> bool:
    """Whether a page may wait for a preview. Where it may not, it is drawn without, and the browser asks for it."""
    return count_approved(session, project_id, most=QUICK) <= QUICK


def candidates(session: Session, project_id: int) -> Iterator[Row[Any]]:
    """The approved responses of a project as rules look at them, the earliest first."""
    return iter(session.execute(_light(project_id).execution_options(yield_per=BATCH)))


def _light(project_id: int) -> Select[Any]:
    row = approved_revisions(project_id).order_by(None).subquery("approved").c
    named = (row.handed_in, row.decided_at.label("approved"))
    plain = (row.submission_id, row.prompt_id, row.author_id, row.edited, row.category, row.language, row.licence)
    return select(*plain, row.source, row.tags, row.guidelines, row.ratings, *named).order_by(row.submission_id)


def estimate(session: Session, project_id: int, taken: Sequence[Any]) -> dict[Split, int]:
    """About how many rows each split would have: what was settled stays, the rest fills up the shares.

    Prompts are not compared here, and nobody is chosen to be held out: both may move some rows.
    """
    found = select(PromptSplit.prompt_id, PromptSplit.split).where(PromptSplit.project_id == project_id)
    known: dict[int, Split] = dict(session.execute(found).all())
    settled = Counter(known[row.prompt_id] for row in taken if row.prompt_id in known)
    share = held_out(len(taken)) * len(taken) // WHOLE if taken else 0
    free = len(taken) - settled.total()
    shares = dict[Split, int]()
    for split in (Split.TEST, Split.VALIDATION):
        new = min(free, max(0, share - settled[split]))
        free -= new
        shares[split] = settled[split] + new
    return {Split.TRAIN: settled[Split.TRAIN] + free, **shares}


@dataclass(frozen=True)
class LeftOut:
    """A response that a rule leaves out, with what it was asked and the condition that it fails first."""

    submission_id: int
    question: str
    language: str
    reason: str


def list_left_out(session: Session, why: Mapping[int, str], *, reason: str | None, after: int) -> list[LeftOut]:
    """Up to a page and one of the responses that a rule leaves out, past the id `after`; `reason`: by one condition."""
    found = sorted(one for one, failed in why.items() if one > after and reason in (None, failed))[: PAGE_SIZE + 1]
    written = (Revision.submission_id == Submission.id) & (Revision.number == Submission.current_revision)
    texts = select(Submission.id, Revision.prompt_messages, Prompt.language).join(Revision, written)
    texts = texts.join(Prompt, Prompt.id == Submission.prompt_id).where(Submission.id.in_(found))
    return [
        LeftOut(identity, question(messages), language, why[identity])
        for identity, messages, language in session.execute(texts.order_by(Submission.id))
    ]


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
    rows = list(candidates(session, project_id))
    approved = any(row.submission_id == submission_id for row in rows)
    state = "approved" if approved else NOT_APPROVED.get(submission.status, "approved no more")
    answers = [Answer("approved", "approved", state, approved)]
    if approved:
        answers += explain(rule, rows, submission_id)
    return Explanation(submission_id, all(answer.met for answer in answers), answers)
