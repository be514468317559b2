"""Submissions with a known decision: an admin vouches for it, reviewers meet them unmarked and learn afterwards."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from app.core.settings import Settings
from app.projects.models import Guidelines, Project
from app.prompts.models import Prompt
from app.prompts.questions import ask
from app.review import gold
from app.review.models import Decision, GoldAnswer, GoldItem, HeldDecision, Review
from app.review.queries import count_waiting, gold_for
from app.writing.models import Revision, Submission
from tests import factories
from tests.cast import Cast, Client
from tests.conftest import settings_in
from tests.review.conftest import HandIn, decided, posted, sheet_of, took
from tests.review.deciding.test_undo import desk, state, undone
from tests.review.desk.test_edit import edited

WHY = "It says where the light comes from."


@pytest.fixture(autouse=True)
def _known_ones_are_met(cast: Cast, session: Session) -> None:
    """The project of these tests gives one known submission in two."""
    session.execute(update(Project).where(Project.id == cast.project.id).values(gold_every=2))
    session.commit()


@pytest.fixture
def known(cast: Cast, hand_in: HandIn, session: Session) -> Submission:
    """A submission that another reviewer approved, and for which the admin vouches."""
    made = hand_in(cast.author, "A known answer", asked="The known question")
    assert decided(cast.second_reviewer, made).status_code == 201
    assert marked(cast.admin, made).status_code == 303
    return made


def marked(client: Client, submission: Submission, decision: str = "approved", note: str = WHY) -> Any:
    """The press of "Vouch for it"."""
    assert client.user
    given = {"user_id": client.user.id, "decision": decision, "note": note}
    return client.post(f"/submissions/{submission.id}/gold", data=given)


def meet(cast: Cast, hand_in: HandIn, known: Submission) -> list[Submission]:
    """Decide on others until the known one lies on the reviewer's desk; those that were decided on."""
    done = []
    for number in range(60):
        done.append(hand_in(cast.author, asked=f"Question {number}"))
        took(cast.reviewer, cast.project.id)
        if sheet_of(cast.reviewer, known) in desk(cast.reviewer, cast.project.id):
            return done
        assert posted(cast.reviewer, done[-1]).status_code == 303
    raise AssertionError("one in two was not met in sixty")


def lay_before(session: Session, cast: Cast, known: Submission) -> None:
    """Put the known one on the reviewer's desk."""
    assert cast.reviewer.user
    factories.stored(session, GoldAnswer(submission_id=known.id, reviewer_id=cast.reviewer.user.id))
    session.commit()


def answers(session: Session) -> list[tuple[Decision | None, str]]:
    session.expire_all()
    return [(one.decision, one.note) for one in session.scalars(select(GoldAnswer))]


def test_a_known_one_is_met_as_if_it_waited_and_its_answer_is_no_review(
    cast: Cast, hand_in: HandIn, known: Submission, session: Session
) -> None:
    meet(cast, hand_in, known)
    before = session.scalars(select(func.count(Review.id))).one()
    answer = posted(cast.reviewer, known, "rejected", note="Too short.")
    assert answer.status_code == 303
    assert answers(session) == [(Decision.REJECTED, "Too short.")]
    assert session.scalars(select(func.count(Review.id))).one() == before
    assert state(session, known).value == "approved"
    assert "Rejected “The known question”." in cast.reviewer.get(answer.headers["location"]).text


def test_on_average_one_in_so_many_is_a_known_one(
    cast: Cast, hand_in: HandIn, known: Submission, session: Session
) -> None:
    hand_in(cast.author)
    session.execute(update(Project).values(gold_every=4))
    session.commit()
    met = 0
    for _ in range(160):
        gold.take_next(session, cast.reviewer.actor, cast.project.id)
        met += len(session.scalars(select(GoldAnswer)).all())
        session.rollback()
    assert 16 <= met <= 64  # 40 expected; outside of this once in 100,000 runs


def test_without_the_rule_none_is_met(cast: Cast, hand_in: HandIn, known: Submission, session: Session) -> None:
    session.execute(update(Project).values(gold_every=0))
    hand_in(cast.author)
    for _ in range(30):
        gold.take_next(session, cast.reviewer.actor, cast.project.id)
        assert session.scalars(select(GoldAnswer)).all() == []
        session.rollback()


def test_nothing_on_the_page_tells_a_known_one_from_another(
    cast: Cast, hand_in: HandIn, known: Submission, session: Session
) -> None:
    real = hand_in(cast.author, "A known answer", asked="The known question")
    took_real = None
    while not took_real:
        took(cast.reviewer, cast.project.id)
        shown = desk(cast.reviewer, cast.project.id)
        took_real = shown if sheet_of(cast.reviewer, real) in shown else None
        gold.put_away(session, cast.reviewer.actor, cast.project.id)
        session.commit()
    session.execute(update(Submission).values(lease_holder_id=None, lease_expires_at=None))
    lay_before(session, cast, known)
    shown_gold = desk(cast.reviewer, cast.project.id)
    sheets = [sheet_of(cast.reviewer, one) for one in (real, known)]
    assert shown_gold.replace(sheets[1], "SHEET") == took_real.replace(sheets[0], "SHEET")
    for number in (known.id, real.id):
        assert not re.search(rf"submissions?/{number}\b", shown_gold)
    assert [len(sheet) for sheet in sheets] == [22, 22]
    assert "handed in" not in shown_gold


def test_what_was_said_of_earlier_revisions_is_read_and_tells_none_apart(
    cast: Cast, hand_in: HandIn, session: Session
) -> None:
    assert cast.second_reviewer.user
    assert cast.reviewer.user
    real, known = (hand_in(cast.author, "Stars twinkle.", "The stars twinkle.", asked="Why?") for _ in range(2))
    for one, days in ((real, 3), (known, 200)):
        first, second = session.scalars(
            select(Revision).where(Revision.submission_id == one.id).order_by(Revision.number)
        ).all()
        then = second.created_at - timedelta(days=days)
        met = factories.comment(session, one, cast.second_reviewer.user, "stars", body="Which stars?", created_at=then)
        met.revision_id, met.starts_at, met.ends_at, met.quote = first.id, 0, 5, "Stars"
        met.resolved_at, met.resolved_by = then + timedelta(hours=1), one.author_id
        still = factories.comment(session, one, cast.second_reviewer.user, "twinkle", body="In air.", created_at=then)
        still.revision_id, still.starts_at, still.ends_at = first.id, 6, 13
        later = second.created_at + timedelta(hours=2)
        factories.comment(session, one, cast.second_reviewer.user, "The", body="Said later.", created_at=later)
        of = {"project_id": cast.project.id, "submission_id": one.id, "reviewer_id": cast.second_reviewer.user.id}
        said = {"decision": Decision.CHANGES_REQUESTED, "ratings": {}, "note": "Say why."}
        factories.stored(session, Review(**of, **said, revision_id=first.id, created_at=then))
        ask(session, cast.author.actor, one.prompt_id, "Which ones?").created_at = then
    session.commit()
    assert decided(cast.second_reviewer, known).status_code == 201
    assert marked(cast.admin, known).status_code == 303
    lease = {"lease_holder_id": cast.reviewer.user.id, "lease_expires_at": func.now() + timedelta(hours=1)}
    session.execute(update(Submission).where(Submission.id == real.id).values(lease))
    session.commit()
    shown_real = desk(cast.reviewer, cast.project.id)
    lay_before(session, cast, known)
    shown_known = desk(cast.reviewer, cast.project.id)
    for body in ("Which stars?", "In air.", "Which ones?", "Say why."):
        assert body in shown_known
    assert ("Said later." in shown_known, shown_known.count("Outdated"), ", settled" in shown_known) == (False, 1, True)
    assert not re.search(r"(months?|days?) ago|\bcomments?[-/]\d", shown_known)
    sheets = [sheet_of(cast.reviewer, one) for one in (real, known)]
    assert shown_known.replace(sheets[1], "SHEET") == shown_real.replace(sheets[0], "SHEET")


def test_where_two_judge_what_another_said_before_it_was_recalled_tells_no_known_one(
    cast: Cast, hand_in: HandIn, session: Session
) -> None:
    assert cast.second_reviewer.user
    assert cast.reviewer.user
    real, known = (hand_in(cast.author, "Stars twinkle.", asked="Why?") for _ in range(2))
    for one in (real, known):
        first = session.scalars(select(Revision).where(Revision.submission_id == one.id)).one()
        asked = first.created_at + timedelta(hours=1)
        factories.comment(session, one, cast.second_reviewer.user, "twinkle", body="Another’s.", created_at=asked)
        factories.comment(session, one, cast.reviewer.user, "twinkle", body="One’s own.", created_at=asked)
        again = first.created_at + timedelta(hours=2)
        prompt, rules = session.get_one(Prompt, one.prompt_id), session.get_one(Guidelines, first.guidelines_id)
        factories.revision(session, one, prompt, rules, 2, "Stars do twinkle.", created_at=again)
        one.current_revision = 2
    session.commit()
    assert decided(cast.second_reviewer, known).status_code == 201
    assert marked(cast.admin, known).status_code == 303
    session.execute(update(Project).values(reviews_per_response=2))
    lease = {"lease_holder_id": cast.reviewer.user.id, "lease_expires_at": func.now() + timedelta(hours=1)}
    session.execute(update(Submission).where(Submission.id == real.id).values(lease))
    session.commit()
    shown_real = desk(cast.reviewer, cast.project.id)
    lay_before(session, cast, known)
    shown_known = desk(cast.reviewer, cast.project.id)
    assert ("Another’s." in shown_known, "One’s own." in shown_known) == (False, True)
    sheets = [sheet_of(cast.reviewer, one) for one in (real, known)]
    assert shown_known.replace(sheets[1], "SHEET") == shown_real.replace(sheets[0], "SHEET")


def test_both_answers_lead_on_in_the_same_way(cast: Cast, hand_in: HandIn, known: Submission, session: Session) -> None:
    real = hand_in(cast.author, asked="The known question")
    told = []
    for one in (known, real):
        if one is known:
            lay_before(session, cast, known)
        answer = posted(cast.reviewer, one, note="Fine.")
        twice = posted(cast.reviewer, one, note="Fine.")
        other = posted(cast.reviewer, one, "rejected", note="No.")
        wrong = posted(cast.reviewer, one, "rejected")
        told.append([(each.status_code, each.headers.get("location")) for each in (answer, twice, other, wrong)])
        told[-1].append((0, "You have already approved this" in other.text))
        session.execute(update(Submission).values(lease_holder_id=None, lease_expires_at=None))
        session.commit()
    assert told[0] == told[1]


@pytest.mark.parametrize("seconds", [0, 10])
def test_who_goes_back_and_presses_something_else_hears_the_same(
    cast: Cast, hand_in: HandIn, known: Submission, session: Session, settings: Settings, seconds: int
) -> None:
    settings.undo_seconds = seconds
    told = []
    for asked in ("approved", "skipped"):
        real = hand_in(cast.author, asked=f"Another known question {asked}")
        for one in (known, real):
            if one is known:
                lay_before(session, cast, known)
            pressed = [posted(cast.reviewer, one, each, note="So.") for each in (asked, "rejected", "skipped", asked)]
            told.append([(each.status_code, said(each.text)) for each in pressed])
            for table in (GoldAnswer, HeldDecision):
                session.execute(delete(table))
            session.execute(update(Submission).values(lease_holder_id=None, lease_expires_at=None))
            session.commit()
    assert told[0] == told[1]
    assert told[2] == told[3]
    assert any(status == 409 for status, _ in told[0])


def said(page: str) -> list[str]:
    """Why something was refused, in words."""
    return re.findall(r"[A-Z][^<>.]* stored\.", page)


def test_what_waits_grows_less_with_each_decision_known_or_not(
    cast: Cast, hand_in: HandIn, known: Submission, session: Session
) -> None:
    first, second = hand_in(cast.author), hand_in(cast.second_author)
    actor = cast.reviewer.actor
    assert count_waiting(session, actor, cast.project.id) == 3
    posted(cast.reviewer, first)
    assert count_waiting(session, actor, cast.project.id) == 2
    gold.put_away(session, actor, cast.project.id)
    lay_before(session, cast, known)
    assert count_waiting(session, actor, cast.project.id) == 2
    posted(cast.reviewer, known)
    assert count_waiting(session, actor, cast.project.id) == 1
    posted(cast.reviewer, second)
    assert count_waiting(session, actor, cast.project.id) == 0


def test_a_known_one_is_met_once_and_never_by_who_had_to_do_with_it(
    cast: Cast, hand_in: HandIn, known: Submission, session: Session
) -> None:
    hand_in(cast.second_author)
    for who, may in ((cast.reviewer, True), (cast.second_reviewer, False), (cast.admin, False)):
        seen = False
        for _ in range(40):
            gold.take_next(session, who.actor, cast.project.id)
            seen = seen or bool(session.scalars(select(GoldAnswer)).all())
            session.rollback()
        assert seen is may
    lay_before(session, cast, known)
    posted(cast.reviewer, known)
    for _ in range(30):
        gold.take_next(session, cast.reviewer.actor, cast.project.id)
        assert len(session.scalars(select(GoldAnswer)).all()) == 1
        session.rollback()


def test_one_that_its_author_has_withdrawn_is_met_no_more(
    cast: Cast, hand_in: HandIn, known: Submission, session: Session
) -> None:
    hand_in(cast.author)
    lay_before(session, cast, known)
    assert sheet_of(cast.reviewer, known) in desk(cast.reviewer, cast.project.id)
    assert cast.author.api("POST", f"/api/v1/submissions/{known.id}/withdraw").status_code == 200
    assert sheet_of(cast.reviewer, known) not in desk(cast.reviewer, cast.project.id)
    assert session.scalars(gold_for(cast.reviewer.actor, cast.project.id)).all() == []


def test_a_skipped_one_does_not_come_again_and_counts_for_nothing(
    cast: Cast, known: Submission, session: Session
) -> None:
    lay_before(session, cast, known)
    answer = posted(cast.reviewer, known, "skipped")
    assert "Skipped “The known question”; it waits" in cast.reviewer.get(answer.headers["location"]).text
    assert "Nothing waits for you" in desk(cast.reviewer, cast.project.id)
    assert gold.calibration(session, cast.reviewer.actor, cast.project.id, seconds=0).answered == 0


def test_afterwards_the_reviewer_sees_the_figure_and_the_explanation(
    cast: Cast, known: Submission, session: Session
) -> None:
    history = f"/projects/{cast.project.id}/review/history"
    lay_before(session, cast, known)
    assert WHY not in cast.reviewer.get(history).text
    posted(cast.reviewer, known, "rejected", note="No.")
    shown = cast.reviewer.get(history).text
    assert "0 of 1 agrees." in shown
    assert WHY in shown
    assert WHY not in cast.second_reviewer.get(history).text
    assert WHY not in cast.reviewer.get(f"/submissions/{known.id}").text


def test_only_an_admin_who_did_not_write_it_vouches_and_only_for_what_is_decided(
    cast: Cast, hand_in: HandIn, session: Session
) -> None:
    waiting, own = hand_in(cast.author), hand_in(cast.admin)
    assert marked(cast.admin, waiting).status_code == 409
    for one in (waiting, own):
        assert decided(cast.reviewer, one).status_code == 201
    told = [marked(who, waiting).status_code for who in (cast.author, cast.reviewer, cast.outsider)]
    assert told == [403, 403, 404]
    assert marked(cast.admin, own).status_code == 403
    assert marked(cast.admin, waiting, note=" ").status_code == 422
    assert session.scalars(select(GoldItem)).all() == []
    assert "Vouch for it" in cast.admin.get(f"/submissions/{waiting.id}").text
    assert "Vouch for" not in cast.reviewer.get(f"/submissions/{waiting.id}").text
    assert "Vouch for" not in cast.author.get(f"/submissions/{waiting.id}").text


def test_an_edited_one_is_not_given_since_it_would_look_edited(
    cast: Cast, waiting: Submission, session: Session
) -> None:
    edited(cast.reviewer, waiting, "Put right.")
    assert marked(cast.admin, waiting).status_code == 409


def test_it_can_be_said_anew_and_let_go(cast: Cast, known: Submission, session: Session) -> None:
    assert cast.admin.user
    marked(cast.admin, known, "rejected", "On second thought")
    session.expire_all()
    item = session.scalars(select(GoldItem)).one()
    assert (item.decision, item.note) == (Decision.REJECTED, "On second thought")
    path, given = f"/submissions/{known.id}/gold/retire", {"user_id": cast.admin.user.id}
    assert [cast.admin.post(path, data=given).status_code for _ in range(2)] == [303, 404]
    assert session.scalar(select(gold_for(cast.reviewer.actor, cast.project.id).subquery())) is None


class TestHeld:
    """The same with the seconds in which a decision can be taken back."""

    @pytest.fixture
    def settings(self, tmp_path: Path) -> Settings:
        """As people have it."""
        return settings_in(tmp_path).model_copy(update={"undo_seconds": 10})

    def test_an_answer_can_be_taken_back_as_any_decision_can(
        self, cast: Cast, hand_in: HandIn, known: Submission, session: Session
    ) -> None:
        lay_before(session, cast, known)
        edited(cast.reviewer, known, "An edited text", note="So.")
        assert "Approved “The known question”</span>" in desk(cast.reviewer, cast.project.id)
        history = f"/projects/{cast.project.id}/review/history"
        assert WHY not in cast.reviewer.get(history).text, "not while it can be taken back"
        shown = undone(cast.reviewer, known)
        assert (shown.status_code, "An edited text</textarea>" in shown.text, "So.<" in shown.text) == (200, True, True)
        assert answers(session) == [(None, "")]
        assert undone(cast.reviewer, known).status_code == 303
        posted(cast.reviewer, known, "rejected", note="No.")
        past = update(GoldAnswer).values(answered_at=func.now() - timedelta(seconds=11))
        session.execute(past)
        session.commit()
        late = undone(cast.reviewer, known)
        assert (late.status_code, "can no longer be taken back" in late.text) == (409, True)
        assert WHY in cast.reviewer.get(history).text

    def test_an_undo_of_another_puts_the_known_one_away(
        self, cast: Cast, hand_in: HandIn, known: Submission, session: Session
    ) -> None:
        real = hand_in(cast.author)
        posted(cast.reviewer, real)
        gold.put_away(session, cast.reviewer.actor, cast.project.id)
        lay_before(session, cast, known)
        assert undone(cast.reviewer, real).status_code == 200
        assert answers(session) == []
        assert sheet_of(cast.reviewer, real) in desk(cast.reviewer, cast.project.id)
