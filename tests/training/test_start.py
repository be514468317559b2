"""A run is started by an admin, on the page or by the API, from a model of the list and settings of the list."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app.core.audit import AuditEntry
from app.core.settings import Settings
from app.datasets.models import Version
from app.training.base_models import HERE
from app.training.choices import CHOICES
from app.training.models import Run, RunStatus
from app.training.schemas import StartRun
from tests.cast import Cast
from tests.datasets.made import approve, dataset, newest, published
from tests.training.made import FORM, started


def ask(cast: Cast, version: Version, **body: Any) -> Any:
    """Ask the API for a run as the admin."""
    return cast.admin.api("POST", f"/api/v1/versions/{version.id}/runs", **({"base_model": "tiny"} | body))


def count(session: Session) -> int:
    """How many runs there are."""
    session.expire_all()
    return session.scalar(select(func.count()).select_from(Run)) or 0


def test_all_that_can_be_chosen_of_a_run_can_be_sent_at_once() -> None:
    assert StartRun(settings=dict.fromkeys(CHOICES, 1)).settings.keys() == CHOICES.keys()


def test_the_page_offers_each_model_with_its_own_defaults(cast: Cast, version: Version, settings: Settings) -> None:
    (settings.models_root / "our-model").mkdir(parents=True)
    page = cast.admin.get(f"/versions/{version.id}/train").text
    assert "Tiny (ships with Penset)" in page
    assert "Pretrained only" in page
    assert 'name="epochs" type="number" value="2.0"' in page
    own = cast.admin.get(f"/versions/{version.id}/train?base_model=our-model").text
    assert 'name="learning_rate" type="number" value="0.0002"' in own
    assert "Penset does not know how this model was made" in own


def test_the_form_says_that_a_run_would_learn_from_what_was_withdrawn(cast: Cast, version: Version) -> None:  # S101
    address = f"/versions/{version.id}/train"
    assert "Superseded." not in cast.admin.get(address).text
    mine = cast.author.get("/api/v1/submissions").json()["submissions"][0]["id"]
    assert cast.author.api("POST", f"/api/v1/submissions/{mine}/withdraw").status_code == 200
    assert "1 row of this version was withdrawn since, and a run on it learns" in cast.admin.get(address).text


def test_the_form_starts_a_run_and_leads_to_its_page(cast: Cast, version: Version, session: Session) -> None:
    answer = cast.admin.post(f"/versions/{version.id}/train", data=FORM)
    run = session.scalars(select(Run)).one()
    assert (answer.status_code, answer.headers["location"]) == (303, f"/runs/{run.id}")
    assert (run.number, run.status, run.base_model, run.version_id) == (1, RunStatus.QUEUED, "tiny", version.id)
    chosen = {key: run.plan[key] for key in ("adapter", "epochs", "learning_rate", "batch_size", "train_rows", "seed")}
    assert chosen == {
        "adapter": "full", "epochs": 2.0, "learning_rate": 0.001, "batch_size": 4, "train_rows": 0, "seed": 7,
    }  # fmt: skip


def test_what_spares_memory_can_be_asked_for_and_stands_in_the_form_of_a_repeat(
    cast: Cast, version: Version, session: Session
) -> None:
    page = f"/versions/{version.id}/train"
    for asked, kept in (("", None), ("true", True), ("false", False)):
        cast.admin.post(page, data=FORM | {"save_memory": asked, "checkpoint_steps": "50"})
        run = session.scalars(select(Run).order_by(Run.id.desc())).first()
        assert run
        assert (run.plan["save_memory"], run.plan["checkpoint_steps"]) == (kept, 50)
        assert (
            f'<option value="{asked}" selected>'
            in cast.admin.get(f"{page}?like={run.id}").text.split("Saves memory")[1]
        )


def test_a_base_model_in_four_bits_can_be_asked_for_by_the_form_and_is_named_on_the_runs_page(
    cast: Cast, version: Version
) -> None:
    assert 'value="qlora"' in cast.admin.get(f"/versions/{version.id}/train").text
    answer = cast.admin.post(f"/versions/{version.id}/train", data=FORM | {"adapter": "qlora"})
    assert "LoRA, rank 16, alpha 32, the base model in 4 bits" in cast.admin.get(answer.headers["location"]).text


def test_the_api_starts_a_run_with_the_models_defaults_and_what_differs(cast: Cast, version: Version) -> None:
    run = ask(cast, version, settings={"epochs": 1, "seed": 3}).json()
    assert (run["number"], run["status"], run["failure"]) == (1, "queued", "")
    assert (run["plan"]["epochs"], run["plan"]["seed"], run["plan"]["learning_rate"]) == (1, 3, 1e-3)
    assert run["plan"]["dataset"] == "Everything, version 1"
    assert ask(cast, version).json()["number"] == 2


def test_starting_queues_one_job_and_is_written_down(cast: Cast, queued: int, session: Session) -> None:
    job = session.execute(
        text("SELECT task_name, queue_name, args FROM procrastinate_jobs WHERE status = 'todo'")
    ).one()
    assert tuple(job) == ("training.train", "training", {"run_id": queued})
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "run.started")).one()
    assert (entry.subject_id, entry.project_id) == (queued, cast.project.id)


UNLISTED = (
    "../secret", "..", "/etc/passwd", "inner/model", "https://host.test/model", "hf://model", "org/model", ".hidden",
    "smollm2-135m", "no-such-model", "linked", "tiny/../tiny", "TINY",
)  # fmt: skip


def test_a_model_that_is_not_on_the_list_is_refused_at_every_door(  # S82
    cast: Cast, version: Version, session: Session, settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "secret").mkdir()
    (settings.models_root / "inner" / "model").mkdir(parents=True)
    (settings.models_root / ".hidden").mkdir()
    (settings.models_root / "linked").symlink_to(tmp_path / "secret")
    page = f"/versions/{version.id}/train"
    for name in UNLISTED:
        answer = ask(cast, version, base_model=name)
        assert (answer.status_code, answer.json()["type"]) == (422, "/errors/training.unknown_base_model"), name
        assert answer.json()["errors"][0]["pointer"] == "/base_model"
        assert cast.admin.post(page, data=FORM | {"base_model": name}).status_code == 422, name
        assert cast.admin.get(page, params={"base_model": name}).status_code == 422, name
    for no_name in ("", " ", "a\nb", "a" * 500, "tiny\u0000", 7, None, ["tiny"]):
        assert ask(cast, version, base_model=no_name).status_code == 422, no_name
    assert count(session) == 0


@pytest.mark.parametrize(
    ("code", "place", "wrong"),
    [
        (
            "training.unknown_setting",
            "",
            {
                "models_root": "/etc", "base_model": "../x", "cpu": 0, "name": "x", "chat_template": "{{ 1 }}",
                "trust_remote_code": 1, "max_new_tokens": 10**9, "threads": 99,
            },
        ),
        (
            "training.bad_plan",
            None,
            {
                "adapter": "dora", "epochs": 0, "learning_rate": "fast", "batch_size": 2.5, "train_rows": -3,
                "seed": -1, "max_length": 0, "lora_rank": 0, "packing": 1, "keep": "best", "patience": 1,
            },
        ),
    ],
)  # fmt: skip
def test_a_setting_that_is_none_or_cannot_be_is_named(  # S82
    cast: Cast, version: Version, session: Session, code: str, place: str | None, wrong: dict[str, Any]
) -> None:
    for key, value in wrong.items():
        answer = ask(cast, version, settings={key: value})
        assert (answer.status_code, answer.json()["type"]) == (422, f"/errors/{code}"), key
        named = answer.json()["errors"][0]
        assert named["pointer"] == ("/settings" if place is None else f"/settings/{key}")
        assert key in named["pointer"] + named["detail"]
    assert count(session) == 0


def test_a_setting_higher_than_any_run_needs_is_named(cast: Cast, version: Version, session: Session) -> None:
    for key, most in CHOICES.items():
        if most is not None:
            answer = ask(cast, version, settings={key: int(most) + 1})
            assert (answer.status_code, answer.json()["type"]) == (422, "/errors/training.too_high"), key
            assert answer.json()["errors"] == [{"pointer": f"/settings/{key}", "detail": f"must be at most {most}"}]
            by_loss = {"keep": "lowest_validation_loss"}  # without which no run ends early
            assert ask(cast, version, settings={**by_loss, key: int(most)}).status_code == 201, key
    assert count(session) == sum(most is not None for most in CHOICES.values())


def test_a_field_of_the_form_that_is_wrong_or_unknown_is_refused(  # S82
    cast: Cast, version: Version, session: Session
) -> None:
    for field, value in (
        ("epochs", "0"), ("epochs", "101"), ("epochs", "nan"), ("epochs", "inf"), ("learning_rate", "-1"),
        ("learning_rate", "2"), ("batch_size", "0"), ("batch_size", "1025"), ("batch_size", "2.5"), ("seed", "-1"),
        ("seed", "2147483648"), ("train_rows", "-1"), ("adapter", "dora"), ("models_root", "/etc"), ("cpu", "false"),
    ):  # fmt: skip
        answer = cast.admin.post(f"/versions/{version.id}/train", data=FORM | {field: value})
        assert answer.status_code == 422, (field, value)
    assert count(session) == 0


opened: list[str] | None = None


def note(happens: str, arguments: tuple[Any, ...]) -> None:
    """Remember which files are opened while somebody listens."""
    if opened is not None and happens == "open" and isinstance(arguments[0], str | os.PathLike):
        opened.append(os.fspath(arguments[0]))


@contextmanager
def listening() -> Iterator[list[str]]:
    """Every file that this process opens inside."""
    global opened
    sys.addaudithook(note)  # it cannot be taken away again, and hears nothing outside
    heard = opened = []
    try:
        yield heard
    finally:
        opened = None


def test_the_site_never_opens_a_file_of_a_model(cast: Cast, version: Version, settings: Settings) -> None:  # S82
    own = settings.models_root / "own"
    own.mkdir(parents=True)
    for name in ("config.json", "tokenizer.json", "model.safetensors"):
        (own / name).write_text("{}")
    with listening() as heard:
        (own / "config.json").read_text()
        assert heard.pop() == str(own / "config.json")
        run = ask(cast, version, base_model="own").json()
        tiny = started(cast.admin, version)
        for address in (
            f"/versions/{version.id}/train?base_model=own", f"/versions/{version.id}/train", f"/runs/{run['id']}",
            f"/runs/{tiny}", f"/projects/{cast.project.id}/runs", "/api/v1/models",
        ):  # fmt: skip
            assert cast.admin.get(address).status_code == 200
    assert [path for path in heard if str(settings.models_root) in path or str(HERE / "tiny") in path] == []


def test_the_list_of_models_is_what_can_be_trained_on(cast: Cast, settings: Settings) -> None:
    (settings.models_root / "own").mkdir(parents=True)
    (settings.models_root / "half.part").mkdir()
    assert cast.author.get("/api/v1/models").json() == ["tiny", "own"]


def test_a_version_that_is_not_published_yet_cannot_be_trained_on(cast: Cast, session: Session) -> None:
    cast.admin.post(f"/datasets/{dataset(cast, session).id}/publish")
    answer = ask(cast, newest(session, cast))
    assert (answer.status_code, answer.json()["type"]) == (409, "/errors/training.not_published")


def test_only_an_admin_starts_a_run(cast: Cast, version: Version, session: Session) -> None:
    page, api = f"/versions/{version.id}/train", f"/api/v1/versions/{version.id}/runs"
    offered = cast.reviewer.get(page)
    assert offered.status_code == 200
    assert "Start the run" not in offered.text
    assert "Only administrators of this project start and stop runs." in offered.text
    for client, status in ((cast.reviewer, 403), (cast.author, 404), (cast.outsider, 404), (cast.operator, 404)):
        assert client.post(page, data=FORM).status_code == status
        assert client.api("POST", api, base_model="tiny").status_code == status
    assert cast.author.get(page).status_code == 404
    assert count(session) == 0


def test_a_hostile_dataset_name_stays_text_in_the_plan_and_on_the_page(cast: Cast, session: Session) -> None:
    approve(session, cast, 3)
    version = published(cast, session, name="<img src=x onerror=alert(1)>")
    run = ask(cast, version).json()
    assert run["plan"]["dataset"] == "<img src=x onerror=alert(1)>, version 1"
    for address in (f"/versions/{version.id}/train", f"/runs/{run['id']}", f"/projects/{cast.project.id}/runs"):
        page = cast.admin.get(address).text
        assert "<img src=x" not in page
        assert "&lt;img src=x onerror=alert(1)&gt;" in page


def test_a_start_that_is_sent_again_starts_one_run(cast: Cast, version: Version) -> None:
    address, key = f"/api/v1/versions/{version.id}/runs", {"Idempotency-Key": "nightly-1"}
    answers = [cast.admin.post(address, json={"base_model": "tiny"}, headers=key) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    listed = cast.admin.get(f"/api/v1/projects/{cast.project.id}/runs").json()["runs"]
    assert [run["id"] for run in listed] == [answers[0].json()["id"]]
