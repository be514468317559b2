"""What stands beside a text on the desk: its writer's record, how it was typed, what is much like it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Select, bindparam, func, select, true
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.core.database import built_once
from app.core.diff import Segment, side_by_side
from app.core.hot import ask, ask_one
from app.projects.models import Project
from app.projects.queries import newest_version
from app.prompts.fingerprints import prompt_texts, question
from app.prompts.models import Compared
from app.prompts.questions import is_asked
from app.review.models import Comment, Decision, Phrase, Review
from app.review.queries import pseudonym
from app.writing.checks import Finding
from app.writing.likeness import response_texts, said
from app.writing.models import Revision, Submission
from app.writing.provenance import COUNTS

# A bounded look back at what the writer handed in.
LOOK_BACK = 1000
WORDS = {Decision.APPROVED: "approved", Decision.CHANGES_REQUESTED: "returned", Decision.REJECTED: "rejected"}


@dataclass(frozen=True)
class Alike:
    """A text of the project that is much like the one on the desk, word by word beside it."""

    kind: Compared
    subject_id: int
    theirs: Sequence[Segment]
    ours: Sequence[Segment]


def alike(session: Session, findings: Iterable[Finding], revision: Revision) -> list[Alike]:
    """What the findings name that this reader may see, the most alike first."""
    named = dict.fromkeys((one.kind, one.subject_id) for finding in findings for one in finding.like if one.subject_id)
    ids = {kind: [identity for of, identity in named if of is kind] for kind in Compared}
    texts = {
        Compared.RESPONSE: response_texts(session, ids[Compared.RESPONSE]) if ids[Compared.RESPONSE] else {},
        Compared.PROMPT: prompt_texts(session, ids[Compared.PROMPT]) if ids[Compared.PROMPT] else {},
    }
    own = {Compared.RESPONSE: said(revision.messages), Compared.PROMPT: question(revision.prompt_messages)}
    return [
        Alike(kind, identity, *side_by_side(texts[kind][identity], own[kind]))
        for kind, identity in named
        if identity in texts[kind]
    ]


def around(session: Session, actor: Actor, submission: Submission) -> Any:
    """What there is around a submission, in one statement: the `writer`'s pseudonym, the version of the `guidelines`
    that is in force, and whether an earlier revision was judged, anything was said of it, its prompt was asked about,
    the actor keeps phrases. Nearly always there is nothing of these, and then nobody asks for it.

    Of a decision on the newest revision nothing is told: what is known already takes as long as what waits.
    """
    values = {
        "project": submission.project_id,
        "person": submission.author_id,
        "submission": submission.id,
        "newest": submission.revisions[-1].id,
        "prompt": submission.prompt_id,
        "reviewer": actor.user_id,
    }
    session.flush()
    return ask_one(session, _around(), values)


@built_once
def _around() -> Select[str, int, bool, bool, bool, bool]:
    said = Comment.submission_id == bindparam("submission")
    judged = (Review.submission_id == bindparam("submission")) & (Review.revision_id != bindparam("newest"))
    return select(
        pseudonym().label("writer"),
        newest_version(bindparam("project", type_=BigInteger)).label("guidelines"),
        select(Review.id).where(judged).exists().label("judged_before"),
        select(Comment.id).where(said).exists().label("commented"),
        is_asked(bindparam("prompt", type_=BigInteger)).label("asked"),
        select(Phrase.id).where(Phrase.user_id == bindparam("reviewer")).exists().label("has_phrases"),
    )


def record_of(session: Session, submission: Submission) -> str:
    """How decisions fell on what its writer handed in before in this category; nobody is named."""
    values = {
        "person": submission.author_id,
        "project": submission.project_id,
        "category": submission.category_id,
        "submission": submission.id,
    }
    fell = {row.decision: row.count for row in ask(session, _record(submission.category_id is None), values)}
    if not fell:
        return "Nothing else of its writer’s is decided in this category"
    counts = ", ".join(f"{fell.get(decision, 0):,} {word}" for decision, word in WORDS.items())
    return f"Its writer in this category before: {counts}"


@built_once
def _record(in_none: bool) -> Select[Decision, int]:
    """In no category by a statement of its own: IS NOT DISTINCT FROM a value that comes later finds no index, and sorts
    all that a writer ever handed in."""
    category = Submission.category_id
    theirs = select(Submission.id).where(
        Submission.author_id == bindparam("person"),
        Submission.project_id == bindparam("project"),
        category.is_(None) if in_none else category == bindparam("category", type_=BigInteger),
        Submission.id != bindparam("submission"),
    )
    newest = theirs.order_by(Submission.id.desc()).limit(LOOK_BACK).subquery("newest")
    # Each looked up, by OFFSET 0: of so many PostgreSQL would read all decisions that there are.
    made = select(Review.decision).where(Review.submission_id == newest.c.id).offset(0).lateral("made")
    fell = select(made.c.decision, func.count().label("count")).select_from(newest.join(made, true()))
    return fell.group_by(made.c.decision)


def typed(project: Project, revision: Revision) -> dict[str, int] | None:
    """The counts that were kept with a revision, where the project keeps them: for its writer and reviewers alike."""
    if not project.keeps_provenance or revision.provenance is None:
        return None
    return {name: int(revision.provenance.get(name, 0)) for name in COUNTS}
