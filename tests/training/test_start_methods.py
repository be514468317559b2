"""A reward model or a policy is started: from which versions, which runs, and what is refused with what to do."""

import html
import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core.errors import Invalid
from app.core.settings import Settings
from app.core.storage import Storage
from app.datasets.models import Dataset, DatasetKind, RetiredVersion, Version
from app.training import jobs
from app.training.base_models import TINY
from app.training.descent import tuned_before
from app.training.launch import CannotWork
from app.training.laying import lay_model
from app.training.methods import METHODS
from app.training.models import Report, Run, RunStatus
from app.training.starting import Parents, judges_of, misfit_of, require_shared
from app.training.worker.plan import Plan
from tests.cast import Cast
from tests.datasets.made import approve, published
from tests.factories import stored
from tests.training.made import FORM, WEIGHTS, an_old_report, as_pairs, done, left_model, started

BEGINS = "/begins_from_run_id"


@pytest.fixture
def responses(version: Version) -> Version:
    """A published version of responses, on which runs are done."""
    return version


@pytest.fixture
def pairs(cast: Cast, version: Version, session: Session) -> Version:
    """A published version of pairs, enough to learn from."""
    approve(session, cast, 20, first=21)
    return as_pairs(session, published(cast, session, name="Preferred", categories="Plan"))


@pytest.fixture
def tuned(cast: Cast, responses: Version, session: Session) -> int:
    """A fine-tuning that is done."""
    return left_model(session, started(cast.admin, responses))


@pytest.fixture
def rewards(cast: Cast, responses: Version, session: Session) -> tuple[int, int]:
    """Two reward models that are done."""
    first, second = (left_model(session, started(cast.admin, responses), "reward") for _ in range(2))
    return first, second


def ask(cast: Cast, version: Version, method: str, **body: Any) -> Any:
    """Ask the API for a run as the admin."""
    address = f"/api/v1/versions/{version.id}/runs"
    return cast.admin.post(address, json={"method": method, **body})


def refused(answer: Any) -> tuple[int, str, str]:
    """Status, code and the field that is named."""
    told = answer.json()
    places = told.get("errors") or [{"pointer": ""}]
    return answer.status_code, told["type"].removeprefix("/errors/training."), places[0]["pointer"]


def test_a_policy_is_started_from_a_run_and_led_by_a_reward_model(
    cast: Cast, responses: Version, pairs: Version, tuned: int, rewards: tuple[int, int]
) -> None:
    for version in (responses, pairs):
        answer = ask(
            cast, version, "rloo", begins_from_run_id=tuned, reward_run_id=rewards[0], second_reward_run_id=rewards[1],
            settings={"beta": 0.2},
        )  # fmt: skip
        assert answer.status_code == 201, answer.text
        run = answer.json()
        assert (run["base_model"], run["plan"]["method"], run["plan"]["beta"]) == ("tiny", "rloo", 0.2)
        assert run["plan"]["max_steps"] == TINY.defaults_of("rloo")["max_steps"]
        said = [run["plan"][key] for key in ("begins_from", "reward_from", "second_reward_from")]
        assert said == ["run 1", "run 2", "run 3"]
        made_from = [run[key] for key in ("begins_from_run_id", "reward_run_id", "second_reward_run_id")]
        assert made_from == [tuned, *rewards]


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [({"a", "b"}, {"c"}, "others"), ({"a", "b"}, {"b", "c"}, "shared"), ({"a"}, set(), "unknown")],
)
def test_a_plan_says_whether_the_same_people_taught_both_reward_models(
    first: set[str], second: set[str], said: str
) -> None:
    one, other = (
        Run(version=Version(manifest={"judges": dict.fromkeys(sorted(judges), 1)})) for judges in (first, second)
    )
    assert judges_of(Parents(None, one, other)) == said
    assert judges_of(Parents(None, one)) == "unknown"


def test_a_method_learns_only_from_what_it_can(cast: Cast, responses: Version, pairs: Version) -> None:
    for version, method in ((responses, "reward"), (responses, "dpo"), (pairs, "sft")):
        answer = ask(cast, version, method, base_model="tiny")
        assert refused(answer) == (422, "wrong_kind", "/method")
        assert "Choose another version, or another method." in answer.json()["detail"]
    for method, later in (("reward", {"rankings": "together"}), ("dpo", {})):  # an older worker refuses that word
        answer = ask(cast, pairs, method, base_model="tiny")
        assert answer.status_code == 201
        assert {key: answer.json()["plan"][key] for key in answer.json()["plan"].keys() & {"rankings"}} == later


def test_of_a_handful_of_pairs_nothing_is_learned() -> None:
    for train, said in ((0, "has 0 pairs"), (1, "has 1 pair "), (9, "has 9 pairs"), (10, None)):
        version = Version(counts={"train": train}, dataset=Dataset(kind=DatasetKind.PREFERENCES))
        assert misfit_of(version, METHODS["rloo"]) is None, "it needs prompts, not what was chosen"
        misfit = misfit_of(version, METHODS["reward"])
        assert (misfit is None) == (said is None)
        assert misfit is None or (misfit.code == "training.too_few_pairs" and str(said) in misfit.sentence)


def test_what_learns_from_its_own_responses_is_not_shared_among_processes() -> None:
    settings = Settings(training_processes=4)
    assert [jobs.processes_of(name, settings) for name in METHODS] == [4, 4, 4, 1, 1]
    for plan in (Plan("tiny", batch_size=8), Plan("tiny", method="rloo", reward_from="run 2", batch_size=4)):
        require_shared(plan, 4)
    for plan, words in (
        (
            Plan("tiny", batch_size=7),
            "7 rows a step cannot be shared equally by 4 processes. Choose rows a step that 4",
        ),
        (Plan("tiny", method="dpo", batch_size=6), "6 rows a step cannot be shared equally by 4 processes."),
        (Plan("tiny", curve_seeds=1), "made by one process alone. Set curve_seeds to 0, or give this run one process."),
    ):
        with pytest.raises(Invalid) as why:
            require_shared(plan, 4)
        assert words in why.value.sentence


def test_a_run_that_several_processes_cannot_share_is_refused_when_it_is_asked_for(
    cast: Cast, responses: Version, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "training_processes", 2)
    answer = ask(cast, responses, "sft", base_model="tiny", settings={"curve_seeds": 1})
    assert refused(answer) == (422, "not_shareable", "/settings")


def test_on_a_version_of_another_kind_the_page_says_what_a_method_needs(cast: Cast, responses: Version) -> None:
    page = cast.admin.get(f"/versions/{responses.id}/train?method=reward").text
    assert "Reward model learns from pairs that people compared; this version holds others." in page
    assert "Start the run</button>" not in page


def test_what_a_run_cannot_be_made_from_is_named(
    cast: Cast, responses: Version, pairs: Version, tuned: int, rewards: tuple[int, int], session: Session
) -> None:
    waiting = started(cast.admin, responses)
    other = left_model(session, started(cast.admin, responses), base_model="smollm2-135m")
    foreign = left_model(session, started(cast.admin, responses), "reward", base_model="smollm2-135m")
    leads = {"begins_from_run_id": tuned, "reward_run_id": rewards[0]}
    for method, body, expected in (
        ("rloo", {**leads, "reward_run_id": None}, (422, "no_reward_model", "/reward_run_id")),
        ("rloo", {**leads, "begins_from_run_id": waiting}, (409, "not_done", "")),
        ("rloo", {**leads, "begins_from_run_id": rewards[0]}, (422, "cannot_begin", BEGINS)),
        ("rloo", {**leads, "reward_run_id": tuned}, (422, "not_a_reward_model", "/reward_run_id")),
        ("rloo", {**leads, "reward_run_id": foreign}, (422, "another_tokenizer", "/reward_run_id")),
        ("rloo", {**leads, "second_reward_run_id": foreign}, (422, "another_tokenizer", "/second_reward_run_id")),
        ("grpo", {**leads, "second_reward_run_id": rewards[0]}, (422, "second_alone", "/second_reward_run_id")),
        ("rloo", {**leads, "begins_from_run_id": tuned + 999}, (404, "not_found", "")),
        ("dpo", {"begins_from_run_id": other, "base_model": "tiny"}, (422, "another_base_model", BEGINS)),
        ("reward", {"base_model": "tiny", "reward_run_id": rewards[0]}, (422, "needless_reward", "/reward_run_id")),
        ("dpo", {"begins_from_run_id": tuned, "settings": {"packing": True}}, (422, "bad_plan", "/settings")),
        ("reward", {}, (422, "unknown_base_model", "/base_model")),
    ):  # fmt: skip
        assert refused(ask(cast, pairs, method, **body)) == expected, (method, body)
    repeated = ask(cast, responses, "sft", begins_from_run_id=tuned, settings={"curve_seeds": 3})
    assert refused(repeated) == (422, "bad_plan", "/settings")
    assert session.scalar(select(func.count()).select_from(Run).where(Run.begins_from_run_id.is_not(None))) == 0


def test_a_run_goes_on_from_one_whose_report_an_older_penset_wrote(
    cast: Cast, responses: Version, tuned: int, session: Session
) -> None:
    stored(session, Report(run_id=tuned, project_id=responses.project_id, data=an_old_report()))
    session.commit()
    answer = ask(cast, responses, "sft", begins_from_run_id=tuned)
    assert answer.status_code == 201, answer.text


def test_a_second_reward_model_without_a_first_is_said_beside_the_form(
    cast: Cast, pairs: Version, tuned: int, rewards: tuple[int, int]
) -> None:
    asked = f"method=dpo&begins_from_run_id={tuned}&second_reward_run_id={rewards[1]}"
    answer = cast.admin.get(f"/versions/{pairs.id}/train?{asked}")
    assert answer.status_code == 200, answer.text
    assert "A second reward model must stand beside another one" in answer.text


def test_the_page_offers_what_fits_and_repeats_a_run_as_it_was_asked_for(
    cast: Cast, responses: Version, pairs: Version, tuned: int, rewards: tuple[int, int], session: Session
) -> None:
    page = cast.admin.get(f"/versions/{responses.id}/train").text
    assert '<option value="sft" selected>' in page
    assert 'value="reward"' not in page
    assert f'href="/versions/{pairs.id}/train"' in page
    assert 'name="beta"' not in page
    page = cast.admin.get(f"/versions/{pairs.id}/train?method=rloo&begins_from={tuned}").text
    assert f'<option value="{tuned}" selected>Run 1: sft on Everything, version 1</option>' in page
    assert f'name="begins_from_run_id" value="{tuned}"' in page
    for name in ("beta", "generations", "max_kl", "max_growth", "second_reward_run_id"):
        assert f'name="{name}"' in page
    assert 'name="packing"' not in page
    form = FORM | {
        "method": "rloo", "begins_from_run_id": str(tuned), "reward_run_id": str(rewards[1]), "beta": "0.3",
        "second_reward_run_id": "0", "generations": "4",
    }  # fmt: skip
    answer = cast.admin.post(f"/versions/{responses.id}/train", data=form)
    assert answer.status_code == 303, answer.text
    run = session.scalars(select(Run).order_by(Run.id.desc()).limit(1)).one()
    assert (run.method, run.begins_from_run_id, run.reward_run_id) == ("rloo", tuned, rewards[1])
    again = cast.admin.get(f"/versions/{responses.id}/train?like={run.id}").text
    assert '<option value="rloo" selected>' in again
    assert f'<option value="{rewards[1]}" selected>' in again
    assert 'name="beta" type="number" value="0.3"' in again
    shown = html.unescape(cast.admin.get(f"/runs/{run.id}").text)
    assert "<dt>Cost of leaving the reference</dt><dd>0.3 of reward for each nat of KL</dd>" in shown


def test_a_repeated_run_keeps_the_very_runs_that_it_was_made_from_or_says_that_they_are_gone(
    cast: Cast, responses: Version, tuned: int, rewards: tuple[int, int], session: Session, monkeypatch: Any
) -> None:
    made = ask(cast, responses, "rloo", begins_from_run_id=tuned, reward_run_id=rewards[0]).json()["id"]
    left_model(session, started(cast.admin, responses))
    monkeypatch.setattr("app.training.eligible.NEWEST", 1)  # as if so many came later that neither is listed
    again = f"/versions/{responses.id}/train?like={made}"
    page = cast.admin.get(again).text
    assert f'name="begins_from_run_id" value="{tuned}"' in page
    assert f'<option value="{rewards[0]}" selected>' in page
    assert "cannot be used" not in page
    for run_id in (tuned, rewards[0]):
        session.get_one(Run, run_id).status = RunStatus.FAILED
    session.commit()
    page = cast.admin.get(again).text
    assert 'name="begins_from_run_id"' not in page
    assert "To begin from was asked for run 1, which has left no model that fits here." in page
    assert "To be led by was asked for run 2, which has left no model that fits here. Choose another" in page
    assert '<option value="0">Choose one</option>' in page
    assert cast.admin.get(f"/versions/{responses.id}/train?method=dpo&begins_from={made + 99}").status_code == 404


def test_a_run_that_learned_from_an_erased_person_is_not_offered(
    cast: Cast, responses: Version, tuned: int, session: Session
) -> None:
    address = f"/versions/{responses.id}/train?method=rloo"
    assert f'<option value="{tuned}"' in cast.admin.get(address).text
    session.add(RetiredVersion(version_id=responses.id))
    session.commit()
    assert f'<option value="{tuned}"' not in cast.admin.get(address).text
    page = cast.admin.get(f"{address}&begins_from={tuned}").text
    assert "asked for run 1, which is gone: a person whose texts it had learned from was erased." in page


def test_without_a_reward_model_the_page_says_what_to_do_first(cast: Cast, pairs: Version, tuned: int) -> None:
    page = cast.admin.get(f"/versions/{pairs.id}/train?method=rloo&begins_from={tuned}").text
    assert "There is no reward model of Tiny (ships with Penset) yet." in page
    assert "Start the run</button>" not in page


def test_the_folder_of_a_run_holds_the_models_that_it_is_made_from(
    cast: Cast,
    responses: Version,
    pairs: Version,
    session: Session,
    storage: Storage,
    tmp_path: Path,
) -> None:
    parents = [started(cast.admin, responses) for _ in range(3)]
    for run_id in parents:
        done(session, storage, run_id, tmp_path / f"model-{run_id}")
    for run_id in parents[1:]:
        left_model(session, run_id, "reward")
    tuned, first, second = parents
    made = ask(cast, pairs, "rloo", begins_from_run_id=tuned, reward_run_id=first, second_reward_run_id=second).json()
    run = session.get_one(Run, made["id"])
    part = tmp_path / "laid"
    part.mkdir()
    jobs.fill(part, run)
    for name in ("base", "reward", "second_reward"):
        assert (part / name / "model.safetensors").read_bytes() == WEIGHTS
    assert (part / "sft_train.jsonl").read_bytes() != (part / "train.jsonl").read_bytes()
    files = cast.reviewer.get(f"/api/v1/versions/{responses.id}/files/test.jsonl")
    assert (part / "sft_test.jsonl").read_bytes() == files.content
    assert json.loads((part / "sft_plan.json").read_text("utf-8")) == session.get_one(Run, tuned).plan
    seen = [json.loads(line) for line in (part / "seen_prompts.jsonl").read_text("utf-8").splitlines()]
    taught = cast.reviewer.get(f"/api/v1/versions/{responses.id}/files/train.jsonl").text.splitlines()
    assert [one["prompt"] for one in seen] == [json.loads(line)["messages"][:-1] for line in taught]
    assert seen[0]["id"] == f"{json.loads(taught[0])['id']} of run 1"


def test_one_more_epoch_goes_on_from_a_finished_fine_tuning_and_tells_its_lineage(
    cast: Cast, responses: Version, session: Session, storage: Storage, tmp_path: Path
) -> None:
    first = started(cast.admin, responses, curve_seeds=1, seed=11, max_steps=7)
    done(session, storage, first, tmp_path / "model")
    shown = cast.admin.get(f"/runs/{first}").text
    form = html.unescape(shown.split("One more epoch")[0].rsplit('href="', 1)[1].split('"')[0])
    assert "One more epoch" not in cast.reviewer.get(f"/runs/{first}").text
    page = cast.admin.get(form).text
    assert f'name="begins_from_run_id" value="{first}"' in page
    assert 'name="epochs" type="number" value="1.0"' in page
    assert 'name="max_steps" type="number" value="0"' in page, "an epoch, not the steps that the first was given"
    assert 'name="seed" type="number" value="11"' in page
    assert 'name="curve_seeds"' not in page
    cast.admin.post(f"/versions/{responses.id}/train", data=FORM | {"begins_from_run_id": str(first), "epochs": "1"})
    run = session.scalars(select(Run).order_by(Run.id.desc()).limit(1)).one()
    told = cast.admin.get(f"/api/v1/runs/{run.id}").json()
    assert (told["begins_from_run_id"], told["plan"]["begins_from"], told["plan"]["began_at"]) == (first, "run 1", 3.0)
    assert f'<dt>Begins from</dt><dd><a href="/runs/{first}">run 1</a></dd>' in cast.admin.get(f"/runs/{run.id}").text
    assert f'<dt>Made from it</dt><dd><a href="/runs/{run.id}">run 2</a></dd>' in cast.admin.get(f"/runs/{first}").text
    part = tmp_path / "laid"
    part.mkdir()
    jobs.fill(part, run)
    assert (part / "base" / "model.safetensors").read_bytes() == WEIGHTS
    taught = [json.loads(line) for line in (part / "train.jsonl").read_text("utf-8").splitlines()]
    seen = [json.loads(line) for line in (part / "seen_prompts.jsonl").read_text("utf-8").splitlines()]
    assert [one["prompt"] for one in seen] == [one["messages"][:-1] for one in taught]
    assert not (part / "sft_train.jsonl").exists(), "they are its own rows"


def test_what_a_policy_was_tuned_by_is_found_through_policies_before_it() -> None:
    tuned, rewards, policy, after = (
        Run(id=n, plan={"method": method}, begins_from_run_id=begun)
        for n, method, begun in ((1, "sft", None), (2, "reward", 1), (3, "rloo", 1), (4, "dpo", 3))
    )
    assert tuned_before(after, [tuned, rewards, policy]) is tuned
    assert tuned_before(Run(id=5, plan={"method": "dpo"}), [rewards]) is None


def test_a_model_that_was_changed_or_is_gone_is_not_laid(
    cast: Cast, responses: Version, session: Session, storage: Storage, settings: Settings, tmp_path: Path
) -> None:
    run = done(session, storage, started(cast.admin, responses), tmp_path / "model", sums=True)
    left = settings.runs_root / run.folder / "model"
    left.mkdir(parents=True)
    (left / "model.safetensors").write_bytes(WEIGHTS)
    lay_model(storage, settings.runs_root, run, tmp_path / "laid")
    assert (tmp_path / "laid" / "model.safetensors").samefile(left / "model.safetensors"), "no second copy"
    (left / "model.safetensors").unlink()
    (left / "model.safetensors").write_bytes(b"other weights")
    lay_model(storage, settings.runs_root, run, tmp_path / "again")
    assert (tmp_path / "again" / "model.safetensors").read_bytes() == WEIGHTS, "that of the storage"
    for key in list(storage.list("runs")):
        storage.delete(key)
    with pytest.raises(CannotWork, match="The model of run 1 is gone"):
        lay_model(storage, settings.runs_root, run, tmp_path / "gone")
