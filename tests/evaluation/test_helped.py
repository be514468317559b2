"""Did a policy help? Its report says so first of all, beside its siblings, and never more than its intervals hold."""

from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from app.core.storage import Storage
from app.datasets.models import Version
from app.evaluation.helped import columns_of, columns_table, read_helped, title_of
from app.evaluation.ranking import doubt_of
from app.training.models import Run
from app.training.worker.estimate import Estimate
from tests.cast import Cast
from tests.evaluation.conftest import Reported
from tests.training.made import a_policy_report, a_ranking_report, about, done, left_model, sample, started

FEW: Estimate = {"value": 0.7, "low": None, "high": None}
UP, DOWN, EVEN = about(1.0, 0.2), about(-1.0, 0.2), about(0.1, 0.2)
BY_ONE = "By one reward model it helped; by a second one, no change can be told from chance."


@pytest.mark.parametrize(
    ("reward", "second", "title"),
    [
        (None, None, "Whether it helped cannot be said: no reward model measured it."),
        (FEW, None, "There were too few prompts to say whether it helped."),
        (DOWN, None, "It did not help: the reward fell on prompts that no step was trained on."),
        (EVEN, UP, "It is not shown that it helped: no change of the reward can be told from chance."),
        (about(0.2, 0.2), None, "It is not shown that it helped: no change of the reward can be told from chance."),
        (UP, None, "By the reward that measures it, it helped on prompts that no step was trained on."),
        (UP, FEW, "By the reward that measures it, it helped on prompts that no step was trained on."),
        (DOWN, UP, "By one reward model it did harm; by a second one it helped."),
        (UP, DOWN, "It did not help: the first reward rose, and a second one fell."),
        (UP, EVEN, BY_ONE),
        (UP, UP, "It helped by two reward models, on prompts that no step was trained on."),
    ],
)
def test_the_first_sentence_says_whether_it_helped(reward: Estimate, second: Estimate, title: str) -> None:
    report = a_policy_report(reward, second)
    assert title_of(report["policy"]) == title
    told = read_helped(report, a_run(2), []).followed_too_far
    assert bool(told) == ((reward, second) == (UP, DOWN))


def a_run(number: int, **values: object) -> Run:
    """A policy's run, not stored."""
    plan = {"method": "rloo", "begins_from": "run 1", "reward_from": "run 9"}
    return Run(id=number, number=number, base_model="tiny", plan=plan, **values)


def test_siblings_stand_beside_it_where_they_were_asked_the_same() -> None:
    report = a_policy_report(UP, EVEN)
    same, led_otherwise, asked_otherwise = a_run(3, reward_run_id=9), a_run(4, reward_run_id=8), a_run(5)
    others = a_policy_report(UP, samples=[sample("Another prompt.")])
    hotter = {**report, "plan": {**report["plan"], "temperature": 2.0, "max_new_tokens": 8}}
    beside = [(same, report), (led_otherwise, report), (asked_otherwise, others), (a_run(6), hotter)]
    told = read_helped(report, a_run(2, reward_run_id=9), beside)  # type: ignore[arg-type]
    assert told.columns
    assert told.columns.head == (
        "95 %", "the base model", "run 1, where it began", "run 2, RLOO", "run 3, RLOO", "run 4, RLOO",
    )  # fmt: skip
    rows = {row[0]: row[1:] for row in told.columns.rows}
    assert rows["Reward"][2:] == ("2.10 (2.00 to 2.20)", "2.10 (2.00 to 2.20)", "by another model")
    assert rows["KL to where it began, nats a token"][:3] == ("–", "0.000 (0.000 to 0.000)", "0.031 (0.021 to 0.041)")
    assert rows["Recites what people wrote"][:3] == ("–", "0 % (-10 to 10)", "30 % (20 to 40)")
    assert rows["Loss on people's responses"][:3] == ("–", "4.200", "3.200, changed by -1.00 (-1.10 to -0.90)")
    assert told.apart == (
        "Not beside it: run 5, which answered other prompts; run 6, which drew its answers at temperature 2 and cut "
        "its answers at 8 tokens."
    )


def test_a_sibling_that_was_measured_on_other_rows_is_not_held_against_it() -> None:
    report = a_policy_report(UP)
    other = a_policy_report(UP, rows=[{"split": "test", "id": "s-7"}])
    told = read_helped(report, a_run(2), [(a_run(3), other)])
    assert told.columns
    rows = {row[0]: row[1:] for row in told.columns.rows}
    assert rows["Loss on people's responses"][2:] == ("3.200, changed by -1.00 (-1.10 to -0.90)", "on other rows")
    assert rows["Recites what people wrote"][3] == "30 % (20 to 40)"


def test_what_was_never_measured_has_no_row() -> None:
    report = a_policy_report(None, recital=None, splits={})
    names = [row[0] for row in columns_table(columns_of(report, a_run(2), []), 48).rows]
    assert names == ["KL to where it began, nats a token", "Tokens of an answer", "Ends by itself"]
    nothing = a_policy_report(None, policy=None)
    assert read_helped(nothing, a_run(2), []).columns is None


def test_the_page_says_it_beside_its_sibling_with_answers_and_rewards(
    cast: Cast, reported: Reported, session: Session, storage: Storage, tmp_path: Path
) -> None:
    said = "KL went above 1: it ended at step 12."
    report = a_policy_report(UP, DOWN)
    run: Run = reported(**{**report, "policy": {**(report["policy"] or {}), "stopped": said}})
    left_model(session, run.id, "rloo")
    later = started(cast.admin, session.get_one(Version, run.version_id))
    pairs = a_ranking_report()["ranking"]
    done(session, storage, later, tmp_path / "later", a_policy_report(UP, ranking=pairs))
    left_model(session, later, "dpo")
    page = cast.reviewer.get(f"/runs/{run.id}/report").text
    assert "<h1>It did not help: the first reward rose, and a second one fell.</h1>" in page
    assert "The reward was followed too far." in page
    assert "Which response it puts first" not in page
    by_pairs = cast.reviewer.get(f"/runs/{later}/report").text
    for words in (
        "Which response it puts first",
        "Held-out pairs put in people",
        "72 % (66 to 78)",
        "as sure as it is right",
    ):
        assert words in by_pairs
    assert said in page
    assert '<th scope="col" class="num">run 2, DPO</th>' in page
    assert "reward 1.20, second 0.30" in page
    assert "went on; cut here" in page
    answers = cast.reviewer.get(f"/runs/{run.id}/answers").text
    assert "drawn by chance at temperature 1," in answers
    assert "Base model, where it began" in answers
    listed = cast.reviewer.get(f"/projects/{cast.project.id}/runs").text
    assert "DPO" in listed


def test_a_policy_that_followed_a_coin_is_said_to_have_done_so(
    cast: Cast, reported: Reported, session: Session, storage: Storage, tmp_path: Path
) -> None:
    ranked = a_ranking_report()
    assert ranked["ranking"]
    assert doubt_of(ranked, "run 1") == ""
    ranked["ranking"]["rows"][0]["accuracy"] = FEW
    assert "was tried on too few held-out prompts" in doubt_of(ranked, "run 1")
    assert "was tried on too few held-out prompts" in doubt_of({**ranked, "ranking": None}, "run 1")
    ranked["ranking"]["rows"][0]["accuracy"] = about(0.55, 0.1)
    judge: Run = reported(**ranked)
    led = started(cast.admin, session.get_one(Version, judge.version_id))
    run = done(session, storage, led, tmp_path / "led", a_policy_report(UP))
    left_model(session, led, "rloo")
    run.reward_run_id, run.plan = judge.id, {**run.plan, "reward_from": "run 1"}
    session.commit()
    page = cast.reviewer.get(f"/runs/{led}/report").text
    assert "By the reward that measures it, it helped" in page
    assert "The reward model of run 1 cannot be told from a coin on pairs that it never saw." in page


def test_hostile_text_in_a_policy_s_samples_stays_text(cast: Cast, reported: Reported, session: Session) -> None:
    text = "<img src=x onerror=alert(2)>"
    run: Run = reported(**a_policy_report(UP, samples=[sample(text, category=text, base=text)]))
    left_model(session, run.id, "rloo")
    page = cast.reviewer.get(f"/runs/{run.id}/report").text
    assert text not in page
    assert "&lt;img src=x onerror=alert(2)&gt;" in page
