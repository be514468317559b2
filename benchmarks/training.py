"""How fast does the worker train, against TRL used plainly and a bare PyTorch loop; what it remembers, when it begins.

Model, rows, seed and settings are the same for all three, each in a process of its own, in turns. Of each the steps
after the first count, up to the last: by the clock, and by the processor's time, which other work disturbs less.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from app.training.worker.events import EventKind, Journal, read_events
from app.training.worker.plan import Plan

PLAN = Plan(
    base_model="tiny",
    epochs=1.0,
    learning_rate=1e-3,
    batch_size=8,
    max_length=256,
    cpu=True,
    threads=1,
    measure_rows=2,
    test_samples=0,
    train_samples=0,
    seed=7,
)
# TRL masks by these markers what is no response; the ids are those of our own template (SECURITY.md S86 aside).
TEMPLATE = """\
{%- for message in messages -%}
{{ '<|im_start|>' + message['role'] + '\n' }}
{%- if message['role'] == 'assistant' -%}
{% generation %}{{ message['content'] + '<|im_end|>' }}{% endgeneration %}
{%- else -%}
{{ message['content'] + '<|im_end|>' }}
{%- endif -%}
{{ '\n' }}
{%- endfor -%}
"""
Lap = Callable[[float, int], None]


@dataclass
class Laps:
    """What one of the three did: the loss of each step, and clock, processor and tokens at its end."""

    losses: list[float] = field(default_factory=list)
    clock: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)
    tokens: list[int] = field(default_factory=list)
    peak_bytes: int = 0

    def lap(self, loss: float, tokens: int) -> None:
        """A step has ended; `tokens` so far."""
        self.losses.append(loss)
        self.tokens.append(tokens)
        self.clock.append(time.perf_counter())
        self.processor.append(time.process_time())

    def rate(self, times: Sequence[float]) -> float:
        """Tokens a second, by one of the two times: the median of the steps, of which other work hits some."""
        between = zip(pairwise(self.tokens), pairwise(times), strict=True)
        return statistics.median((after - before) / (end - begun) for (before, after), (begun, end) in between)


def main() -> None:
    """The table, or with --only one of the three, in this process."""
    parser = argparse.ArgumentParser("python -m benchmarks.training")
    parser.add_argument("--rows", type=int, default=240)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=RUNNERS)
    parser.add_argument("folder", nargs="?", type=Path)
    asked = parser.parse_args()
    if asked.only:
        from app.training.worker.callbacks import peak_memory

        laps = Laps()
        RUNNERS[asked.only](asked.folder, laps.lap)
        laps.peak_bytes = peak_memory()
        (asked.folder / "laps.json").write_text(json.dumps(asdict(laps)), "utf-8")
        return
    taken: dict[str, list[Laps]] = {name: [] for name in RUNNERS}
    with tempfile.TemporaryDirectory() as home:
        for number in range(asked.rounds):
            for name in RUNNERS:
                taken[name].append(in_its_process(name, fill(Path(home) / f"{name}-{number}", asked.rows)))
        begun = starts(Path(home) / "worker-0")
    show(taken, begun)


def in_its_process(name: str, folder: Path) -> Laps:
    """One of the three on a folder of its own."""
    words = [sys.executable, "-m", "benchmarks.training", "--only", name, str(folder)]
    subprocess.run(words, check=True, capture_output=True, env={**os.environ, "OMP_NUM_THREADS": "1"})
    return Laps(**json.loads((folder / "laps.json").read_text("utf-8")))


def fill(folder: Path, rows: int) -> Path:
    """A run's folder: conversations of some 90 tokens, of unequal length."""
    folder.mkdir()
    for name, count in {"train": rows, "validation": 4, "test": 4}.items():
        lines = [json.dumps(row(name, number), ensure_ascii=False) + "\n" for number in range(count)]
        (folder / f"{name}.jsonl").write_text("".join(lines), "utf-8")
    PLAN.write(folder / "plan.json")
    return folder


def row(split: str, number: int) -> dict[str, Any]:
    """One row as a dataset version holds it."""
    steps = "".join(f"\n{n}. Look at part {n} of it, and write down what you see." for n in range(2, 4 + number % 5))
    return {
        "messages": [
            {"role": "user", "content": f"How is matter {number} of the {split} office dealt with?"},
            {"role": "assistant", "content": f"Of course! Here is one way to deal with matter {number}.{steps}"},
        ],
        "id": f"{split}-{number}",
        "metadata": {"prompt_id": f"{split}-{number}", "category": "offices"},
    }


def by_worker(folder: Path, lap: Lap) -> None:
    """The worker itself; its journal is listened to."""
    from app.training.worker.__main__ import OFFLINE, PATIENT
    from app.training.worker.sft import run

    class Listening(Journal):
        def write(self, kind: EventKind, **values: Any) -> None:
            super().write(kind, **values)
            if kind == EventKind.STEP:
                lap(values["loss"], values["tokens"])

    os.environ.update(OFFLINE | PATIENT)
    run(folder, Listening(folder / "events.jsonl"))


def by_trl(folder: Path, lap: Lap) -> None:
    """As TRL's script `trl sft` does it, with the worker's settings: rows of messages, a template, its own masking."""
    import torch
    from datasets import load_dataset
    from transformers import AutoModelForCausalLM, AutoTokenizer, TrainerCallback, set_seed
    from trl.trainer.sft_config import SFTConfig
    from trl.trainer.sft_trainer import SFTTrainer

    from app.training.base_models import resolve

    class Listening(TrainerCallback):  # type: ignore[misc]
        def on_log(self, args: Any, state: Any, control: Any, **said: Any) -> None:
            if "loss" in said["logs"]:
                lap(float(said["logs"]["loss"]), int(state.num_input_tokens_seen))

    torch.set_num_threads(PLAN.threads)
    set_seed(PLAN.seed)
    base = resolve(PLAN.base_model, folder)
    tokenizer: Any = AutoTokenizer.from_pretrained(base)
    tokenizer.chat_template = TEMPLATE
    trainer = SFTTrainer(
        model=AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32),
        args=SFTConfig(
            output_dir=str(folder / "checkpoints"),
            seed=PLAN.seed,
            data_seed=PLAN.seed,
            num_train_epochs=PLAN.epochs,
            learning_rate=PLAN.learning_rate,
            lr_scheduler_type="linear",
            warmup_steps=PLAN.warmup_steps,
            per_device_train_batch_size=PLAN.batch_size,
            max_length=PLAN.max_length,
            assistant_only_loss=True,
            bf16=False,
            gradient_checkpointing=False,
            use_cpu=True,
            save_strategy="epoch",
            logging_steps=1,
            include_num_input_tokens_seen="non_padding",
            report_to="none",
            disable_tqdm=True,
        ),
        train_dataset=load_dataset(
            "json", data_files=str(folder / "train.jsonl"), split="train", cache_dir=str(folder)
        ),
        processing_class=tokenizer,
        callbacks=[Listening()],
    )
    trainer.train()


def by_loop(folder: Path, lap: Lap) -> None:
    """The limit: encoded rows, forward, backward, step, and nothing besides."""
    import torch
    from torch.nn.utils import clip_grad_norm_
    from transformers import get_linear_schedule_with_warmup, set_seed

    from app.training.worker.base import load_base
    from app.training.worker.batches import FILL, padded
    from app.training.worker.chat import IGNORED
    from app.training.worker.rows import read_rows

    torch.set_num_threads(PLAN.threads)
    set_seed(PLAN.seed)
    base = load_base(PLAN)
    rows = [row.encoded for row in read_rows(folder, base.encode, max_length=PLAN.max_length, draw=0, seed=0).train]
    order = torch.randperm(len(rows)).tolist()
    batches = [order[at : at + PLAN.batch_size] for at in range(0, len(order), PLAN.batch_size)]
    optimiser = torch.optim.AdamW(base.model.parameters(), lr=PLAN.learning_rate, weight_decay=0.0, fused=True)
    schedule: Any = get_linear_schedule_with_warmup(optimiser, PLAN.warmup_steps, len(batches))
    base.model.train()
    tokens = 0
    for places in batches:
        ids = padded([rows[i].input_ids for i in places], FILL, "cpu")
        labels = padded([rows[i].labels for i in places], IGNORED, "cpu")
        mask = padded([[1] * len(rows[i].input_ids) for i in places], 0, "cpu")
        loss = base.model(input_ids=ids, attention_mask=mask, labels=labels).loss
        loss.backward()
        clip_grad_norm_(base.model.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        optimiser.zero_grad()
        tokens += int(mask.sum())
        lap(loss.item(), tokens)


RUNNERS: dict[str, Callable[[Path, Lap], None]] = {"worker": by_worker, "TRL": by_trl, "bare loop": by_loop}


def starts(folder: Path) -> dict[str, float]:
    """Seconds from the start of the worker's command to what it tells first, on a run's folder of its own."""
    fresh = fill(folder.with_name("start"), 16)
    begun = time.time()
    words = [sys.executable, "-m", "app.training.worker", str(fresh)]
    subprocess.run(words, check=True, capture_output=True, env={**os.environ, "OMP_NUM_THREADS": "1"})
    found: dict[str, float] = {}
    for event in read_events(fresh / "events.jsonl").events:
        found.setdefault(event["kind"], datetime.fromisoformat(event["at"]).timestamp() - begun)
    return {name: found[name] for name in ("progress", "started", "before", "step", "done")}


def show(taken: dict[str, list[Laps]], begun: dict[str, float]) -> None:
    """The table, its yardstick TRL in the same round."""
    table = Table(
        "what", "tokens/s", "tokens/s of processor", "× TRL", "× TRL by processor", "peak memory", "last loss"
    )
    for name, rounds in taken.items():
        pairs = list(zip(rounds, taken["TRL"], strict=True))
        table.add_row(
            name,
            f"{statistics.median(one.rate(one.clock) for one in rounds):,.0f}",
            f"{statistics.median(one.rate(one.processor) for one in rounds):,.0f}",
            f"{statistics.median(one.rate(one.clock) / trl.rate(trl.clock) for one, trl in pairs):.3f}",
            f"{statistics.median(one.rate(one.processor) / trl.rate(trl.processor) for one, trl in pairs):.3f}",
            f"{max(one.peak_bytes for one in rounds) / 1e9:.2f} GB",
            f"{rounds[0].losses[-1]:.4f}",
        )
    worker, trl = taken["worker"][0], taken["TRL"][0]
    apart = max(abs(one - other) for one, other in zip(worker.losses, trl.losses, strict=True))
    console = Console(width=130)
    console.print(table)
    console.print(f"{len(worker.losses)} steps; the losses of worker and TRL differ by at most {apart:.1e}.")
    console.print("Seconds from the worker's start: " + ", ".join(f"{name} {at:.1f}" for name, at in begun.items()))


if __name__ == "__main__":
    main()
