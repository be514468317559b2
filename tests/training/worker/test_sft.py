"""A run fine-tunes the real tiny model, tells what it does, and leaves an ordinary model."""

import math
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from huggingface_hub import ModelCard
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from torch.nn.functional import cross_entropy
from transformers import AutoModelForCausalLM, AutoTokenizer

from app.training.base_models import resolve
from app.training.worker.__main__ import main
from app.training.worker.base import load_model, load_tokenizer, stored_dtype
from app.training.worker.chat import ChatEncoder
from app.training.worker.events import EventKind
from app.training.worker.folder import read_sums
from app.training.worker.measure import at_rest, summed_losses
from app.training.worker.report import Report, read_report
from app.training.worker.rows import read_rows
from tests.training.worker.runs import TINY, events, fill, pairs, train_losses

pytestmark = [pytest.mark.training, pytest.mark.filterwarnings("default")]


@pytest.fixture(scope="module")
def report(unbroken: Path) -> Report:
    return read_report(unbroken / "report.json")


def test_the_loss_falls(unbroken: Path) -> None:
    losses = train_losses(unbroken)
    assert list(losses) == list(range(1, 13))
    assert losses[12] < losses[1] - 1


def test_the_events_tell_the_run_from_beginning_to_end(unbroken: Path) -> None:
    told = [e["kind"] for e in events(unbroken) if e["kind"] not in ("progress", "step", "answer")]
    once_trained = ["checkpoint", "evaluation"]
    assert told[:4] == ["warning", "started", "tokens", "before"]
    assert set(told[4:10]) == set(once_trained)
    assert told[10:] == ["after", "warning", "sample", "sample", "done"]
    started = events(unbroken, EventKind.STARTED)[0]
    assert (started["total_steps"], started["resumed_from"]) == (12, None)
    assert started["machine"] == "CPU, float32, attention by sdpa"


def test_each_step_says_how_far_how_fast_and_how_well(unbroken: Path) -> None:
    last = events(unbroken, EventKind.STEP)[-1]
    assert (last["step"], last["total_steps"], last["epoch"]) == (12, 12, 3.0)
    assert last["tokens"] > 0
    assert last["tokens_per_second"] > 0
    assert last["memory_bytes"] > 1e8


def test_the_validation_loss_is_measured_after_each_epoch(unbroken: Path) -> None:
    curve = [(e["epoch"], e["validation_loss"] or 0.0) for e in events(unbroken, EventKind.EVALUATION)]
    assert [epoch for epoch, _ in curve] == [1.0, 2.0, 3.0]
    assert curve[-1][1] < curve[0][1]


@pytest.fixture(scope="module")
def tracked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a short run that measures every second step, tells a tracker, and repeats on parts of its rows."""
    folder = fill(tmp_path_factory.mktemp("tracked"), replace(TINY, max_steps=3, evaluate_steps=2, curve_seeds=1))
    assert main(folder, track="tensorboard") == 0
    return folder


def test_the_validation_loss_is_measured_as_often_as_the_plan_says_and_at_the_end(tracked: Path) -> None:
    assert [event["step"] for event in events(tracked, EventKind.EVALUATION)] == [2, 3]
    curve = read_report(tracked / "report.json")["curve"]
    assert [point["step"] for point in curve if point["validation_loss"] is not None] == [2, 3]


def test_a_tracker_is_told_the_numbers_where_the_operator_wants_it(tracked: Path, unbroken: Path) -> None:
    [written] = tracked.rglob("events.out.tfevents.*")
    assert not list(unbroken.rglob("events.out.tfevents.*"))  # off by default
    read = EventAccumulator(str(written.parent))
    read.Reload()
    assert [one.value for one in read.Scalars("train/loss")] == pytest.approx(list(train_losses(tracked).values()))
    measured = {e["step"]: e["validation_loss"] for e in events(tracked, EventKind.EVALUATION)}
    assert {one.step: one.value for one in read.Scalars("eval/loss")} == pytest.approx(measured)


def test_a_tracker_that_fails_costs_no_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "no_folder").write_text("a file where it wants to write")
    monkeypatch.setenv("TENSORBOARD_LOGGING_DIR", str(tmp_path / "no_folder" / "logs"))
    folder = fill(tmp_path / "run", replace(TINY, max_steps=2, test_samples=0, train_samples=0))
    assert main(folder, track="tensorboard") == 0
    [said] = [e["message"] for e in events(folder, EventKind.WARNING) if "tracker" in e["message"]]
    assert said.startswith("The tracker TensorBoard failed, and hears no more of this run, which goes on without it: ")
    assert "no_folder" in said


@pytest.mark.filterwarnings("error:.*checkpointing.*")
def test_saving_memory_changes_no_loss_and_asks_for_nothing_outdated(unbroken: Path, tmp_path: Path) -> None:
    folder = fill(tmp_path / "run", replace(TINY, max_steps=3, save_memory=True))
    assert main(folder) == 0
    first = [train_losses(run)[1] for run in (folder, unbroken)]
    assert first[0] == pytest.approx(first[1], rel=1e-4)


def test_the_tuned_model_is_an_ordinary_folder_without_a_pickle(unbroken: Path) -> None:  # S83
    names = {path.name for path in (unbroken / "model").iterdir()}
    assert {"model.safetensors", "config.json", "tokenizer.json", "chat_template.jinja", "README.md"} <= names
    assert not [name for name in names if name.endswith((".bin", ".pt", ".pkl"))]
    assert not (unbroken / "model.part").exists()
    tokenizer: Any = AutoTokenizer.from_pretrained(unbroken / "model")
    assert tokenizer.apply_chat_template([{"role": "user", "content": "Hi"}], tokenize=False).startswith("<|im_start|>")


def test_the_model_names_the_hash_of_each_of_its_files(unbroken: Path) -> None:
    sums = read_sums((unbroken / "model/sha256sums").read_text("utf-8"))
    assert sums.keys() == {path.name for path in (unbroken / "model").iterdir()} - {"sha256sums"}
    for name, digest in sums.items():
        assert sha256((unbroken / "model" / name).read_bytes()).hexdigest() == digest, name


def test_the_card_says_from_what_and_how_the_model_was_made(unbroken: Path, report: Report) -> None:
    _, front, body = (unbroken / "model/README.md").read_text("utf-8").split("---\n", 2)
    stands = yaml.safe_load(front)
    del stands["model-index"]  # below
    assert stands == {
        "base_model": "made by app/training/pretrain.py", "datasets": ["<b>Everything</b>, version 3"],
        "library_name": "transformers", "license": "other", "pipeline_tag": "text-generation",
        "license_name": "WordNet 3.0 licence (the novels are in the public domain)", "tags": ["penset", "sft", "full"],
    }  # fmt: skip
    assert "\\<b\\>Everything\\</b\\>, version 3, content hash 9f2c" in body
    assert report["model_sha256"] in body
    assert f"| test | 8 | {report['splits']['test']['loss_before']:.3f} |" in body
    assert '"learning_rate": 0.002' in body


def test_a_hub_reads_the_held_out_figures_off_the_card(unbroken: Path, report: Report) -> None:
    told = ModelCard.load(unbroken / "model/README.md").data.eval_results
    loss = report["splits"]["test"]["loss_after"]
    assert [(one.metric_type, one.metric_value) for one in told or []] == [
        ("loss", pytest.approx(loss, abs=1e-4)), ("perplexity", pytest.approx(math.exp(loss), abs=1e-4)),
    ]  # fmt: skip
    assert {(one.dataset_name, one.dataset_split) for one in told or []} == {("<b>Everything</b>, version 3", "test")}


def test_the_report_counts_every_row_and_names_the_one_left_out(report: Report) -> None:
    assert report["files"]["train"] == {"rows": 16, "used": 15, "left_out": 1, "not_drawn": 0}
    [left] = report["left_out"]
    assert (left["id"], left["reason"]) == ("long-0", "It is longer than max_length, 96 tokens.")
    assert left["tokens"] is not None
    assert left["tokens"] > 96


def test_before_the_first_step_it_tells_which_tokens_bear_loss(unbroken: Path) -> None:
    kinds = [event["kind"] for event in events(unbroken)]
    assert kinds.index(EventKind.TOKENS) < kinds.index(EventKind.STEP)
    [told] = events(unbroken, EventKind.TOKENS)
    assert [row["id"] for row in told["shown"]] == ["train-0", "train-1", "train-2", "train-3"]
    for row, known in zip(told["shown"], pairs("train", 4), strict=True):
        prompt, response = (
            "".join(one["text"] for one in row["tokens"] if one["learned"] is is_it) for is_it in (False, True)
        )
        assert response == known["messages"][1]["content"] + "<|im_end|>"
        assert known["messages"][0]["content"] in prompt


def test_a_row_left_out_is_named_before_the_run_begins(unbroken: Path) -> None:
    [said, of_open_prompts] = [event["message"] for event in events(unbroken, EventKind.WARNING)]
    assert of_open_prompts.startswith("1 of 4 open prompts is longer than max_length, 96 tokens, and not put in the")
    assert said == "1 row is left out: long-0 of train (It is longer than max_length, 96 tokens)."


def test_a_measured_loss_is_that_of_a_plain_computation(report: Report) -> None:
    row = next(r for r in report["rows"] if r["id"] == "test-0")
    tokenizer: Any = AutoTokenizer.from_pretrained(resolve("tiny", Path("/nonexistent")))
    model: Any = AutoModelForCausalLM.from_pretrained(resolve("tiny", Path("/nonexistent")), dtype=torch.float32)
    [user, assistant] = pairs("test", 1)[0]["messages"]
    prompt = f"<|im_start|>user\n{user['content']}<|im_end|>\n<|im_start|>assistant\n"
    learned = tokenizer(f"{assistant['content']}<|im_end|>")["input_ids"]
    ids = torch.tensor([tokenizer(prompt)["input_ids"] + learned])
    with torch.no_grad():
        logits = model(ids).logits[0, -len(learned) - 1 : -1]
    assert row["tokens"] == len(learned)
    assert row["loss_before"] == pytest.approx(float(cross_entropy(logits, torch.tensor(learned), reduction="sum")))


def test_the_stored_model_is_the_one_that_the_report_measured(unbroken: Path, report: Report) -> None:
    stored = load_model(unbroken / "model", torch.float32)
    encode = ChatEncoder(load_tokenizer(unbroken / "model", "chatml.jinja"), "<|im_end|>")
    rows = read_rows(unbroken, encode, max_length=TINY.max_length, draw=0, seed=TINY.seed).test
    with at_rest(stored):
        losses = summed_losses(stored, rows, lambda *_: None)
    measured = {row["id"]: row["loss_after"] for row in report["rows"]}
    assert losses == pytest.approx([measured[row.id] for row in rows], rel=1e-5)


def test_weights_are_stored_as_those_of_the_base_are(unbroken: Path) -> None:
    shipped = resolve("tiny", Path("/nonexistent"))
    assert stored_dtype(unbroken / "model") == stored_dtype(shipped) == torch.bfloat16
    sizes = [(folder / "model.safetensors").stat().st_size for folder in (unbroken / "model", shipped)]
    assert sizes[0] == pytest.approx(sizes[1], rel=0.01)


def test_the_report_adds_up(report: Report) -> None:
    assert {split: numbers["rows"] for split, numbers in report["splits"].items()} == {
        "train": 8, "test": 8, "test_writers": 5, "test_categories": 6,
    }  # fmt: skip
    for split, numbers in report["splits"].items():
        rows = [row for row in report["rows"] if row["split"] == split]
        assert numbers["rows"] == len(rows)
        assert numbers["loss_after"] * numbers["tokens"] == pytest.approx(sum(row["loss_after"] for row in rows))
    seen, unseen = (report["splits"][split]["change"]["value"] for split in ("train", "test"))
    assert report["gap"] is not None
    assert report["gap"]["value"] == pytest.approx(unseen - seen)
    for side, gap in report["gaps"].items():
        assert gap["value"] == pytest.approx(report["splits"][side]["change"]["value"] - seen)
    kinds = report["kinds"]
    assert kinds is not None
    assert sum(one["trained"] for one in kinds) == report["files"]["train"]["used"]
    validated = report["files"]["validation"]["used"]
    assert sum(one["unseen_prompts"] for one in kinds) == report["splits"]["test"]["prompts"] + validated


def test_it_tells_what_it_says_to_the_same_prompts_as_it_learns(unbroken: Path) -> None:
    told = events(unbroken, EventKind.ANSWER)
    places = [(one["step"], one["epoch"], one["sample"]["id"]) for one in told]
    asked = [told[0]["sample"]["id"], told[1]["sample"]["id"]]
    assert places == [(step, epoch, row) for step, epoch in ((0, 0), (4, 1), (8, 2), (12, 3)) for row in asked]
    assert {one["sample"]["split"] for one in told} == {"validation"}
    assert told[0]["sample"]["text"] != told[-2]["sample"]["text"], "it learned"
    assert {"messages", "text", "ended"} <= told[0]["sample"].keys()


def test_open_prompts_are_put_in_order_each_once_with_what_led_to_it(report: Report) -> None:
    first = report["first"]
    assert first is not None
    assert (first["looked_at"], sorted(one["prompt_id"] for one in first["order"])) == (3, ["1", "2", "3"])
    assert sorted(one["doubted_more_than"] for one in first["order"]) == [0, 0.5, 1]
    assert all(one["doubt"] > 0 for one in first["order"])
    assert first["order"][-1]["prompt_id"] == "3"  # it was trained on already
    assert first["order"][-1]["nearest"] == pytest.approx(1)
    assert first["order"][0]["stands_for"] == 1


def test_the_curve_over_dataset_size_is_measured_once_and_leaves_no_models(tracked: Path) -> None:
    by_size = read_report(tracked / "report.json")["by_size"]
    assert by_size is not None
    assert [one["rows"] for one in by_size["sizes"]] == [4, 8, 15]
    assert [len(one["seeds"]) for one in by_size["sizes"]] == [1, 1, 1]
    assert (by_size["prompts"], by_size["chosen"]) == (8, True)
    kept = sorted((tracked / "sizes").iterdir())
    assert [path.name for path in kept] == [f"{rows}-rows-seed-7.json" for rows in (15, 4, 8)]
    assert read_report(tracked / "report.json")["first"] is None  # no open prompts lay there


def test_every_side_is_measured_at_each_epochs_end(report: Report) -> None:
    epochs = report["epochs"]
    assert [(one["epoch"], one["step"]) for one in epochs] == [(0, 0), (1, 4), (2, 8), (3, 12)]
    for side, numbers in report["splits"].items():
        losses = [one["sides"][side]["loss"] for one in epochs]
        assert (losses[0], losses[-1]) == (numbers["loss_before"], numbers["loss_after"])
        assert losses[0] > losses[1] > losses[2]
    assert epochs[-1]["gap"] == report["gap"]


def test_a_version_of_one_prompt_and_nothing_unseen_is_told_in_sentences(tmp_path: Path) -> None:
    folder = fill(tmp_path / "run", replace(TINY, max_steps=2), pairs("train", 1))
    for name in ("validation", "test", "test_writers", "test_categories"):
        (folder / f"{name}.jsonl").write_text("")
    assert main(folder) == 0
    found = read_report(folder / "report.json")
    assert (list(found["splits"]), found["gap"], found["gaps"], found["behaviour"]) == (["train"], None, {}, [])
    assert found["splits"]["train"]["change"]["low"] is None
    assert "There was no test row, so nothing can be said" in found["cautions"][0]
    assert "NaN" not in (folder / "report.json").read_text("utf-8")


def test_the_report_shows_answers_beside_the_human_response(report: Report) -> None:
    assert [sample["split"] for sample in report["samples"]] == ["test", "train"]
    for sample in report["samples"]:
        assert sample["messages"][0]["role"] == "user"
        assert sample["human"].startswith("Of course!")
        assert sample["before"] != sample["after"]


def test_the_report_says_that_so_small_a_model_knows_nothing(report: Report) -> None:
    assert report["base_model"]["knows_nothing"]
    assert any("too small to know anything" in sentence for sentence in report["sentences"])


def test_an_adapter_is_merged_into_an_ordinary_model(tmp_path: Path) -> None:
    folder = fill(tmp_path / "run", replace(TINY, adapter="lora", max_steps=2, lora_rank=2))
    assert main(folder) == 0
    report = read_report(folder / "report.json")
    assert report["trained_parameters"] < report["base_model"]["parameters"] / 20
    assert not (folder / "model" / "adapter_config.json").exists()
    AutoModelForCausalLM.from_pretrained(folder / "model")
