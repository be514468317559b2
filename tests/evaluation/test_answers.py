"""The same prompts, answered by the base model, the previous run, this run and a person: seen, searched, taken away."""

import json
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.audit import AuditEntry
from app.core.storage import Storage
from app.datasets.models import Dataset, DatasetKind, Version
from app.evaluation.answers import Previous, answered_otherwise, as_row, how_answered, side_by_side
from app.training.models import Run
from tests.cast import Cast
from tests.training.made import a_policy_report, a_report, an_old_report, done, sample, started

TEA = sample(id="s-1", prompt_id="p-1", messages=[{"role": "user", "content": "How do I make tea?"}], human="Boil it.")
SKY = sample(id="s-2", prompt_id="p-2", messages=[{"role": "user", "content": "Why is the sky blue?"}], human="Air.")


@pytest.fixture
def two_runs(cast: Cast, session: Session, storage: Storage, tmp_path: Path, first_version: Version) -> tuple[Run, Run]:
    """Two runs on one version; the first was asked about the sky alone."""
    version = first_version
    asked = (
        [SKY | {"after": "Because of the sea."}],
        [TEA | {"after": "With hot water."}, SKY | {"after": "Scattering."}],
    )
    first, second = (
        done(session, storage, started(cast.admin, version), tmp_path / f"model-{n}", a_report(samples=samples))
        for n, samples in enumerate(asked)
    )
    return first, second


def test_the_previous_run_stands_between_the_base_model_and_this_one(cast: Cast, two_runs: tuple[Run, Run]) -> None:
    first, second = two_runs
    page = cast.reviewer.get(f"/runs/{second.id}/answers").text
    assert "answers are greedy, and cut at 48 tokens." in page
    for words in ("Because of the sea.", "Scattering.", "With hot water.", "Boil it.", "was not asked this"):
        assert words in page
    assert f'href="/runs/{first.id}/answers"' in page
    assert "was not asked this" not in cast.reviewer.get(f"/runs/{first.id}/answers").text


def test_the_run_that_it_went_on_from_does_not_stand_there_twice(
    cast: Cast, session: Session, two_runs: tuple[Run, Run]
) -> None:
    first, second = two_runs
    first.plan, second.plan = ({**one.plan, "method": "dpo"} for one in two_runs)
    second.begins_from_run_id = first.id
    session.commit()
    told = cast.reviewer.get(f"/api/v1/runs/{second.id}/answers").json()
    assert told["previous_run_id"] is None
    assert {row["reference"]["run_id"] for row in told["answers"]} == {first.id}


def test_a_fine_tuning_that_went_on_from_another_is_held_against_the_base_model_with_that_one_between(
    cast: Cast, session: Session, storage: Storage, tmp_path: Path, first_version: Version, two_runs: tuple[Run, Run]
) -> None:
    first, _ = two_runs
    more = done(session, storage, started(cast.admin, first_version), tmp_path / "more", a_report(samples=[SKY]))
    more.begins_from_run_id = first.id
    session.commit()
    told = cast.reviewer.get(f"/api/v1/runs/{more.id}/answers").json()
    [sky] = told["answers"]
    assert (sky["base"]["text"], sky["reference"]) == (SKY["before"], None)
    assert told["previous_run_id"] == first.id, "not the newest"


def test_a_prompt_that_a_training_row_asks_too_is_not_said_to_be_unseen() -> None:
    alike = {"split": "test", "id": "s-1", "train_id": "s-9", "percent": 83}
    report = a_report(samples=[TEA, SKY], contaminated=[alike])
    version = Version(dataset=Dataset(kind=DatasetKind.RESPONSES))
    rows = side_by_side(Run(id=9, number=5, plan={"method": "sft"}, version=version), report, None)
    assert [row.seen for row in rows] == ["asks what a training row asks", "never seen"]


def test_a_policy_s_answers_are_named_for_whose_they_are() -> None:
    pairs = Version(dataset=Dataset(kind=DatasetKind.PREFERENCES))
    plan = {"method": "rloo", "begins_from": "run 1", "temperature": 0.7}
    policy = Run(id=9, number=5, begins_from_run_id=4, plan=plan, version=pairs)
    never = TEA | {"base": "Tea tea tea", "before": "Leaves.", "before_ended": True, "after": "With water."}
    taught = SKY | {"split": "train", "before": "Blue.", "after": "Very blue."}
    report = a_policy_report(None, samples=[never | {"rewards": {"after": 1.2}}, taught])
    earlier = Previous(8, 4, a_policy_report(None, samples=[never | {"after": "Boiled."}]))
    asked, recited = side_by_side(policy, report, earlier)
    assert [(one.label, one.text) for one in asked.said] == [
        ("Base model", "Tea tea tea"), ("Run 1, where it began", "Leaves."), ("Run 4", "Boiled."),
        ("This run", "With water."), ("Chosen by people", "Boil it."),
    ]  # fmt: skip
    assert [(one.label, one.text) for one in recited.said] == [
        ("Base model", None), ("Run 1, where it began", "Blue."), ("Run 4", None),
        ("This run", "Very blue."), ("Written by a person", "Air."),
    ]  # fmt: skip
    assert (asked.seen, asked.temperature, asked.said[3].reward) == ("never seen", 0.7, 1.2)
    assert (recited.seen, recited.temperature) == ("seen by the fine-tuning before it, answered greedily", 0)
    told = as_row(asked)
    assert told["base"] == {"text": "Tea tea tea", "ended": None}
    assert told["reference"] == {"run_id": 4, "text": "Leaves.", "ended": True}
    assert told["this"]["text"] == "With water."
    assert as_row(recited)["base"] is None
    assert asked.holds(["tea", "leaves", "boiled"])
    assert "drawn by chance at temperature 0.7" in how_answered(policy, report)
    assert answered_otherwise(policy, report, earlier) == ""
    hotter = Previous(8, 4, earlier.report | {"plan": earlier.report["plan"] | {"temperature": 1.3}})
    assert "run 4 were drawn at temperature 1.3" in answered_otherwise(policy, report, hotter)


def test_a_policy_without_a_run_before_it_began_at_the_base_model() -> None:
    version = Version(dataset=Dataset(kind=DatasetKind.RESPONSES))
    policy = Run(id=9, number=5, plan={"method": "dpo"}, version=version)
    [row] = side_by_side(policy, a_policy_report(None, samples=[TEA | {"before": "Leaves."}]), None)
    assert [one.label for one in row.said] == ["Base model, where it began", "This run", "Written by a person"]
    assert (as_row(row)["base"], as_row(row)["reference"]) == ({"text": "Leaves.", "ended": False}, None)


def test_prompts_and_answers_are_searched_by_words_in_any_case(cast: Cast, two_runs: tuple[Run, Run]) -> None:
    address = f"/runs/{two_runs[1].id}/answers"
    page = cast.reviewer.get(f"{address}?q=TEA+water").text
    assert "1 of 2 holds" in page
    assert "With hot water." in page
    assert "Scattering." not in page
    assert "Because of the sea." in cast.reviewer.get(f"{address}?q=sea").text  # what the previous run said, too
    nothing = cast.reviewer.get(f"{address}?q=%3Cb%3Equokka").text
    assert "Nothing is found" in nothing
    assert "<b>quokka" not in nothing


def test_a_program_gets_the_same(cast: Cast, two_runs: tuple[Run, Run]) -> None:
    first, second = two_runs
    told = cast.reviewer.get(f"/api/v1/runs/{second.id}/answers").json()
    assert told["previous_run_id"] == first.id
    tea, sky = told["answers"]
    assert (tea["reference"], tea["previous"], tea["human"], tea["this"]) == (
        None,
        None,
        "Boil it.",
        {"text": "With hot water.", "ended": True},
    )
    assert sky["previous"] == {"run_id": first.id, "text": "Because of the sea.", "ended": True}
    assert sky["judged"]["after"]["chrf"] == 31.5
    found = cast.reviewer.get(f"/api/v1/runs/{second.id}/answers?q=SCATTERING").json()["answers"]
    assert [one["id"] for one in found] == ["s-2"]
    assert cast.reviewer.get(f"/api/v1/runs/{second.id}/answers?q={'x' * 201}").status_code == 422


@pytest.mark.parametrize("door", ["", "/api/v1"])
def test_the_file_has_a_line_for_each_prompt_and_who_took_it_is_written_down(
    cast: Cast, two_runs: tuple[Run, Run], session: Session, door: str
) -> None:
    run = two_runs[1]
    answer = cast.reviewer.get(f"{door}/runs/{run.id}/answers.jsonl")
    assert answer.headers["content-type"] == "application/jsonl"
    assert answer.headers["content-disposition"] == f'attachment; filename="answers-of-run-{run.id}.jsonl"'
    lines = [json.loads(line) for line in answer.content.decode().splitlines()]
    assert lines == cast.reviewer.get(f"/api/v1/runs/{run.id}/answers").json()["answers"]
    taken = session.scalars(select(AuditEntry).where(AuditEntry.action == "run.downloaded")).all()
    assert [entry.details["file"] for entry in taken] == [f"answers-of-run-{run.id}.jsonl"]


def test_line_ends_of_any_kind_in_a_text_stay_within_its_line(
    cast: Cast, queued: int, session: Session, storage: Storage, tmp_path: Path
) -> None:
    text = "a\u2028b\u2029c\x85d\ne\r"
    done(session, storage, queued, tmp_path / "model", a_report(samples=[sample(text)]))
    [line] = cast.reviewer.get(f"/runs/{queued}/answers.jsonl").text.splitlines()
    assert json.loads(line)["human"] == text


def test_an_earlier_pensets_answers_are_shown_without_what_it_did_not_judge(
    cast: Cast, queued: int, session: Session, storage: Storage, tmp_path: Path
) -> None:
    old = an_old_report()
    old["samples"] = [{key: one[key] for key in one if key != "judged"} for one in old["samples"]]  # type: ignore[literal-required,misc]
    done(session, storage, queued, tmp_path / "model", old)
    assert cast.reviewer.get(f"/runs/{queued}/answers").status_code == 200
    assert cast.reviewer.get(f"/api/v1/runs/{queued}/answers").json()["answers"][0]["judged"] == {}


def test_a_run_that_answered_nothing_says_so(
    cast: Cast, queued: int, session: Session, storage: Storage, tmp_path: Path
) -> None:
    assert cast.reviewer.get(f"/runs/{queued}/answers").status_code == 404
    done(session, storage, queued, tmp_path / "model", a_report(samples=[]))
    assert "This run answered no prompt" in cast.reviewer.get(f"/runs/{queued}/answers").text
    assert cast.reviewer.get(f"/runs/{queued}/answers.jsonl").content == b""
