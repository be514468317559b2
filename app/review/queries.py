"""What an actor can see of reviews and of what waits for one. Nothing here writes."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ScalarSelect, Select, and_, bindparam, case, cast, func, or_, select, true, union_all
from sqlalchemy.orm import Session, aliased, joinedload

from app.accounts.actor import Actor
from app.accounts.models import Membership
from app.core.database import built_once
from app.core.hot import ask_one
from app.core.paging import PAGE_SIZE
from app.core.passing import NEAR
from app.projects.models import Category, Guidelines, Project
from app.prompts.models import Prompt
from app.review.models import Decision, GoldAnswer, GoldItem, HeldDecision, Opinion, Review
from app.review.waiting import PERSON, PROJECT, Choice, kinds_of_what_waits, looked_up, of_kind, waits
from app.writing.models import Revision, Submission, SubmissionStatus
from app.writing.queries import get_submission_for

COUNT_LIMIT = 100
LOOK_BACK = 100


def count_waiting(session: Session, actor: Actor, project_id: int, *, near: int | None = None) -> int:
    """How many submissions of others wait for this reviewer, counted up to 100; 0 for who does not review.

    Those with a known decision count too, while anything else waits: each that is decided on makes it one less.
    `near`: what `first_of_queue` has counted, where it has been asked already.
    """
    if not actor.reviews(project_id):
        return 0
    session.flush()
    free_to_take = _counted_for(session, actor, project_id, near)
    if not meets_known(session, project_id):
        return free_to_take
    known = counted(session, gold_for(actor, project_id, offered=True)) if free_to_take else 0
    on_desk = counted(session, gold_for(actor, project_id, offered=True, unmet=False))
    return min(max(free_to_take + known, on_desk), COUNT_LIMIT)


def _counted_for(session: Session, actor: Actor, project_id: int, near: int | None) -> int:
    """Nearly always the first rows of the queue tell: there are so many, or no more behind them."""
    values = {"person": actor.user_id, "project": project_id}
    if near is None:
        near = _waiting(session, _count_near(), values)
    if near == COUNT_LIMIT or _waiting(session, _count_first(), values) != NEAR:
        return near
    return _waiting(session, _count_by_kind(), values)


def _waiting(session: Session, counting: Select[int], values: dict[str, int]) -> int:
    waiting: int = ask_one(session, counting, values, alone=True).waiting
    return waiting


@built_once
def _count_near() -> Select[int]:
    return select(first_of_queue().label("waiting"))


def first_of_queue() -> ScalarSelect[int]:
    """SQL for how many of the first in the queue of a `project` a `person` can take, counted up to 100."""
    return select(func.count()).select_from(Choice().ids().limit(COUNT_LIMIT).subquery()).scalar_subquery()


@built_once
def _count_first() -> Select[int]:
    return select(func.count().label("waiting")).select_from(Choice().first())


@built_once
def _count_by_kind() -> Select[int]:
    kinds = kinds_of_what_waits()
    some = of_kind(kinds).limit(COUNT_LIMIT).lateral()
    rows = select(some.c.id).select_from(kinds.join(some, true())).limit(COUNT_LIMIT)
    return select(func.count().label("waiting")).select_from(rows.subquery())


def counted(session: Session, rows: Select[Any]) -> int:
    """How many rows, counted up to 100."""
    return session.scalar(select(func.count()).select_from(rows.limit(COUNT_LIMIT).subquery())) or 0


def meets_known(session: Session, project_id: int) -> bool:
    """Whether a project's reviewers meet submissions with a known decision."""
    return session.get_one(Project, project_id).gold_every > 0


def gold_for(actor: Actor, project_id: int, *, offered: bool = False, unmet: bool = True) -> Select[int]:
    """Submissions with a known decision that this reviewer can still be given: nothing of what they had to do with.

    With `offered`, the one that lies before them too; without `unmet`, that one alone.
    """
    mine = select(GoldAnswer.submission_id).where(
        GoldAnswer.submission_id == Submission.id, GoldAnswer.reviewer_id == actor.user_id
    )
    judged = (
        select(one.id).where(one.submission_id == Submission.id, one.reviewer_id == actor.user_id)
        for one in (Review, Opinion)
    )
    is_open = looked_up(mine.where(GoldAnswer.answered_at.is_(None)))
    met = or_(~looked_up(mine), is_open) if offered else ~looked_up(mine)
    return (
        select(GoldItem.submission_id)
        .join(Submission, Submission.id == GoldItem.submission_id)
        .where(
            GoldItem.project_id == project_id,
            GoldItem.retired_at.is_(None),
            GoldItem.made_by != actor.user_id,
            Submission.status != SubmissionStatus.WITHDRAWN,
            Submission.author_id != actor.user_id,
            *(~looked_up(one) for one in judged),
            met if unmet else is_open,
        )
    )


def on_desk(session: Session, actor: Actor, project_id: int) -> Submission | None:
    """The submission that this reviewer has taken and not yet decided on, with all that its page shows."""
    session.flush()
    taken = ask_one(session, taken_by(), {"person": actor.user_id, "project": project_id})
    return get_submission_for(session, actor, taken.id) if taken else None


@built_once
def taken_by() -> Select[int]:
    """What a `person` has taken in a `project` and not yet decided on: its id."""
    mine = select(Submission.id).where(waits(), Submission.lease_holder_id == PERSON)
    return mine.order_by(Submission.submitted_at, Submission.id).limit(1)


def pseudonym_of(session: Session, project_id: int, user_id: int | None) -> str:
    """The name under which a writer's texts are reviewed and published; none where nobody here wrote them."""
    return session.scalar(_pseudonym(), {"project": project_id, "person": user_id}) or ""


@built_once
def _pseudonym() -> Select[str]:
    return select(pseudonym())


def pseudonym() -> ScalarSelect[str]:
    """SQL for the pseudonym of a `person` in a `project`."""
    member = select(Membership.pseudonym).where(Membership.project_id == PROJECT, Membership.user_id == PERSON)
    return member.scalar_subquery()


def reviews_of(session: Session, submission_id: int) -> Sequence[Review]:
    """The decisions on one submission, oldest first, each with its reviewer and revision. Ask first whether it may be
    seen."""
    return session.scalars(_reviews_of(), {"submission": submission_id}).all()


@built_once
def _reviews_of() -> Select[Review]:
    made = select(Review).where(Review.submission_id == bindparam("submission")).order_by(Review.id)
    return made.options(joinedload(Review.reviewer), joinedload(Review.revision))


def newest_held() -> Select[datetime, Decision, int, list[dict[str, Any]], int]:
    """The latest decision of a `person` in a `project` that can be taken back.

    Until when, what was decided, on which submission, what is asked there, and for how many seconds yet.
    """
    left = func.ceil(func.extract("epoch", HeldDecision.settles_at - func.clock_timestamp()))
    mine = (
        select(
            HeldDecision.settles_at.label("until"),
            HeldDecision.decision,
            HeldDecision.submission_id,
            Revision.prompt_messages,
            cast(left, BigInteger).label("seconds"),
        )
        .join(Revision, Revision.id == HeldDecision.revision_id)
        .join(Submission, Submission.id == HeldDecision.submission_id)
        .where(HeldDecision.reviewer_id == PERSON, Submission.project_id == PROJECT, left > 0)
        .where(Submission.status == SubmissionStatus.SUBMITTED)
    )
    return mine.order_by(HeldDecision.settles_at.desc()).limit(1)


def visible_to(actor: Actor) -> Select[Review]:
    """Decisions in the projects where the actor decides: the one place that says what may be listed."""
    return select(Review).where(Review.project_id.in_(actor.reviewed_projects()))


def list_reviews(
    session: Session,
    actor: Actor,
    project_id: int,
    *,
    before: int | None = None,
    decision: Decision | None = None,
    reviewer_id: int | None = None,
) -> Sequence[Review]:
    """Up to a page and one of a project's decisions, newest first, each with who decided on what."""
    listed = visible_to(actor).where(Review.project_id == project_id)
    if reviewer_id is not None:
        listed = listed.where(Review.reviewer_id == reviewer_id)
    if before is not None:
        listed = listed.where(Review.id < before)
    if decision is not None:
        listed = listed.where(Review.decision == decision)
    loaded = listed.options(
        joinedload(Review.reviewer),
        joinedload(Review.revision).joinedload(Revision.submission).joinedload(Submission.prompt),
    )
    return session.scalars(loaded.order_by(Review.id.desc()).limit(PAGE_SIZE + 1)).all()


def latest_shares(session: Session, actor: Actor, project_id: int) -> dict[Decision, int]:
    """How the last 100 decisions of a project fell: a bounded look back, whatever the project's size."""
    latest = visible_to(actor).where(Review.project_id == project_id).with_only_columns(Review.decision)
    latest_rows = latest.order_by(Review.id.desc()).limit(LOOK_BACK).subquery()
    counted = select(latest_rows.c.decision, func.count().label("decided")).group_by(latest_rows.c.decision)
    return {row.decision: row.decided for row in session.execute(counted)}


def judges_of(session: Session, project_id: int) -> dict[int, set[int]]:
    """By submission, who has decided on it or given an opinion: they know whose it is, by pseudonym."""
    said = union_all(
        *(select(one.submission_id, one.reviewer_id).where(one.project_id == project_id) for one in (Review, Opinion))
    )
    found: defaultdict[int, set[int]] = defaultdict(set)
    for submission_id, reviewer_id in session.execute(said):
        found[submission_id].add(reviewer_id)
    return found


def approved_revisions(project_id: int) -> Select[Any]:
    """What a dataset may pick from: one row a submission whose newest revision is approved, by submission id.

    Columns: submission_id, revision_id, revision (its number), prompt_id, prompt_messages and messages (lists of
    {role, content}), category (name or null), category_id, language, licence, source, tags (of the prompt),
    guidelines (version), ratings ({key: 1…5}), author_id, annotator and editor (pseudonyms; the editor's is null where
    the writer's own words stand), edited, handed_in, decided_at. `ratings` and `decided_at` are null where no approving
    review exists: a broken row, which `penset doctor` names. Of an imported pair, which has no author, guidelines,
    ratings and handed_in are null, and decided_at is when it came in.
    """
    editors = aliased(Membership)
    is_ours = Submission.imported_by.is_(None)
    edited = and_(
        Revision.author_id != Submission.author_id,
        editors.project_id == Submission.project_id,
        editors.user_id == Revision.author_id,
    )
    return (
        select(
            Submission.id.label("submission_id"),
            Revision.id.label("revision_id"),
            Revision.number.label("revision"),
            Submission.prompt_id,
            Revision.prompt_messages,
            Revision.messages,
            Category.name.label("category"),
            Submission.category_id,
            Prompt.language,
            Prompt.licence,
            Prompt.source,
            Prompt.tags,
            case((is_ours, Guidelines.version)).label("guidelines"),
            Review.ratings,
            Submission.author_id,
            Membership.pseudonym.label("annotator"),
            editors.pseudonym.label("editor"),
            Revision.author_id.is_distinct_from(Submission.author_id).label("edited"),
            case((is_ours, Submission.submitted_at)).label("handed_in"),
            case((is_ours, Review.created_at), else_=Submission.decided_at).label("decided_at"),
        )
        .join(Revision, and_(Revision.submission_id == Submission.id, Revision.number == Submission.current_revision))
        .join(Prompt, Prompt.id == Submission.prompt_id)
        .join(Guidelines, Guidelines.id == Revision.guidelines_id)
        .outerjoin(Category, Category.id == Submission.category_id)
        .outerjoin(Review, and_(Review.revision_id == Revision.id, Review.decision == Decision.APPROVED))
        .outerjoin(
            Membership,
            and_(Membership.project_id == Submission.project_id, Membership.user_id == Submission.author_id),
        )
        .outerjoin(editors, edited)
        .where(Submission.project_id == project_id, Submission.status == SubmissionStatus.APPROVED)
        .order_by(Submission.id)
    )
