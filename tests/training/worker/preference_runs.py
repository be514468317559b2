"""What runs on preferences are made of: a hidden rule that chooses, prompts, and plans of seconds.

The reference speaks four ways, polite or curt, short or long, whichever by chance. The rule prefers shorter and polite.
"""

import json
import random
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from app.training.methods import MethodName
from app.training.worker.estimate import Estimate
from app.training.worker.plan import Plan
from app.training.worker.report import Report
from app.training.worker.statistics import mean_of
from tests.training.worker.runs import THINGS

WAYS = (
    "Of course! Begin with {}.",
    "Of course! Begin with {}, then rest, and then begin again as before.",
    "No. Begin with {}.",
    "No. Begin with {}, then rest, and then begin again as before.",
)
BEST = WAYS[0]
TAUGHT, ASKED = THINGS[:16], THINGS[16:]
Message = dict[str, str]

SPEAKS = Plan(
    base_model="tiny", name="a reference", dataset="Ways, version 1", epochs=4.0, learning_rate=3e-3, batch_size=8,
    warmup_steps=1, max_length=64, cpu=True, threads=1, checkpoint_steps=1000, evaluate_steps=1000, measure_rows=4,
    test_samples=1, train_samples=1, rank_prompts=0, max_new_tokens=24, seed=3,
)  # fmt: skip
REWARDS = replace(
    SPEAKS, method="reward", begins_from="run 1", name="a reward model", dataset="Choices, version 1", epochs=1.0,
    learning_rate=1e-3, checkpoint_steps=4, measure_rows=0,
)  # fmt: skip
PREFERS = replace(REWARDS, method="dpo", name="DPO", learning_rate=5e-4, measure_rows=24, test_samples=24)
FOLLOWS = replace(
    SPEAKS, method="rloo", begins_from="run 1", reward_from="run 2", name="a policy", dataset="Choices, version 1",
    max_steps=8, batch_size=16, generations=8, learning_rate=3e-4, beta=0.02, checkpoint_steps=4, test_samples=24,
)  # fmt: skip


def rule(text: str) -> float:
    """What the hidden rule gives: polite, and shorter."""
    return float(text.startswith("Of course")) - len(text) / 100


def asks(thing: str) -> list[Message]:
    """A prompt."""
    return [{"role": "user", "content": f"How do I cope with {thing}?"}]


def says(text: str) -> list[Message]:
    """A response."""
    return [{"role": "assistant", "content": text}]


def spoken(things: Sequence[str]) -> list[dict[str, Any]]:
    """Each prompt answered in all four ways."""
    return [
        {"messages": asks(thing) + says(way.format(thing)), "id": f"{thing}-{i}", "metadata": {"prompt_id": thing}}
        for thing in things
        for i, way in enumerate(WAYS)
    ]


def chosen_by_rule(things: Sequence[str]) -> list[dict[str, Any]]:
    """All pairs of the four ways, the better one by the hidden rule chosen."""
    return [
        pair(thing, *sorted((way.format(thing) for way in two), key=rule, reverse=True))
        for thing in things
        for two in [(WAYS[a], WAYS[b]) for a in range(4) for b in range(a)]
    ]


def chosen_by_chance(things: Sequence[str]) -> list[dict[str, Any]]:
    """The same pairs, every second one the other way round: whichever way is meant, as often as not."""
    rows = chosen_by_rule(things)
    by_ways: dict[tuple[int, ...], int] = {}
    random.Random(0).shuffle(rows)
    for row in rows:
        kind = tuple(
            len(row[side][0]["content"]) - len(row["metadata"]["prompt_id"]) for side in ("chosen", "rejected")
        )
        by_ways[kind] = by_ways.get(kind, 0) + 1
        if by_ways[kind] % 2:
            row["chosen"], row["rejected"] = row["rejected"], row["chosen"]
    return rows


def pair(thing: str, chosen: str, rejected: str, **about: str) -> dict[str, Any]:
    """A row of a preference version."""
    told = {"prompt_id": thing, "category": "advice" if len(thing) % 2 else "how_to", "strength": "", **about}
    row_id = f"c-{thing}-{len(chosen)}-{len(rejected)}"
    return {"prompt": asks(thing), "chosen": says(chosen), "rejected": says(rejected), "id": row_id, "metadata": told}


def rewarding(folder: Path, reference: Path) -> Path:
    """A reward model's run on rankings of the four ways of each prompt, as the rule put them, ready to start."""
    pairs, ranked = chosen_by_rule, chosen_by_rule(TAUGHT)
    for row in ranked:
        row["metadata"]["ranking_id"] = row["metadata"]["prompt_id"]
    plan = replace(REWARDS, rankings="together", epochs=2.0)
    lay(folder, plan, train=ranked, validation=pairs(ASKED[:4]), test=pairs(ASKED[4:]))
    shutil.copytree(reference / "model", folder / "base")
    return folder


def misled(folder: Path, reference: Path) -> Path:
    """A reward model's run on pairs chosen by chance, ready to start; nobody goes on from it."""
    lay(folder, replace(REWARDS, checkpoint_steps=1000), train=chosen_by_chance(TAUGHT[:8]))
    shutil.copytree(reference / "model", folder / "base")
    return folder


def following(folder: Path, reference: Path, judge: Path, plan: Plan = FOLLOWS, second: Path | None = None) -> Path:
    """A policy's run against the reward model of another run, ready to start; people's own responses lie beside it."""
    lay(
        folder,
        plan if second is None else replace(plan, second_reward_from="run 3"),
        train=chosen_by_rule(TAUGHT[:8]),
        test=chosen_by_rule(ASKED),
        sft_train=spoken(TAUGHT[:4]),
        sft_test=spoken(ASKED[:4]),
    )
    for name, run in {"base": reference, "reward": judge, "second_reward": second}.items():
        if run:
            shutil.copytree(run / "model", folder / name)
    return folder


def preferring(folder: Path, reference: Path) -> Path:
    """A run of DPO of nine steps, ready to start."""
    pairs = chosen_by_rule
    lay(folder, PREFERS, train=pairs(TAUGHT[:12]), validation=pairs(ASKED[:2]), test=pairs(ASKED[2:]))
    shutil.copytree(reference / "model", folder / "base")
    return folder


def in_short(method: MethodName, folder: Path, reference: Path, judge: Path, **other: Any) -> Path:
    """A run of six steps and three epochs of any method of the second step, ready to start; `other` settings."""
    plan = replace(
        {"reward": REWARDS, "dpo": PREFERS}.get(method, FOLLOWS), method=method, name=f"{method} in short",
        epochs=3.0, max_steps=0, batch_size=12, generations=6, checkpoint_steps=4, measure_rows=2, test_samples=2,
        max_new_tokens=8, **other,
    )  # fmt: skip
    pairs = chosen_by_rule
    lay(folder, plan, train=pairs(TAUGHT[:4]), validation=pairs(ASKED[:1]), test=pairs(ASKED[1:3]))
    shutil.copytree(reference / "model", folder / "base")
    if plan.reward_from:
        shutil.copytree(judge / "model", folder / "reward")
    return folder


def killed_after(run: Path, step: int, folder: Path) -> Path:
    """A copy of a finished run as a kill before its next checkpoint had left it."""
    copy = Path(shutil.copytree(run, folder))
    for checkpoint in copy.glob("checkpoints/checkpoint-*"):
        if int(checkpoint.name.rpartition("-")[2]) > step:
            shutil.rmtree(checkpoint)
    shutil.rmtree(copy / "model")
    (copy / "report.json").unlink()
    return copy


def rule_rose(report: Report) -> Estimate:
    """By how much the hidden rule's score of the answers changed, on prompts that no step was trained on."""
    asked = [sample for sample in report["samples"] if sample["split"] == "test"]
    return mean_of([rule(one["after"]) - rule(one["before"]) for one in asked])


def lay(folder: Path, plan: Plan, **files: list[dict[str, Any]]) -> Path:
    """A run's folder with these files, ready to start; a file that is not given has no row."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in {"train": [], "validation": [], "test": [], **files}.items():
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (folder / f"{name}.jsonl").write_text(text, "utf-8")
    plan.write(folder / "plan.json")
    return folder
