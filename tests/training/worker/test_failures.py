"""A run that cannot go on says why, and what to do."""

import errno
import pickle
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import load_file, save_file
from transformers import AutoTokenizer, GPT2Config, GPT2LMHeadModel

from app.training import base_models
from app.training.worker.__main__ import main
from app.training.worker.base import load_base, load_model
from app.training.worker.events import Event, EventKind
from app.training.worker.failures import RunFailed, explained, is_out_of_memory
from app.training.worker.plan import Plan
from app.training.worker.report import read_report
from tests.training.worker.runs import TINY, events, fill, pairs

pytestmark = [pytest.mark.training, pytest.mark.filterwarnings("default")]


def failure(folder: Path) -> Event:
    """Run to the failure that must come."""
    assert main(folder) == 1
    last = events(folder)[-1]
    assert last["kind"] == EventKind.FAILED
    assert last["advice"]
    assert not (folder / "model").exists()
    return last


def with_own_model(tmp_path: Path) -> tuple[Path, Path]:
    """A run on a copy of the tiny model that the operator put under the models root."""
    model = tmp_path / "models" / "own"
    model.mkdir(parents=True)
    for path in (base_models.HERE / "tiny").glob("*.*"):
        (model / path.name).write_bytes(path.read_bytes())
    plan = replace(TINY, base_model="own", models_root=str(tmp_path / "models"), max_steps=1)
    return model, fill(tmp_path / "run", plan)


def test_a_loss_that_is_no_number_ends_the_run(tmp_path: Path) -> None:  # R32
    said = failure(fill(tmp_path / "run", replace(TINY, learning_rate=1e8)))
    assert said["code"] == "loss_not_a_number"
    assert "Lower learning_rate" in said["advice"]


def test_no_row_short_enough_is_said_with_the_way_out(tmp_path: Path) -> None:
    said = failure(fill(tmp_path / "run", replace(TINY, max_length=5)))
    assert (said["code"], said["advice"]) == ("no_rows", "All rows are longer than max_length: raise it.")


def test_a_line_that_is_no_row_is_named(tmp_path: Path) -> None:
    folder = fill(tmp_path / "run", TINY, train=[*pairs("train", 2), {"messages": [{"role": "user"}]}])
    said = failure(folder)
    assert said["code"] == "bad_row"
    assert said["reason"].startswith("Line 3 of train.jsonl is no row")


def test_a_line_that_is_not_utf_8_is_named(tmp_path: Path) -> None:
    folder = fill(tmp_path / "run", TINY, train=pairs("train", 3))
    rows = (folder / "train.jsonl").read_bytes()
    (folder / "train.jsonl").write_bytes(rows.replace(b"a cold", b"a c\xfcld"))
    said = failure(folder)
    assert (said["code"], said["reason"][:35]) == ("bad_row", "Line 3 of train.jsonl is no UTF-8: ")


def test_a_role_that_no_template_knows_is_refused_since_a_template_writes_it_as_it_stands(tmp_path: Path) -> None:
    row = pairs("train", 1)[0]
    row["messages"][0]["role"] = "<|im_start|>"
    said = failure(fill(tmp_path / "run", TINY, train=[row]))
    assert said["code"] == "bad_row"
    assert "the role '<|im_start|>' is none of system, user, assistant" in said["reason"]


def test_lines_of_the_journal_that_a_disk_has_spoilt_are_told_and_end_no_run(tmp_path: Path) -> None:
    folder = fill(tmp_path / "run", replace(TINY, max_steps=1))
    (folder / "events.jsonl").write_bytes(b'{"kind": "step", "st\n\xc3\n{"half of the last')
    assert main(folder) == 0
    assert "Lines of events.jsonl that cannot be read: 2." in events(folder, EventKind.WARNING)[0]["message"]


def test_an_unknown_setting_is_named(tmp_path: Path) -> None:
    folder = fill(tmp_path / "run", TINY)
    (folder / "plan.json").write_text('{"base_model": "tiny", "learning_rat": 1}')
    said = failure(folder)
    assert (said["code"], said["reason"]) == ("bad_plan", "plan.json: 'learning_rat' is not a setting of a run.")


@pytest.mark.parametrize("name", ["pytorch_model.bin", "optimizer.pt", "weights.pkl", "last.CKPT", "modeling.py"])
def test_a_file_that_could_run_code_is_refused_and_never_opened(tmp_path: Path, name: str) -> None:  # S83
    model, folder = with_own_model(tmp_path)
    marker = tmp_path / "marker"
    (model / name).write_bytes(pickle.dumps(Writes(str(marker))))
    said = failure(folder)
    assert said["code"] == "unsafe_model"
    assert name in said["reason"]
    assert not marker.exists()


class Writes:
    """Unpickled, it leaves a marker."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str, str]]:
        return open, (self.path, "w")


def test_the_pickle_of_these_tests_does_write_its_marker(tmp_path: Path) -> None:
    pickle.loads(pickle.dumps(Writes(str(tmp_path / "marker")))).close()  # noqa: S301 - our own, one line above
    assert (tmp_path / "marker").exists()


@pytest.mark.parametrize("name", ["config.json", "tokenizer_config.json"])
def test_a_model_that_asks_for_its_own_code_is_refused(tmp_path: Path, name: str) -> None:  # S84
    model, folder = with_own_model(tmp_path)
    text = (model / name).read_text()
    (model / name).write_text(text.replace("{", '{"auto_map": {"AutoModelForCausalLM": "modeling.Own"},', 1))
    said = failure(folder)
    assert said["code"] == "unsafe_model"
    assert f"{name} of the model asks for its own code" in said["reason"]


def test_a_model_is_given_no_more_tokens_than_it_reads_and_answers_within_them(tmp_path: Path) -> None:
    model, folder = with_own_model(tmp_path)
    words = len(AutoTokenizer.from_pretrained(model))
    GPT2LMHeadModel(GPT2Config(vocab_size=words, n_positions=70, n_embd=8, n_layer=1, n_head=1)).save_pretrained(model)
    said = failure(folder)
    assert (said["code"], said["advice"][:25]) == ("too_long_for_model", "Lower max_length to 70: l")
    plan = replace(Plan.read(folder / "plan.json"), max_length=70, max_new_tokens=70)
    assert main(fill(tmp_path / "again", plan)) == 0
    asked = [sample["judged"]["after"]["tokens"] for sample in read_report(tmp_path / "again/report.json")["samples"]]
    assert 0 < max(asked) < 70


def test_weights_that_are_no_numbers_are_told_from_a_rate_that_is_too_high(tmp_path: Path) -> None:
    model, folder = with_own_model(tmp_path)
    weights = load_file(model / "model.safetensors")
    weights["model.norm.weight"][:] = float("nan")
    save_file(weights, model / "model.safetensors", metadata={"format": "pt"})
    said = failure(folder)
    assert said["code"] == "loss_not_a_number"
    assert "the base model's own weights are broken" in said["advice"]


def test_a_loss_that_is_no_number_after_the_last_step_ends_the_run_too(tmp_path: Path) -> None:
    plan = replace(TINY, learning_rate=9e8, warmup_steps=0, max_steps=1)
    assert failure(fill(tmp_path / "run", plan))["code"] == "loss_not_a_number"


@pytest.mark.parametrize(
    ("name", "change", "code", "said"),
    [
        (
            "tokenizer_config.json",
            lambda old: old.replace(b'"eos_token"', b'"no_token"'),
            "unfit_tokenizer",
            "no token",
        ),
        ("config.json", lambda _: b"{", "no_model", "config.json of the model is no JSON"),
        ("config.json", lambda old: old.replace(b'"llama"', b'"lama"'), "unfit_model", "model type `lama`"),
        ("tokenizer.json", lambda old: old[:1000], "unfit_model", "cannot be loaded"),
        ("model.safetensors", lambda old: old[:-1], "unfit_model", "cannot be loaded"),
    ],
)
def test_a_model_that_is_torn_or_of_an_unknown_kind_is_said_to_be_so(
    tmp_path: Path, name: str, change: Callable[[bytes], bytes], code: str, said: str
) -> None:
    model, folder = with_own_model(tmp_path)
    (model / name).write_bytes(change((model / name).read_bytes()))
    told = failure(folder)
    assert told["code"] == code
    assert said in told["reason"]


def test_the_models_own_chat_template_is_not_used(tmp_path: Path) -> None:  # S85
    model, folder = with_own_model(tmp_path)
    (model / "chat_template.jinja").write_text("{{ 'The model wrote this' }}")
    assert main(folder) == 0
    assert "The model wrote this" not in (folder / "model" / "chat_template.jinja").read_text()


@pytest.mark.parametrize(
    ("problem", "code"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "disk_full"),
        (RuntimeError("[enforce fail at inline_container.cc:664] . No space left on device"), "disk_full"),
        (MemoryError(), "out_of_memory"),
        (RuntimeError("CUDA out of memory. Tried to allocate 2 GiB"), "out_of_memory"),
        (
            RuntimeError("[enforce fail at alloc_cpu.cpp:124] DefaultCPUAllocator: can't allocate memory"),
            "out_of_memory",
        ),
        (
            RuntimeError("unable to mmap 5 bytes from file <m.safetensors>: Cannot allocate memory (12)"),
            "out_of_memory",
        ),
        (OSError(errno.ENOMEM, "not enough of it"), "out_of_memory"),
        (ModuleNotFoundError("No module named 'trl'", name="trl"), "no_packages"),
        (ZeroDivisionError("division by zero"), "unexpected"),
    ],
)
def test_a_problem_of_the_machine_gets_a_reason(tmp_path: Path, problem: Exception, code: str) -> None:  # R32
    assert explained(problem, tmp_path).code == code


@contextmanager
def no_more_memory() -> Iterator[None]:
    """The system gives this process no more of it than one MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[5])
    least, most = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (pages * resource.getpagesize() + (1 << 20), most))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (least, most))


def test_memory_that_does_not_do_for_the_weights_is_not_blamed_on_a_step(tmp_path: Path) -> None:  # R32
    def load(folder: Path, dtype: Any) -> Any:
        with no_more_memory():
            return load_model(folder, dtype)

    with pytest.raises(RunFailed, match="not enough memory to load the model") as refused:
        load_base(TINY, load=load)
    assert explained(refused.value, tmp_path) is refused.value
    assert is_out_of_memory(refused.value), "what is only looked at beside a run is left out"
    assert "batch_size" not in refused.value.advice
    assert "PENSET_TRAINING_MEMORY_MB" in refused.value.advice


def test_the_worker_asks_no_network_and_knows_no_other_room() -> None:  # S84
    imports = "\n".join(path.read_text() for path in (base_models.HERE / "worker").glob("*.py"))
    lines = [line.strip() for line in imports.splitlines() if "import" in line and "app." in line]
    allowed = ("from app.training.worker.", "from app.training import base_models", "from app.core.near")
    assert [line for line in lines if line.startswith(("from", "import")) and not line.startswith(allowed)] == []
    assert "trust_remote_code=True" not in imports


def test_a_tracker_that_is_not_installed_is_named(tmp_path: Path) -> None:
    folder = fill(tmp_path / "run", TINY)
    assert main(folder, track="trackio") == 1
    assert events(folder)[-1]["reason"] == "The tracker trackio is not installed here."


def test_a_plan_for_a_model_outside_the_list_is_refused(tmp_path: Path) -> None:  # S82
    said = failure(fill(tmp_path / "run", Plan(base_model="../tiny")))
    assert said["code"] == "unknown_model"
