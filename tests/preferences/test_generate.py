"""Models answer the prompts of a set: a job asks them, the set opens when they have, and what goes wrong is told."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from app.core.jobs import leaving
from app.core.settings import Settings
from app.core.storage import Storage
from app.datasets.models import PromptSplit, Split, Version
from app.preferences.fitting import judgements_of
from app.preferences.generation.answering import CannotAnswer
from app.preferences.generation.generating import BROKEN, ERASED_MEANWHILE, finish
from app.preferences.generation.prompts import choose
from app.preferences.jobs import generate
from app.preferences.models import (
    ComparedResponse,
    ComparisonPair,
    ComparisonPrompt,
    ComparisonSet,
    Generation,
    GenerationState,
    PromptRule,
    SetState,
)
from app.preferences.queries import ERASED
from app.prompts.models import Prompt, PromptStatus
from app.prompts.no_longer_used import turn_down
from app.training.artefacts import model_prefix
from app.training.models import Run, RunStatus
from app.writing.consent import take_consent_back
from tests import factories
from tests.cast import Cast
from tests.preferences.answering import Answers, a_run, a_version, answering, asked_for, generated, said_in
from tests.preferences.conftest import consented, took
from tests.preferences.publishing import judged
from tests.preferences.test_make import approved


@pytest.fixture
def version(cast: Cast, session: Session) -> Version:
    """A version to have trained on."""
    return a_version(cast, session)


@pytest.fixture
def run(cast: Cast, session: Session, storage: Storage, version: Version, tmp_path: Path) -> Run:
    """A run that has left a model."""
    return a_run(cast, session, storage, version, tmp_path)


@pytest.fixture
def model(settings: Settings) -> Iterator[Answers]:
    """Whoever answers."""
    with answering(settings, Answers()) as answers:
        yield answers


def opened(cast: Cast, session: Session, *texts: str) -> None:
    """Open prompts that nobody has answered."""
    assert cast.admin.user
    for text in texts:
        factories.prompt(session, cast.project, cast.admin.user, text, status=PromptStatus.APPROVED)
    session.commit()


def pairs(session: Session, set_id: int) -> int:
    """How many pairs a set has."""
    return session.scalar(select(func.count()).where(ComparisonPair.set_id == set_id)) or 0


def test_each_model_is_asked_each_prompt_and_then_the_set_opens(
    cast: Cast, session: Session, run: Run, model: Answers
) -> None:
    opened(cast, session, "Why do cats purr?", "Who was Ada Lovelace?")
    set_id = asked_for(cast, run, most=2)
    assert took(cast.author, cast.project.id) is None
    found = generated(session, set_id)
    assert (found.state, found.done, found.total) == ("done", 4, 4)
    assert {(ask.temperature, ask.max_tokens, ask.seed) for ask in model.asked} == {(0.5, 9, 3)}
    assert said_in(session, set_id) == {
        (asked, source): f"{side} on {asked}"
        for asked in ("Why do cats purr?", "Who was Ada Lovelace?")
        for source, side in (("Base model tiny", "base"), (f"Run {run.number}", "tuned"))
    }
    assert pairs(session, set_id) == 2
    assert took(cast.author, cast.project.id)["prompt"][0]["content"] == "Why do cats purr?"
    told = cast.reviewer.get(f"/api/v1/comparison-sets/{set_id}").json()["set"]
    assert told["generation"]["seed"] == 3
    assert told["rule"].endswith("temperature 0.5, at most 9 tokens, seed 3")


def test_unanswered_prompts_come_first_and_what_people_wrote_stands_beside(
    cast: Cast, session: Session, run: Run, model: Answers
) -> None:
    for at in range(4):
        approved(cast, session, f"What is {at}?", "A number.")
    opened(cast, session, "Why do cats purr?")
    set_id = asked_for(cast, run, bases=False, people=True, most=4)
    generated(session, set_id)
    assert model.prompts[0] == "Why do cats purr?"
    found = select(ComparisonPrompt.answered).where(ComparisonPrompt.set_id == set_id).order_by(ComparisonPrompt.id)
    assert session.scalars(found).all() == [False, True, True, True]
    assert {source for _, source in said_in(session, set_id)} == {f"Run {run.number}", "People"}
    assert pairs(session, set_id) == 3, "one prompt has one answer alone"


def test_prompts_of_the_test_split_are_asked_only_by_a_set_that_measures(
    cast: Cast, session: Session, run: Run, model: Answers
) -> None:
    (one, *_) = approved(cast, session, "Which planet is the largest of the solar system?", "Jupiter.")
    split = {"prompt_id": one.prompt_id, "cluster": one.prompt_id, "project_id": cast.project.id}
    session.add(PromptSplit(**split, split=Split.TEST, settled_in=run.version_id))
    opened(cast, session, "Which planet is the largest in the solar system?")
    learns = asked_for(cast, run, name="Learns", most=500)
    generated(session, learns)
    tested = set(session.scalars(select(PromptSplit.prompt_id).where(PromptSplit.split == Split.TEST)))
    asked = select(ComparisonPrompt.prompt_id).where(ComparisonPrompt.set_id == learns)
    assert tested.isdisjoint(session.scalars(asked))
    assert "solar system" not in str(model.prompts)
    assert "of the test split, or much like one" in session.get_one(ComparisonSet, learns).left_out
    measures = asked_for(cast, run, name="Measures", prompts="test", most=500)
    generated(session, measures)
    asked = select(ComparisonPrompt.prompt_id).where(ComparisonPrompt.set_id == measures)
    assert set(session.scalars(asked)) == tested
    assert session.get_one(ComparisonSet, measures).measures_only


def test_what_fails_is_told_and_the_next_try_asks_only_for_the_rest(
    cast: Cast, session: Session, run: Run, model: Answers
) -> None:
    opened(cast, session, "Why do cats purr?", "Who was Ada Lovelace?")
    set_id = asked_for(cast, run, most=2)
    model.then = lambda: model.fails.extend(["no_room"] * 3)
    found = generated(session, set_id)
    assert (found.state, found.failure, found.done) == ("failed", "It has no room.", 1)
    page = cast.admin.get(f"/projects/{cast.project.id}/preferences").text
    assert "It has no room." in page
    assert "1 of 4 answers are kept." in page
    model.then, before = lambda: None, len(model.asked)
    assert cast.admin.post(f"/api/v1/comparison-sets/{set_id}/retry").status_code == 200
    assert generated(session, set_id).state == "done"
    assert len(model.asked) - before == 3
    assert cast.admin.post(f"/api/v1/comparison-sets/{set_id}/retry").status_code == 409


def test_a_try_that_fails_once_is_made_again_and_a_prompt_too_long_makes_no_pair(
    cast: Cast, session: Session, run: Run, model: Answers
) -> None:
    opened(cast, session, "Why do cats purr?", "Who was Ada Lovelace?")
    model.fails = ["too_long", "ended"]
    set_id = asked_for(cast, run, most=2)
    assert generated(session, set_id).state == "done"
    assert len(model.asked) == 5
    assert pairs(session, set_id) == 1


def test_a_set_is_cancelled_while_its_models_answer(cast: Cast, session: Session, run: Run, model: Answers) -> None:
    opened(cast, session, "Why do cats purr?", "Who was Ada Lovelace?")
    set_id = asked_for(cast, run, most=2)
    assert cast.admin.user
    leave = {"user_id": cast.admin.user.id}
    assert "Waiting for a trainer." in cast.admin.get(f"/comparison-sets/{set_id}/progress").text
    assert cast.admin.post(f"/comparison-sets/{set_id}/cancel", data=leave).status_code == 303
    assert generated(session, set_id).state == "cancelled"
    assert model.asked == []
    assert "Try again" in cast.admin.get(f"/projects/{cast.project.id}/preferences").text
    assert cast.admin.post(f"/comparison-sets/{set_id}/retry", data=leave).status_code == 303
    assert cast.admin.post(f"/api/v1/comparison-sets/{set_id}/close").status_code == 200
    assert generated(session, set_id).state == "cancelled"
    assert cast.admin.post(f"/api/v1/comparison-sets/{set_id}/retry").status_code == 409


def test_a_trainer_that_must_leave_puts_the_set_back_for_the_next(
    cast: Cast, session: Session, run: Run, model: Answers
) -> None:
    opened(cast, session, "Why do cats purr?", "Who was Ada Lovelace?")
    set_id = asked_for(cast, run, most=2)
    model.then = leaving.set
    try:
        generate(set_id=set_id)
    finally:
        leaving.clear()
    session.expire_all()
    assert session.get_one(Generation, set_id).state == "queued"
    model.then = lambda: None
    assert generated(session, set_id).state == "done"


def test_after_a_kill_the_retry_ends_with_each_answer_once(
    cast: Cast, session: Session, run: Run, model: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:  # R8
    opened(cast, session, "Why do cats purr?", "Who was Ada Lovelace?")
    set_id = asked_for(cast, run, most=2)

    class Killed(BaseException):
        """What no edge of the job catches."""

    def kill(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr("app.preferences.generation.generating.finish", kill)
        with pytest.raises(Killed):
            generate(set_id=set_id)
    for _ in range(2):
        generate(set_id=set_id)
    assert generated(session, set_id).state == "done"
    assert len(model.asked) == 4
    assert pairs(session, set_id) == 2


def test_what_breaks_before_the_first_question_is_told_on_the_page(
    cast: Cast, session: Session, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(cast, session, "Why do cats purr?")
    set_id = asked_for(cast, run, most=1)

    def broken(*_: object) -> None:
        raise RuntimeError("no database")

    monkeypatch.setattr("app.preferences.generation.generating.begin", broken)
    with pytest.raises(RuntimeError):
        generate(set_id=set_id)
    found = session.get_one(Generation, set_id, populate_existing=True)
    assert (found.state, found.failure) == ("failed", BROKEN)


def test_an_answer_that_was_erased_meanwhile_makes_no_pair(
    cast: Cast, session: Session, run: Run, model: Answers
) -> None:
    opened(cast, session, "Why do cats purr?", "Who was Ada Lovelace?")
    set_id = asked_for(cast, run, most=2)
    erased = update(ComparedResponse).where(ComparedResponse.source == f"Run {run.number}").values(messages=ERASED)

    def erase() -> None:
        session.execute(erased)
        session.commit()

    model.then = erase
    found = generated(session, set_id)
    assert (found.state, found.failure, pairs(session, set_id)) == ("failed", ERASED_MEANWHILE, 0)


def lose_consent(cast: Cast, session: Session, model: Answers) -> None:
    """Once a model has answered, the second author's consent is taken back, and their prompts are turned down."""

    def lose() -> None:
        model.then = lambda: None
        take_consent_back(session, cast.second_author.actor, cast.project.id)
        turn_down(session, cast.project.id, cast.second_author.actor.user_id)
        session.commit()

    model.then = lose


def test_a_question_that_loses_its_consent_meanwhile_is_left_out_and_the_set_opens_with_the_rest(
    cast: Cast, session: Session, run: Run, model: Answers
) -> None:
    opened(cast, session, "Why do cats purr?", "Who was Ada Lovelace?", "Why do dogs bark?")
    ids = session.scalars(select(Prompt.id).order_by(Prompt.id)).all()
    consented(cast, session, ids[0], ids[2])
    set_id = asked_for(cast, run, most=3)
    lose_consent(cast, session, model)
    found = generated(session, set_id)
    assert (found.state, found.failure, found.done, found.total) == ("done", "", 2, 2)
    assert model.prompts == ["Why do cats purr?", *["Who was Ada Lovelace?"] * 2], "nor is a model asked the other one"
    assert {asked for asked, _ in said_in(session, set_id)} == {"Who was Ada Lovelace?"}
    assert pairs(session, set_id) == 1
    page = cast.admin.get(f"/projects/{cast.project.id}/preferences").text
    assert "Left out: 2 prompts whose proposer has taken their consent back." in page


def test_answers_to_a_question_that_lost_its_consent_make_no_pair(
    cast: Cast, session: Session, run: Run, model: Answers
) -> None:
    opened(cast, session, "Why do cats purr?")
    consented(cast, session, *session.scalars(select(Prompt.id)))
    set_id = asked_for(cast, run, people=True, most=1)
    generated(session, set_id)
    session.execute(delete(ComparisonPair))
    session.execute(update(Generation).values(state=GenerationState.RUNNING))
    turn_down(session, cast.project.id, cast.second_author.actor.user_id)
    take_consent_back(session, cast.second_author.actor, cast.project.id)
    with pytest.raises(CannotAnswer, match="Left out: 1 prompt whose proposer has taken their consent back"):
        finish(session, set_id)


def test_what_was_said_of_an_answer_that_was_erased_since_is_counted_no_longer(
    cast: Cast, session: Session, run: Run, model: Answers
) -> None:
    opened(cast, session, "Why do cats purr?")
    set_id = asked_for(cast, run, most=1)
    generated(session, set_id)
    assert cast.author.user
    judged(session, session.get_one(ComparisonSet, set_id), "tuned", cast.author.user)
    assert len(judgements_of(session, set_id, seconds=0)) == 1
    session.execute(
        update(ComparedResponse).where(ComparedResponse.source == "Base model tiny").values(messages=ERASED)
    )
    assert judgements_of(session, set_id, seconds=0) == []


def test_a_set_that_was_closed_is_given_no_pairs(cast: Cast, session: Session, run: Run, model: Answers) -> None:
    opened(cast, session, "Why do cats purr?")
    set_id = asked_for(cast, run, most=1)
    generated(session, set_id)
    session.execute(update(Generation).values(state=GenerationState.RUNNING))
    session.execute(update(ComparisonSet).values(state=SetState.CLOSED))
    had = pairs(session, set_id)
    finish(session, set_id)
    assert pairs(session, set_id) == had
    assert took(cast.author, cast.project.id) is None


def test_it_reads_on_past_prompts_like_the_test_split_until_there_are_enough(
    cast: Cast, session: Session, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.preferences.generation.prompts.AT_ONCE", 1)
    (one, *_) = approved(cast, session, "Which planet is the largest of the solar system?", "Jupiter.")
    split = {"prompt_id": one.prompt_id, "cluster": one.prompt_id, "project_id": cast.project.id}
    session.add(PromptSplit(**split, split=Split.TEST, settled_in=run.version_id))
    like = [f"Which planet is the largest {word} the solar system?" for word in ("in", "within", "of all")]
    opened(cast, session, *like, "Why do cats purr?")
    asked, left_out = choose(session, cast.project.id, PromptRule.UNANSWERED, 1)
    assert [one.messages[-1]["content"] for one in asked] == ["Why do cats purr?"]
    assert left_out == "3 prompts of the test split, or much like one"


def test_what_cannot_be_compared_is_refused_with_the_reason(
    cast: Cast, session: Session, storage: Storage, version: Version, run: Run, tmp_path: Path
) -> None:
    queued = a_run(cast, session, storage, version, tmp_path, status=RunStatus.QUEUED).id
    silent = a_run(cast, session, storage, version, tmp_path, plan={"method": "reward"}).id

    def told(**wanted: Any) -> tuple[int, str]:
        body = {"name": "None", "run_ids": [run.id]} | wanted
        answer = cast.admin.api("POST", f"/api/v1/projects/{cast.project.id}/comparison-sets/answers", **body)
        return answer.status_code, answer.json().get("type", "")

    assert told() == (422, "/errors/preferences.one_source")
    assert told(run_ids=[run.id, queued]) == (409, "/errors/training.no_model")
    assert told(run_ids=[run.id, silent]) == (409, "/errors/preferences.silent")
    assert told(run_ids=[999_999], bases=True) == (404, "/errors/training.not_found")
    assert told(temperature=3)[0] == told(run_ids=[])[0] == told(most=501)[0] == 422
    assert cast.reviewer.get(f"/projects/{cast.project.id}/preferences/answers").status_code == 403


def test_a_refused_form_stays_filled(cast: Cast, run: Run) -> None:
    assert cast.admin.user
    where = f"/projects/{cast.project.id}/preferences/answers"
    assert f"Run {run.number}, on tiny" in cast.admin.get(where).text
    fields = {"user_id": cast.admin.user.id, "name": "Filled", "run_id": [run.id], "most": 7}
    refused = cast.admin.post(where, data=fields)
    assert refused.status_code == 422
    assert "Of one source there are no pairs" in refused.text
    assert 'value="Filled"' in refused.text
    assert 'value="7"' in refused.text
    assert cast.admin.post(where, data=fields | {"bases": "on"}).status_code == 303


def test_a_model_that_was_erased_is_not_asked(
    cast: Cast, session: Session, storage: Storage, run: Run, model: Answers
) -> None:
    opened(cast, session, "Why do cats purr?")
    set_id = asked_for(cast, run, bases=False, people=True, most=2)
    for key in list(storage.list(model_prefix(run))):
        storage.delete(key)
    found = generated(session, set_id)
    assert (found.state, model.asked) == ("failed", [])
    assert "was erased" in found.failure
