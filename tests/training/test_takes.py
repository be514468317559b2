"""The form of a new run says what it will roughly take: memory by a formula, time at the pace of an earlier run."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.core.settings import Settings
from app.datasets.models import Version
from app.training import service
from app.training.base_models import HERE, SMOLLM2, TINY, BaseModel
from app.training.models import Run
from app.training.needs import needs_of, steps_of
from app.training.pace import seconds_a_step
from app.training.room import first_gpu, most_memory_mb, room_of
from app.training.takes import lasting
from app.training.worker.events import EventKind
from app.training.worker.plan import Plan
from app.training.worker.shape import Shape, shape_of
from tests.cast import Cast
from tests.training.made import began, event, started

PLAN = Plan(base_model="tiny", batch_size=4, epochs=2.0)


def written_down(model: BaseModel) -> Shape:
    """What is written down of a listed model."""
    assert model.shape
    return model.shape


SHAPE, LARGE = written_down(TINY), written_down(SMOLLM2)


def takes(cast: Cast, version: Version, query: str = "") -> str:
    """What the form says a run would take, as plain text."""
    page = cast.admin.get(f"/versions/{version.id}/train?{query}")
    assert page.status_code == 200
    part = page.text.split('id="takes"')[1].split("</section>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", part.partition(">")[2]).split())


def test_what_is_written_down_of_the_tiny_model_is_what_its_files_say() -> None:
    assert shape_of(HERE / "tiny") == SHAPE
    assert SHAPE.weights == TINY.parameters


def test_an_output_of_its_own_stays_whole_in_four_bits_beside_the_input(tmp_path: Path) -> None:
    sizes = {"embed_tokens.weight": [500, 8], "lm_head.weight": [500, 8], "layers.0.up.weight": [32, 8]}
    named = {name: {"dtype": "F32", "shape": size, "data_offsets": [0, 0]} for name, size in sizes.items()}
    tied = {name: told for name, told in named.items() if name != "lm_head.weight"}
    plan = replace(PLAN, adapter="qlora", lora_rank=1)
    weights = []
    for head in (named, tied):
        words = json.dumps(head).encode()
        (tmp_path / "model.safetensors").write_bytes(len(words).to_bytes(8, "little") + words)
        shape = shape_of(tmp_path)
        assert shape
        weights.append(needs_of(plan, shape, 100).weights)
    assert weights[0] - weights[1] == 4 * 500 * 8


def test_a_folder_that_is_no_model_has_no_shape(tmp_path: Path) -> None:
    assert shape_of(tmp_path) is None
    for content in (b"", b"\xff" * 64, b"\2\0\0\0\0\0\0\0{}", b'\7\0\0\0\0\0\0\0{"a":1}'):
        (tmp_path / "model.safetensors").write_bytes(content)
        assert shape_of(tmp_path) is None, content


def test_memory_grows_with_what_is_learned_and_with_a_step_and_falls_with_what_spares_it() -> None:
    whole = needs_of(PLAN, SHAPE, 100)
    assert whole.weights == 16 * SHAPE.weights
    assert whole.tokens == 400
    lora = replace(PLAN, adapter="lora", lora_rank=8)
    assert needs_of(lora, LARGE, 100).weights < needs_of(PLAN, LARGE, 100).weights / 3
    four_bits = replace(lora, adapter="qlora")
    assert needs_of(four_bits, LARGE, 100).weights < needs_of(lora, LARGE, 100).weights / 1.7
    assert needs_of(replace(PLAN, batch_size=8), SHAPE, 100).step == 2 * whole.step
    assert needs_of(PLAN, SHAPE, 200).step == 2 * whole.step
    assert needs_of(replace(PLAN, save_memory=True), SHAPE, 100).step < whole.step
    pairs = replace(PLAN, method="dpo")
    assert needs_of(pairs, SHAPE, 100).tokens == 800
    assert needs_of(pairs, SHAPE, 100).others == 4 * SHAPE.weights, "the reference"
    assert needs_of(replace(pairs, adapter="lora"), SHAPE, 100).others == 0
    led = replace(PLAN, method="rloo", reward_from="run 1", second_reward_from="run 2", max_new_tokens=50)
    assert needs_of(led, SHAPE, 100).others == 3 * 4 * SHAPE.weights
    assert needs_of(led, SHAPE, 100).tokens == 4 * 150
    assert needs_of(replace(PLAN, packing=True), SHAPE, 100).tokens == 4 * PLAN.max_length


def test_steps_are_counted_as_the_worker_counts_them() -> None:
    led = replace(PLAN, method="rloo", reward_from="run 1", batch_size=8, generations=4)
    for plan, rows, steps in (
        (PLAN, 10, 6), (replace(PLAN, train_rows=4), 10, 2), (replace(PLAN, train_rows=40), 10, 6),
        (replace(PLAN, max_steps=9), 10, 9), (replace(PLAN, epochs=0.5), 9, 2), (led, 10, 10),
    ):  # fmt: skip
        assert steps_of(plan, rows) == steps


def test_a_pause_between_two_steps_is_no_part_of_the_pace() -> None:
    steps = [event(EventKind.STEP, second, step=step) for step, second in ((1, 0), (2, 2), (3, 4), (4, 50), (5, 52))]
    assert seconds_a_step(steps) == 2
    assert seconds_a_step(steps[::-1]) == 2
    assert seconds_a_step(steps[:2]) is None


def test_a_time_is_said_roughly() -> None:
    for seconds, said in ((0.2, "1 s"), (61, "61 s"), (600, "10 min"), (9_000, "2 h"), (200_000, "2 days")):
        assert lasting(seconds) == f"about {said}"


def test_before_any_run_the_form_tells_memory_and_steps_and_that_time_is_not_known(
    cast: Cast, version: Version
) -> None:
    said = takes(cast, version)
    train = version.counts["train"]
    assert f"Steps {-(-train // 2) * 2} " in said
    assert "not known yet: no run of this base model by this method has made steps here" in said
    assert re.search(
        r"Memory about 6\d\d\.\d MB of the [\d.]+ GB of this machine, of which [\d.]+ GB are free now", said
    )
    assert f"by the first {train}." in said


def test_what_is_typed_is_told_anew_and_stays_in_the_form(cast: Cast, version: Version) -> None:
    page = cast.admin.get(f"/versions/{version.id}/train?epochs=3&batch_size=1&max_steps=&adapter=lora").text
    assert 'name="epochs" type="number" value="3.0"' in page
    assert '<option value="lora" selected>' in page
    assert f"<dd>{3 * version.counts['train']}</dd>" in page.split("<dt>Steps</dt>")[1][:40]


def test_how_many_steps_packed_rows_take_is_not_foretold(cast: Cast, version: Version) -> None:
    assert "Steps not known before the rows are packed Time" in takes(cast, version, "packing=true")
    assert "Steps 7 Time" in takes(cast, version, "packing=true&max_steps=7")


def test_settings_of_which_no_run_can_be_made_are_named_and_the_form_stands(cast: Cast, version: Version) -> None:
    said = takes(cast, version, "patience=2&keep=last")
    assert said == ("What it will roughly take There is no such run. patience needs keep to be lowest_validation_loss.")


def test_the_pace_is_that_of_the_newest_run_that_was_alike(
    cast: Cast, version: Version, session: Session, queued: int
) -> None:
    began(session, queued)  # a step a second
    run = session.get_one(Run, queued)
    other = started(cast.admin, version, adapter="lora")
    began(session, other)
    said = takes(cast, version, f"batch_size={run.plan['batch_size']}&max_steps=300")
    assert "Time about 5 min for the steps, at the pace of run 1" in said
    assert "measuring before and after comes on top" in said
    assert "about 10 min for the steps" in takes(
        cast, version, f"batch_size={2 * run.plan['batch_size']}&max_steps=300"
    )
    assert "how many packed rows share a sequence" in takes(cast, version, "packing=true")
    session.execute(update(Run).where(Run.id == queued).values(plan={**run.plan, "packing": True}))
    session.commit()
    assert "not known yet" in takes(cast, version)


def test_an_own_model_is_as_large_as_the_worker_of_its_first_run_told(
    cast: Cast, version: Version, session: Session, settings: Settings
) -> None:
    (settings.models_root / "own").mkdir(parents=True)
    assert "not known yet: the first run on this model tells how large it is" in takes(cast, version, "base_model=own")
    run = cast.admin.api("POST", f"/api/v1/versions/{version.id}/runs", base_model="own").json()["id"]
    service.begin(session, run)
    shape = vars(Shape(weights=10**9, vocabulary=50_000, through=10**6, layers=12, width=1000))
    told = event(EventKind.STARTED, total_steps=9, machine="CPU", shape=shape)
    service.keep_events(session, run, [told])
    session.commit()
    assert "for weights 16.0 GB, with gradients" in takes(cast, version, "base_model=own&adapter=full")


def test_more_than_there_is_gets_what_helps(cast: Cast, version: Version, settings: Settings) -> None:
    settings.training_memory_mb = 1000
    assert "This is more" not in takes(cast, version)
    assert "Lower the rows of a step" in takes(cast, version, "batch_size=900")
    settings.training_memory_mb = 500
    said = takes(cast, version)
    assert "of the 524.3 MB of a run (PENSET_TRAINING_MEMORY_MB)" in said
    assert "The weights alone do not fit: let LoRA learn, or choose a smaller base model." in said


def test_of_a_cluster_nobody_here_knows_the_memory(cast: Cast, version: Version, settings: Settings) -> None:
    settings.training_on = "ray"
    assert "what the cluster’s machines have, nobody here can ask" in takes(cast, version)


@pytest.fixture
def on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder in which programs are looked for first."""
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    first_gpu.cache_clear()
    yield tmp_path
    first_gpu.cache_clear()


def test_the_memory_of_a_gpu_is_what_nvidias_tool_says_of_the_first(on_path: Path, settings: Settings) -> None:
    tool = on_path / "nvidia-smi"
    tool.write_text("#!/bin/sh\necho 'NVIDIA H200, 143771'\necho 'NVIDIA T4, 15360'\n", "utf-8")
    tool.chmod(0o755)
    room = room_of(settings)
    assert room
    assert (room.what, room.bytes, room.gpu) == ("NVIDIA H200", 143771 << 20, True)
    tool.write_text("#!/bin/sh\necho 'no driver'; exit 9\n", "utf-8")
    first_gpu.cache_clear()
    assert (other := room_of(settings))
    assert other.what == "this machine"


def test_a_run_is_held_to_what_the_machine_has_unless_the_operator_says_otherwise(
    on_path: Path, settings: Settings
) -> None:  # S87
    machine = (psutil.virtual_memory().total + psutil.swap_memory().total) >> 20
    assert most_memory_mb(settings) == machine
    for said in (700, 0):
        settings.training_memory_mb = said
        assert most_memory_mb(settings) == said
    settings.training_memory_mb = None
    tool = on_path / "nvidia-smi"
    tool.write_text("#!/bin/sh\necho 'NVIDIA T4, 15360'\n", "utf-8")
    tool.chmod(0o755)
    first_gpu.cache_clear()
    assert most_memory_mb(settings) == 0
