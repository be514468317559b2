"""Did it help? From a run's report one click lets people compare it blindly with the model that it went on from."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.core.settings import Settings
from app.core.storage import Storage
from app.datasets.models import PromptSplit, Split, Version, VersionRow
from app.preferences.figures import Figure, SourceFigures
from app.preferences.fitting import renew_figures
from app.preferences.generation.prompts import choose
from app.preferences.helped import by_length, headline
from app.preferences.models import ComparedResponse, Comparison, ComparisonSet, PromptRule
from app.prompts.messages import one_turn
from app.training.blind import blind_in, words_of
from app.training.models import Report, Run
from app.training.service import keep_events
from app.training.worker.events import EventKind
from app.writing.models import Revision, Submission
from tests.cast import Cast
from tests.preferences.answering import Answers, a_run, a_version, answering, generated
from tests.preferences.conftest import MakeSet, judged, took
from tests.preferences.test_make import approved
from tests.training.made import a_policy_report, a_report, about, event, sample


@pytest.fixture
def policy(cast: Cast, session: Session, storage: Storage, tmp_path: Path) -> Run:
    """A run that went on from another, in a project with six prompts that are only tested on."""
    version = a_version(cast, session)
    for at in range(6):
        (one,) = approved(cast, session, f"What is {at}?", "A number.")
        own = {"prompt_id": one.prompt_id, "cluster": one.prompt_id, "project_id": cast.project.id}
        session.add(PromptSplit(**own, split=Split.TEST, settled_in=version.id))
    first = a_run(cast, session, storage, version, tmp_path)
    more = {"begins_from_run_id": first.id, "plan": {"method": "rloo", "max_new_tokens": 48}}
    run = a_run(cast, session, storage, version, tmp_path, **more)
    samples = [sample(f"What is {at}?", id=f"s-{at}", after=f"Mine {at}.") for at in range(7)]
    session.add(Report(run_id=run.id, project_id=run.project_id, data=dict(a_report(samples=samples))))
    session.commit()
    return run


def report(cast: Cast, run: Run) -> str:
    """The page of its report."""
    return cast.reviewer.get(f"/runs/{run.id}/report").text


def number_in(comparison: Any, side: str) -> int:
    """Of two answers the run's own has the greater number: its model was asked after the other."""
    return int(comparison[side][-1]["content"].removeprefix("It is ").rstrip("."))


def test_one_click_asks_both_models_and_what_people_say_stands_on_the_report(
    cast: Cast, session: Session, settings: Settings, policy: Run
) -> None:
    assert "Nobody has compared its answers blindly" in report(cast, policy)
    assert cast.admin.user
    press = {"user_id": cast.admin.user.id}
    assert 'action="' in cast.admin.get(f"/runs/{policy.id}/report").text
    assert cast.admin.post(f"/runs/{policy.id}/compare-blindly", data=press).status_code == 303
    again = cast.admin.post(f"/api/v1/runs/{policy.id}/compare-blindly")
    assert (again.status_code, again.json()["type"]) == (409, "/errors/preferences.compared_already")
    assert "Once both have answered" in report(cast, policy)
    with answering(settings, Answers(lambda side, asked: f"It is {len(model.asked)}.")) as model:
        (listed,) = cast.reviewer.get(f"/api/v1/projects/{cast.project.id}/comparison-sets").json()["sets"]
        assert generated(session, listed["id"]).state == "done"
    made = session.get_one(ComparisonSet, listed["id"])
    assert (made.measures_only, made.name) == (True, f"Did run {policy.number} help?")
    assert {(len(ask.sides), ask.sides[0].name, ask.max_tokens) for ask in model.asked} == {(1, "tuned", 48)}
    for at in range(6):
        mine = took(cast.admin, cast.project.id)
        judged(cast.admin, mine, max(("left", "right"), key=lambda side: number_in(mine, side)))
        if at == 1:
            renew_figures(session, made.id, seconds=0)
            session.commit()
            assert "People have judged 2 prompts blindly: too few to say whether it helped" in report(cast, policy)
    renew_figures(session, made.id, seconds=0)
    session.commit()
    page = report(cast, policy)
    assert "<h1>People prefer it to the model that it went on from.</h1>" in page
    told = cast.reviewer.get(f"/api/v1/runs/{policy.id}/report").json()["people"]
    assert "won 100\N{NO-BREAK SPACE}% (61 to 100) of comparisons" in told["finding"]
    of_six = [1, pytest.approx(0.61, abs=0.001), 1]
    assert (told["win_rate"], told["win_rate_as_long"], told["prompts"]) == (of_six, of_six, 6)
    assert (told["set_id"], len(told["was_longer"])) == (made.id, 3)
    assert "Among answers as long it won" in page
    said = session.scalars(select(ComparedResponse).order_by(ComparedResponse.id)).all()
    said[0].messages = said[6].messages
    said[1].messages = one_turn(" ", "assistant")
    session.commit()
    told = "Not compared, of 6 prompts: the same answer from both to 1 and an answer without words to 1."
    assert told in report(cast, policy)
    made.figures = None
    session.commit()
    assert told in report(cast, policy), "before anybody has judged, too"
    session.execute(update(Comparison).values(choice="tie"))
    renew_figures(session, made.id, seconds=0)
    session.commit()
    assert "<h1>It is not shown that it helped: people see no difference" in report(cast, policy)


def test_to_who_still_judges_no_number_is_told_not_even_zero(
    cast: Cast, session: Session, settings: Settings, policy: Run
) -> None:
    made = cast.admin.post(f"/api/v1/runs/{policy.id}/compare-blindly").json()["id"]
    with answering(settings, Answers(lambda side, _: f"It is {len(model.asked)}.")) as model:
        assert generated(session, made).state == "done"
    for _ in range(2):
        judged(cast.admin, took(cast.admin, cast.project.id))
    renew_figures(session, made, seconds=0)
    session.commit()
    address = f"/api/v1/runs/{policy.id}/report"
    mine, told = (one.get(address).json()["people"] for one in (cast.admin, cast.reviewer))
    numbers = ("win_rate", "win_rate_as_long", "was_longer", "prompts", "comparisons")
    assert {name: mine[name] for name in numbers} == dict.fromkeys(numbers)
    assert mine["withheld"].startswith("You still judge in this set.")
    assert (told["prompts"], told["comparisons"], told["withheld"]) == (2, 0, "")


def test_while_answers_are_judged_blindly_the_figures_of_siblings_stay(
    cast: Cast, session: Session, storage: Storage, settings: Settings, policy: Run, tmp_path: Path
) -> None:
    version, told = session.get_one(Version, policy.version_id), session.get_one(Report, policy.id)
    more = {"begins_from_run_id": policy.begins_from_run_id, "plan": policy.plan}
    both = a_policy_report(about(1.0, 0.1), samples=told.data["samples"])
    judged_run, sibling = (a_run(cast, session, storage, version, tmp_path, **more) for _ in range(2))
    for run in (judged_run, sibling):
        session.add(Report(run_id=run.id, project_id=run.project_id, data=dict(both)))
    session.commit()
    beside = f"run {sibling.number}, RLOO</th>"
    assert beside in report(cast, judged_run)
    made = cast.admin.post(f"/api/v1/runs/{judged_run.id}/compare-blindly").json()["id"]
    with answering(settings, Answers(lambda side, _: f"It is {len(model.asked)}.")) as model:
        assert generated(session, made).state == "done"
    page = report(cast, judged_run)
    assert "is not shown yet" in page
    assert beside in page
    assert f"run {sibling.number}, which answered other prompts" not in page


def test_what_is_judged_blindly_is_read_in_no_report_meanwhile(  # S47
    cast: Cast, session: Session, settings: Settings, policy: Run, make_set: MakeSet
) -> None:
    samples = session.get_one(Report, policy.id).data["samples"]
    keep_events(session, policy.id, [event(EventKind.SAMPLE, 1, sample=one) for one in samples])
    session.commit()
    doors = ("/runs/{}/report", "/runs/{}/answers", "/api/v1/runs/{}/report", "/api/v1/runs/{}/answers",
             "/api/v1/runs/{}/events", "/runs/{}/answers.jsonl", "/api/v1/runs/{}/answers.jsonl")  # fmt: skip

    def read(*, of: int) -> list[bool]:
        return [f"Mine {of}." in cast.reviewer.get(door.format(policy.id)).text for door in doors]

    assert read(of=1) == [True] * 7
    made = cast.admin.post(f"/api/v1/runs/{policy.id}/compare-blindly").json()["id"]
    with answering(settings, Answers(lambda side, _: f"It is {len(model.asked)}.")) as model:
        assert generated(session, made).state == "done"
    assert read(of=1) == [False] * 7
    of_two = blind_in(session, cast.project.id, [samples[1], samples[6]])
    assert of_two.prompts == {words_of(samples[1]["messages"])}, "no more is read than what is asked about"
    assert read(of=6) == [True] * 5 + [False] * 2, "of other prompts all is told, but a file is whole or not there"
    refused = cast.reviewer.get(f"/api/v1/runs/{policy.id}/answers.jsonl")
    assert (refused.status_code, refused.json()["type"]) == (409, "/errors/evaluation.withheld")
    assert "What was answered to 6 prompts is not shown yet" in report(cast, policy)
    for _ in range(6):
        judged(cast.admin, took(cast.admin, cast.project.id))
    assert read(of=1) == [True] * 7, "once all is judged"
    again = make_set(run_ids=[policy.id])
    assert read(of=1) == [False] * 7, "the very texts of the report"
    cast.admin.post(f"/api/v1/comparison-sets/{again.id}/close")
    assert read(of=1) == [True] * 7


def test_a_run_that_went_on_from_nothing_has_nothing_to_be_held_to(
    cast: Cast, session: Session, storage: Storage, tmp_path: Path
) -> None:
    run = a_run(cast, session, storage, a_version(cast, session), tmp_path)
    refused = cast.admin.post(f"/api/v1/runs/{run.id}/compare-blindly")
    assert (refused.status_code, refused.json()["type"]) == (409, "/errors/preferences.no_reference")


def test_without_prompts_that_are_only_tested_on_it_says_what_to_do(
    cast: Cast, session: Session, storage: Storage, tmp_path: Path
) -> None:
    run = a_run(cast, session, storage, a_version(cast, session), tmp_path, plan={"method": "dpo"})
    refused = cast.admin.post(f"/api/v1/runs/{run.id}/compare-blindly")
    assert (refused.status_code, refused.json()["type"]) == (422, "/errors/preferences.no_test_prompts")


def test_prompts_that_a_step_was_once_trained_on_are_not_asked(cast: Cast, session: Session, policy: Run) -> None:
    learned, alike, *others = session.scalars(select(PromptSplit).order_by(PromptSplit.prompt_id)).all()
    revision = session.scalars(select(Revision).join(Submission).where(Submission.prompt_id == learned.prompt_id)).one()
    first = session.get_one(Run, policy.begins_from_run_id)
    before = a_version(cast, session, "Earlier")
    first.version_id = before.id
    row = {"submission_id": revision.submission_id, "revision_id": revision.id, "prompt_id": learned.prompt_id}
    session.add(VersionRow(version_id=before.id, position=1, split=Split.TRAIN, **row))
    alike.cluster = learned.cluster
    session.commit()
    asked, left_out = choose(session, cast.project.id, PromptRule.TEST, 100, [policy])
    assert [one.prompt_id for one in asked] == [one.prompt_id for one in others]
    assert left_out == "2 prompts that a step of these models was trained on before, or much like one"
    assert choose(session, cast.project.id, PromptRule.TEST, 100)[1] == ""


@pytest.mark.parametrize(
    ("rate", "said"),
    [
        ((0.3, 0.2, 0.49), "It did not help: people prefer the model that it went on from."),
        ((0.6, 0.49, 0.7), "It is not shown that it helped: people see no difference that chance could not explain."),
        ((0.7, 0.51, 0.8), "People prefer it to the model that it went on from."),
    ],
)
def test_what_people_prefer_is_the_first_sentence_whatever_the_reward_says(rate: Figure, said: str) -> None:
    assert headline(a_row(rate)) == said


def a_row(rate: Figure) -> SourceFigures:
    """Figures of a run whose answers are mostly the longer ones."""
    return {
        "name": "Run 2", "comparisons": 8, "chance": rate, "rate": rate, "matched": None, "longer": 0.75,
        "was_longer": (0.75, 0.5, 0.9),
    }  # fmt: skip


def test_what_length_has_to_do_with_it_is_told() -> None:
    longer = "in 75\N{NO-BREAK SPACE}% (50 to 90) of comparisons. None of two answers as long was compared."
    assert by_length(a_row((0.5, 0.4, 0.6))).endswith(longer)
