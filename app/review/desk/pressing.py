"""What does a pressed button of the desk do?"""

from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.review import gold
from app.review.deciding.quick_decide import quick_hold
from app.review.deciding.quick_take import quick_take
from app.review.deciding.wishes import Wish
from app.review.desk.desk import in_words, skipped
from app.review.models import Decision
from app.review.schemas import DecisionForm
from app.writing.models import Submission

DECISIONS = frozenset(Decision)


def pressed_quickly(session: Session, actor: Actor, submission_id: int, form: DecisionForm, seconds: int) -> int | None:
    """Hold a decision, and put the next on the desk, in two statements: the project's id. None: nothing was done.

    So it goes nearly always. Whatever is special about it goes by `carry_out`.
    """
    if form.decision not in DECISIONS or not form.is_all:
        return None
    project_id = quick_hold(session, actor, submission_id, wish_of(form), seconds=seconds)
    if project_id and not quick_take(session, actor, project_id):
        gold.go_on(session, actor, project_id)
    return project_id


def wish_of(form: DecisionForm) -> Wish:
    """The decision that a form asks for. An approval misses nothing, whatever was chosen before."""
    missed = "" if form.decision == Decision.APPROVED.value else form.missed
    return Wish(Decision(form.decision), form.revision, form.ratings, form.note, missed=missed)


def carry_out(session: Session, actor: Actor, submission: Submission, form: DecisionForm, seconds: int) -> str:
    """Do what the pressed button says; what the next page says about it, unless it offers to take it back."""
    if form.decision == "skipped":
        gold.skip(session, actor, submission.id, seconds=seconds)
        return "" if seconds else skipped(submission)
    return pressed(session, actor, submission, wish_of(form), seconds)


def pressed(session: Session, actor: Actor, submission: Submission, wish: Wish, seconds: int) -> str:
    """Decide on what lies on the desk; what the next page says about it."""
    decided = gold.decide(session, actor, submission.id, wish, seconds=seconds)
    return in_words(decided, submission.revisions[-1]) if decided and not seconds else ""
