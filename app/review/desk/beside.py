"""What stands beside a text on the desk: its writer's record, how it was typed, what is much like it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import BigInteger, Select, bindparam, func, select
from sqlalchemy.orm import Session

from app.core.database import built_once
from app.core.diff import Segment, side_by_side
from app.projects.models import Project
from app.prompts.fingerprints import prompt_texts, question
from app.prompts.models import Compared
from app.review.models import Decision, Review
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


def record_of(session: Session, submission: Submission) -> str:
    """How decisions fell on what its writer handed in before in this category; nobody is named."""
    values = {
        "person": submission.author_id,
        "project": submission.project_id,
        "category": submission.category_id,
        "submission": submission.id,
    }
    fell = {row[0]: row[1] for row in session.execute(_record(submission.category_id is None), values)}
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
    newest = theirs.order_by(Submission.id.desc()).limit(LOOK_BACK)
    return select(Review.decision, func.count()).where(Review.submission_id.in_(newest)).group_by(Review.decision)


def typed(project: Project, revision: Revision) -> dict[str, int] | None:
    """The counts that were kept with a revision, where the project keeps them: for its writer and reviewers alike."""
    if not project.keeps_provenance or revision.provenance is None:
        return None
    return {name: int(revision.provenance.get(name, 0)) for name in COUNTS}
