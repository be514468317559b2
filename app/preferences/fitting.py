"""Computing the figures of a set, keeping them, and putting its open pairs in order by them. Done by a job."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, func, or_, select, text, update
from sqlalchemy.orm import Session, aliased

from app.accounts.models import User
from app.core.audit import AuditEntry
from app.core.database import rows_of
from app.preferences.counts import Judgement, Response
from app.preferences.figures import certainty, figures_of, fit_of, one_sided
from app.preferences.gone import close_gone
from app.preferences.models import ComparedResponse, Comparison, ComparisonPair, ComparisonSet, PairState, Purpose
from app.preferences.queries import is_gone
from app.preferences.ranking.models import Ordered, Ordering, Ranking, RankingState
from app.projects.models import ConsentTakenBack

AT_ONCE = 100
WITHDRAWN = ("writing.withdrawn", "writing.withdrawn_for", "writing.withdrawn_with_consent")
SLACK = timedelta(minutes=1)  # an entry has the time at which its transaction began, which may end after a fit
# Not a lock of the set's row: whoever is given a pair meanwhile names that row, and would wait for all the fits.
FIGURES = 0x7046
PATIENT = text("SET LOCAL idle_in_transaction_session_timeout = '15min'")  # the fits are made between statements
ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(:of, hashint8(:set))")


def list_due(session: Session, *, seconds: int) -> Sequence[int]:
    """Sets whose figures do not hold what stands: something was judged since that can no longer be taken back, a word
    was taken back late, a response was withdrawn, a consent was taken back, or somebody was erased; or they are of
    before habits were kept with them."""
    figured, moment = ComparisonSet.figured_at, func.clock_timestamp()
    held, since = figured - timedelta(seconds=seconds), func.coalesce(figured, ComparisonSet.created_at) - SLACK
    of_set = Comparison.set_id == ComparisonSet.id
    judged = select(Comparison.id).where(
        of_set,
        Comparison.answered_at <= moment - timedelta(seconds=seconds),
        or_(figured.is_(None), Comparison.answered_at > held),
    )
    undone = select(Comparison.id).where(of_set, Comparison.undone > 0, Comparison.offered_at > held)
    of_rankings = select(Ordering.id).where(
        Ordering.set_id == ComparisonSet.id,
        or_(
            and_(
                Ordering.answered_at <= moment - timedelta(seconds=seconds),
                or_(figured.is_(None), Ordering.answered_at > held),
            ),
            and_(Ordering.undone > 0, Ordering.offered_at > held),
        ),
    )
    withdrawn = (
        select(AuditEntry.id)
        .join(ComparedResponse, ComparedResponse.submission_id == AuditEntry.subject_id)
        .where(ComparedResponse.set_id == ComparisonSet.id)
        .where(AuditEntry.action.in_(WITHDRAWN), AuditEntry.at > since)
    )
    erased = select(User.id).where(User.erased_at > since)
    no_consent = select(ConsentTakenBack.consent_id).where(
        ConsentTakenBack.project_id == ComparisonSet.project_id, ConsentTakenBack.finished_at > since
    )
    changed = (one.exists() for one in (judged, undone, of_rankings, withdrawn, no_consent, erased))
    without_habits = and_(figured.is_not(None), ComparisonSet.habits.is_(None))
    due = select(ComparisonSet.id).where(or_(without_habits, *changed))
    return session.scalars(due.order_by(ComparisonSet.id).limit(AT_ONCE)).all()


def renew_figures(session: Session, set_id: int, *, seconds: int) -> None:
    """Compute the figures of a set of all that can no longer be taken back, and say which pairs are least certain;
    what waits and is gone is closed.

    Done twice it has one effect. Two at once take turns.
    """
    session.execute(PATIENT)
    session.execute(ONE_AT_A_TIME, {"of": FIGURES, "set": set_id})
    found = session.get_one(ComparisonSet, set_id)
    moment = session.scalars(select(func.clock_timestamp())).one()
    said = judgements_of(session, set_id, seconds=seconds)
    found.figures, found.figured_at = dict(figures_of(said, could_not(session, set_id, seconds=seconds))), moment
    found.habits = [dict(one) for one in one_sided(said)]
    session.flush()
    close_gone(session, set_id)
    put_in_order(session, set_id, said)


def judgements_of(session: Session, set_id: int, *, seconds: int) -> list[Judgement]:
    """What was said of a set's pairs and stands, the first first, without pairs of which a text is gone."""
    first, second = aliased(ComparedResponse), aliased(ComparedResponse)
    said = (
        select(Comparison, ComparisonPair, first, second)
        .join(ComparisonPair, ComparisonPair.id == Comparison.pair_id)
        .join(first, first.id == ComparisonPair.first_id)
        .join(second, second.id == ComparisonPair.second_id)
        .where(
            Comparison.set_id == set_id,
            Comparison.answered_at <= func.clock_timestamp() - timedelta(seconds=seconds),
            ~is_gone(),
        )
        .order_by(Comparison.answered_at, Comparison.id)
    )
    rows = session.execute(said).all()
    pairs_in = Counter(comparison.ordering_id for comparison, *_ in rows if comparison.purpose is not Purpose.KNOWN)
    return [_judgement(pairs_in, *row) for row in rows]


def could_not(session: Session, set_id: int, *, seconds: int) -> int:
    """How many times somebody could not put responses of this set in order."""
    said = select(func.count()).select_from(Ordering)
    said = said.where(
        Ordering.set_id == set_id,
        Ordering.said == Ordered.CANNOT_JUDGE,
        Ordering.answered_at <= func.clock_timestamp() - timedelta(seconds=seconds),
    )
    return session.scalar(said) or 0


def _judgement(
    pairs_in: Mapping[int | None, int],
    comparison: Comparison,
    pair: ComparisonPair,
    first: ComparedResponse,
    second: ComparedResponse,
) -> Judgement:
    left, right = (first, second) if comparison.left_id == first.id else (second, first)
    assert comparison.choice is not None, "only what was answered is read"
    return Judgement(
        prompt_id=pair.comparison_prompt_id,
        pair_id=pair.id,
        person_id=comparison.person_id,
        purpose=comparison.purpose,
        left=_response(left),
        right=_response(right),
        choice=comparison.choice,
        known_better_id=pair.known_better_id,
        ordering_id=comparison.ordering_id,
        weight=1 / max(1, pairs_in[comparison.ordering_id]) if comparison.ordering_id else 1.0,
    )


def _response(row: ComparedResponse) -> Response:
    return Response(row.id, row.source, sum(len(str(turn["content"])) for turn in row.messages))


def put_in_order(session: Session, set_id: int, said: Sequence[Judgement]) -> None:
    """Keep for the pairs of each two sources that wait how certain their outcome is: one statement each two; and for
    rankings that wait the mean of their pairs."""
    fitted = fit_of(said)
    first, second = aliased(ComparedResponse), aliased(ComparedResponse)
    sources = (
        select(first.source, second.source)
        .select_from(ComparisonPair)
        .join(first, first.id == ComparisonPair.first_id)
        .join(second, second.id == ComparisonPair.second_id)
        .where(ComparisonPair.set_id == set_id, _may_wait(ComparisonPair))
        .distinct()
    )
    pairs = rows_of(ComparisonPair)
    one, other = rows_of(ComparedResponse).alias(), rows_of(ComparedResponse).alias()
    of_these = and_(
        pairs.c.set_id == set_id,
        _may_wait(pairs.c),
        one.c.id == pairs.c.first_id,
        other.c.id == pairs.c.second_id,
        one.c.source == bindparam("one"),
        other.c.source == bindparam("other"),
        # What is written is locked, and passed over by whoever takes the next one: so only what changes.
        pairs.c.certainty != bindparam("sure"),
    )
    kept = update(pairs).where(of_these).values(certainty=bindparam("sure"))
    for names in session.execute(sources).all():
        sure = certainty(fitted, names[0], names[1])
        session.execute(kept, {"one": names[0], "other": names[1], "sure": sure})
    pairs_of_it = ComparisonPair.ranking_id == Ranking.id
    mean = select(func.avg(ComparisonPair.certainty)).where(pairs_of_it).scalar_subquery()
    waits = (Ranking.set_id == set_id, Ranking.state == RankingState.OPEN, Ranking.certainty != mean)
    session.execute(
        update(Ranking).where(*waits).values({"certainty": mean}), execution_options={"synchronize_session": False}
    )


def _may_wait(pairs: Any) -> ColumnElement[bool]:
    """Pairs that wait, and those of rankings, whose order they decide."""
    found: ColumnElement[bool] = or_(pairs.state == PairState.OPEN, pairs.ranking_id.is_not(None))
    return found
