"""A decision in one guarded statement: on somebody's work that waits, by one reviewer, with nothing put right.

Where the guard does not let it through nothing is written, and `service.decide` or `held.decide` goes the long way and
says why. So each rule has its sentence there; the guard only says when the long way need not be gone.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import BigInteger, DateTime, TextualSelect, bindparam, column, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.notices import telling
from app.core import audit
from app.core.database import built_once
from app.core.hot import as_read, ask_one
from app.core.jobs import enqueuing
from app.core.text import is_blank
from app.projects.rubric import is_key
from app.review.deciding.making import TOLD
from app.review.deciding.ratings import is_rating
from app.review.deciding.wishes import Wish
from app.review.models import Decision, Review
from app.writing.deciding import IS_PLAIN, deciding, freeing_others, holding, taking_turn
from app.writing.models import SubmissionStatus

QUICK = (Decision.APPROVED, Decision.CHANGES_REQUESTED)
KNOWN_CRITERIA = """
    AND NOT EXISTS (SELECT FROM jsonb_object_keys(:ratings) AS rated (key)
        WHERE NOT g.rubric @> jsonb_build_array(jsonb_build_object('key', rated.key)))"""
ALL_CRITERIA = """
    AND NOT EXISTS (SELECT FROM jsonb_array_elements(g.rubric) AS criterion
        WHERE NOT jsonb_exists(:ratings, criterion ->> 'key'))"""
# As `get_submission_for`, `can_decide` and `refuse_held` have it.
MAY_DECIDE = "AND s.project_id = ANY(:reviewer_of) AND s.author_id <> :person "
AS_SEEN = "AND s.current_revision = :revision AND NOT EXISTS (SELECT FROM held_decisions WHERE submission_id = s.id)"


def quick_decide(session: Session, actor: Actor, submission_id: int, wish: Wish) -> Review | None:
    """Carry the decision out: approve, or ask for changes. None: nothing was done.

    It is all that its request writes, and is stored when it is done.
    """
    if not is_quick(actor, wish) or wish.decision not in QUICK:
        return None
    values = _values(actor, submission_id, wish)
    made = ask_one(session, _decided(wish.decision), values, alone=True)
    return made and as_read(
        session, Review, made.id,
        id=made.id, project_id=made.project_id, submission_id=submission_id, revision_id=made.revision_id,
        reviewer_id=actor.user_id, decision=wish.decision, ratings=wish.ratings, note=wish.note, missed="",
        created_at=made.created_at,
    )  # fmt: skip


def quick_hold(session: Session, actor: Actor, submission_id: int, wish: Wish, *, seconds: int) -> int | None:
    """Hold the decision for so many seconds, as `held.hold`. The id of its project; None: nothing was done.

    Nothing is held so where reviewers meet known decisions: those would be told apart by the time that it takes.
    """
    if not is_quick(actor, wish) or not seconds:
        return None
    values = {**_values(actor, submission_id, wish), "decision": wish.decision.value, "seconds": seconds}
    held = ask_one(session, _held(wish.decision is Decision.APPROVED), values)
    return held and int(held.project_id)


def quick_undo(session: Session, actor: Actor, submission_id: int) -> Wish | None:
    """Take one's held decision back, as `held.undo`: what was wanted. None: nothing was done."""
    who = {"person": actor.user_id, "reviewer_of": actor.reviewed_projects()}
    told = {"submission": submission_id, **who, **audit.recorded_as(actor.user_id, actor.origin)}
    was = ask_one(session, UNDONE, told)
    return was and Wish(Decision(was.decision), was.revision, was.ratings, was.note, missed=was.missed)


def is_quick(actor: Actor, wish: Wish) -> bool:
    """Whether it is worth asking: what can be seen of the wish itself is as it should be."""
    spoken = wish.decision is Decision.APPROVED or not is_blank(wish.note)
    rated = all(is_rating(one) and is_key(key) for key, one in wish.ratings.items())
    return bool(actor.reviewed_projects()) and spoken and rated and wish.edited is None and not wish.missed


def _values(actor: Actor, submission_id: int, wish: Wish) -> Mapping[str, Any]:
    return {
        "submission": submission_id,
        "revision": wish.revision,
        "person": actor.user_id,
        "reviewer_of": actor.reviewed_projects(),
        "ratings": wish.ratings,
        "note": wish.note,
        **audit.recorded_as(actor.user_id, actor.origin),
    }


def _turn(*, complete: bool, where: str) -> str:
    return taking_turn(where=MAY_DECIDE + AS_SEEN + KNOWN_CRITERIA + (ALL_CRITERIA if complete else "") + where)


@built_once
def _decided(decision: Decision) -> TextualSelect:
    """One reviewer's word decides here: of two opinions `opinions.decide` makes something."""
    mine = _turn(
        complete=decision is Decision.APPROVED,
        where=f"AND p.reviews_per_response = 1 AND s.disputed_at IS NULL {IS_PLAIN}",
    )
    noted = audit.recording("mine", f"review.{decision.value}", "submission", details="revision", of="revision")
    statement = text(f"""
WITH mine AS ({mine}), {deciding("mine", SubmissionStatus(decision.value))}, noted AS ({noted}),
told AS ({telling("mine", TOLD[decision], "submission")}), made AS (
    INSERT INTO reviews (project_id, submission_id, revision_id, reviewer_id, decision, ratings, note, missed)
    SELECT project_id, id, revision_id, :person, '{decision.value}', :ratings, :note, '' FROM mine
    RETURNING id, created_at
)
SELECT made.id, made.created_at, mine.project_id, mine.revision_id FROM made, mine
""")  # noqa: S608 - every part is a constant
    return _told_of(statement.bindparams(bindparam("ratings", type_=JSONB)))


@built_once
def _held(complete: bool) -> TextualSelect:
    """The same wish of whoever has given an opinion comes to nothing, by `held.decide`."""
    mine = _turn(
        complete=complete,
        where="""AND p.gold_every = 0
        AND NOT EXISTS (SELECT FROM opinions WHERE revision_id = r.id AND reviewer_id = :person)""",
    )
    kept = "(SELECT settles_at + interval '7 days' FROM held)"  # `held.KEPT`
    leased = holding("mine", holder="person", since=kept)
    job = enqueuing("review.settle", "submission_id", "held.submission_id", at="held.settles_at")
    statement = text(f"""
WITH mine AS ({mine}), held AS (
    INSERT INTO held_decisions (submission_id, revision_id, reviewer_id, decision, ratings, note, missed, settles_at)
    SELECT id, revision_id, :person, :decision, :ratings, :note, '', clock_timestamp() + make_interval(secs => :seconds)
    FROM mine RETURNING submission_id, created_at, settles_at
), leased AS ({leased}), enqueued AS (SELECT {job} FROM held),
noted AS ({audit.recording("mine", "review.held", "submission", details="revision", of="revision")})
SELECT mine.id, held.created_at, mine.project_id, mine.revision_id FROM mine, held, enqueued
""")  # noqa: S608 - every part is a constant
    return _told_of(statement.bindparams(bindparam("ratings", type_=JSONB)))


def _told_of(statement: Any) -> TextualSelect:
    said: TextualSelect = statement.columns(
        column("id", BigInteger), column("created_at", DateTime),
        column("project_id", BigInteger), column("revision_id", BigInteger),
    )  # fmt: skip
    return said


# Of a text that was put right the page is another one.
UNDONE = text(f"""
WITH mine AS ({
    taking_turn(
        joins="JOIN held_decisions h ON h.submission_id = s.id AND h.revision_id = r.id",
        where=MAY_DECIDE + "AND h.reviewer_id = :person AND h.edited_messages IS NULL AND p.gold_every = 0",
    )
}), gone AS (
    DELETE FROM held_decisions USING mine WHERE submission_id = mine.id RETURNING decision, ratings, note, missed
), freed AS ({
    freeing_others("mine", holder="person", kept="SELECT submission_id FROM held_decisions WHERE reviewer_id = :person")
}), leased AS ({holding("mine", holder="person")}), noted AS ({audit.recording("mine", "review.undone", "submission")})
SELECT mine.revision, gone.decision, gone.ratings, gone.note, gone.missed FROM mine, gone
""")  # noqa: S608 - every part is a constant
