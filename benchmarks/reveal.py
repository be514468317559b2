"""Does it matter which prompts are answered first? Hidden responses of the demo's real rows, revealed by each strategy.

Of the shipped rows in English that fit, some are the test, a few begin, and of the rest the responses are hidden. The
model that learned from the first few puts the hidden prompts in order; as many of them are revealed as the budget says,
and a fresh copy of the tiny model learns from all that is then known. Every strategy spends the same budgets on the
same rows, seed by seed, so that differences to random choice are paired by seed; that is drawn `--draws` times a seed.
"""

import argparse
import json
import random
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from scipy.stats import bootstrap

from app.demo.texts import answered
from app.evaluation.advice import advise
from app.training.worker.base import load_base
from app.training.worker.batches import FILL, padded
from app.training.worker.chat import IGNORED, ChatEncoder
from app.training.worker.doubt import doubts, states
from app.training.worker.kinds import by_kind
from app.training.worker.measure import at_rest, summed_losses
from app.training.worker.numbers import rows_by_side
from app.training.worker.plan import Plan
from app.training.worker.report import RowNumbers
from app.training.worker.rows import Row, Rows
from app.training.worker.selection import by_coverage, likeness

PLAN = Plan(base_model="tiny", cpu=True, threads=1)
LONGEST, TESTED, KNOWN, BUDGETS = 120, 24, 15, (7, 14)
EPOCHS, LEARNING_RATE, BATCH = 2, 2e-3, 2
RANDOM = "random choice"
Keep = Callable[[int, str, int, int, list[int], Callable[[], list[float]]], None]


def quiet(*_: object) -> None:
    """Nobody listens."""


def real_rows(encode: ChatEncoder) -> list[Row]:
    """The demo's single-turn rows in English that are no longer than LONGEST tokens, in an order that nobody chose."""
    found = []
    for one in answered():
        messages = [*one.prompt, *one.turns]
        encoded = encode(messages)
        if one.language == "en" and len(messages) == 2 and len(encoded.input_ids) <= LONGEST:
            found.append(Row("train", one.id, one.id, one.category, messages, encoded))
    return found


def fine_tuned(rows: Sequence[Row], seed: int) -> Any:
    """The tiny model after EPOCHS epochs on these rows, the learning rate falling to nothing."""
    torch.manual_seed(seed)
    model = load_base(PLAN).model
    model.train()
    dice, each = random.Random(seed), range(0, len(rows), BATCH)
    steps = EPOCHS * len(each)
    optimiser = torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE, weight_decay=0.0)
    falling = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: 1 - step / steps)
    for _ in range(EPOCHS):
        order = dice.sample(list(rows), len(rows))
        for at in each:
            batch = [row.encoded for row in order[at : at + BATCH]]
            ids = padded([row.input_ids for row in batch], FILL, model.device)
            labels = padded([row.labels for row in batch], IGNORED, model.device)
            mask = padded([[1] * len(row.input_ids) for row in batch], 0, model.device)
            model(input_ids=ids, attention_mask=mask, labels=labels).loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            falling.step()
            optimiser.zero_grad()
    return model


def orders(
    model: Any, encode: ChatEncoder, known: Sequence[Row], hidden: Sequence[Row], seed: int
) -> dict[str, list[Row]]:
    """The hidden rows in the order of each strategy."""
    doubt = doubts(model, hidden, encode, quiet)
    alike, covered = likeness(states(model, hidden, encode), states(model, known, encode))
    even = np.ones(len(hidden))
    categories = by_category(known, hidden, seed)
    most = max(BUDGETS)
    by = {
        "uncertainty": [int(place) for place in np.argsort(-doubt, kind="stable")[:most]],
        "coverage": [one.place for one in by_coverage(alike, covered, even, most)],
        "both": [one.place for one in by_coverage(alike, covered, doubt, most)],
        "category advice": categories,
    }
    return {name: [hidden[place] for place in places] for name, places in by.items()}


def by_category(known: Sequence[Row], hidden: Sequence[Row], seed: int) -> list[int]:
    """Places of hidden rows, the next of the category that advice on the known ones puts first.

    Each half of the known rows is unseen by a model of the other, so that all of them tell. After each row its category
    counts one more, as it would in the next report.
    """
    dice = random.Random(seed)
    halves = [known[::2], known[1::2]]
    sides: dict[str, list[RowNumbers]] = {"train": [], "test": []}
    for taught, kept in (halves, halves[::-1]):
        models = (load_base(PLAN).model, fine_tuned(taught, seed))
        split = {"train": taught, "test": kept}
        losses = [{side: measured(one, rows) for side, rows in split.items()} for one in models]
        for side, numbers in rows_by_side(split, *losses).items():
            sides[side] += numbers
    kinds = by_kind(Rows(list(known), [], list(known), {}, {}, []), sides)
    left = dice.sample(range(len(hidden)), len(hidden))
    found: list[int] = []
    while left:
        open_now = {hidden[place].category for place in left}
        best = next((one.numbers for one in advise(kinds) if one.numbers["category"] in open_now), None)
        place = next((one for one in left if best and hidden[one].category == best["category"]), left[0])
        if best:
            best["trained"] += 1
        left.remove(place)
        found.append(place)
    return found


def measured(model: Any, test: Sequence[Row]) -> list[float]:
    """The summed loss of every test row."""
    with at_rest(model):
        return summed_losses(model, test, quiet)


def play(rows: Sequence[Row], encode: ChatEncoder, seed: int, draws: int, keep: Keep) -> None:
    """One seed: the same split for every strategy, and every budget. What `keep` holds already is not played again."""
    order = random.Random(1000 + seed).sample(list(rows), len(rows))
    test, known, hidden = order[:TESTED], order[TESTED : TESTED + KNOWN], order[TESTED + KNOWN :]
    tokens = [row.encoded.learned for row in test]
    start = fine_tuned(known, seed)
    keep(seed, "nothing more", 0, 0, tokens, partial(measured, start, test))
    chosen = dict(orders(start, encode, known, hidden, seed))
    for draw in range(draws):
        chosen[f"{RANDOM} {draw}"] = random.Random(7000 + 100 * seed + draw).sample(hidden, len(hidden))
    for name, revealed in chosen.items():
        for budget in BUDGETS:
            more = list(revealed[:budget])
            asked = sum(row.encoded.learned for row in more)
            keep(seed, name, budget, asked, tokens, partial(taught_loss, [*known, *more], seed, test))


def taught_loss(rows: Sequence[Row], seed: int, test: Sequence[Row]) -> list[float]:
    """The summed loss of every test row after training on these rows."""
    return measured(fine_tuned(rows, seed), test)


def table(kept: Sequence[Mapping[str, Any]]) -> str:
    """Mean test loss by strategy and budget, and its paired difference to random choice with a 95 % interval."""
    seeds = sorted({one["seed"] for one in kept})
    lines = [
        "| strategy | budget | response tokens | test loss | less than random choice, 95 % |",
        "|---|--:|--:|--:|---|",
    ]
    by = {(one["seed"], one["strategy"], one["budget"]): one for one in kept}
    names = dict.fromkeys(one["strategy"] for one in kept if not one["strategy"].startswith(RANDOM))
    for budget in sorted({one["budget"] for one in kept}):
        random_at = {seed: [one for one in kept if one["seed"] == seed and one["budget"] == budget
                            and one["strategy"].startswith(RANDOM)] for seed in seeds}  # fmt: skip
        if all(random_at.values()):
            mean = np.mean([np.mean([_loss(one) for one in random_at[seed]]) for seed in seeds])
            asked = np.mean([np.mean([one["asked"] for one in random_at[seed]]) for seed in seeds])
            lines.append(f"| {RANDOM} | {budget} | {asked:,.0f} | {mean:.3f} | |")
        for name in names:
            mine = [by[seed, name, budget] for seed in seeds if (seed, name, budget) in by]
            if not mine:
                continue
            said = ""
            if all(random_at.values()) and len(mine) == len(seeds):
                less = [np.mean([_loss(one) for one in random_at[m["seed"]]]) - _loss(m) for m in mine]
                drawn = bootstrap((less,), np.mean, n_resamples=5000, method="percentile", rng=0).confidence_interval
                wins = sum(value > 0 for value in less)
                said = f"{np.mean(less):+.3f} ({drawn.low:+.3f} to {drawn.high:+.3f}), {wins} of {len(less)} seeds"
            mean, asked = np.mean([_loss(one) for one in mine]), np.mean([one["asked"] for one in mine])
            lines.append(f"| {name} | {budget} | {asked:,.0f} | {mean:.3f} | {said} |")
    return "\n".join(lines)


def _loss(one: Mapping[str, Any]) -> float:
    return float(sum(one["losses"]) / sum(one["tokens"]))


def main(seeds: int, draws: int, file: Path) -> None:
    """Play what the file does not hold yet, then print the table of all of it."""
    torch.set_num_threads(1)
    kept = [json.loads(line) for line in file.read_text("utf-8").splitlines()] if file.exists() else []
    encode = load_base(PLAN).encode
    rows = real_rows(encode)
    print(f"{len(rows)} rows: {TESTED} tested, {KNOWN} known, {len(rows) - TESTED - KNOWN} hidden", flush=True)
    done = {(one["seed"], one["strategy"], one["budget"]) for one in kept}

    def keep(
        seed: int, strategy: str, budget: int, asked: int, tokens: list[int], measure: Callable[[], list[float]]
    ) -> None:
        if (seed, strategy, budget) in done:
            return
        one = {"seed": seed, "strategy": strategy, "budget": budget, "asked": asked, "tokens": tokens}
        kept.append(one | {"losses": measure()})
        with file.open("a", encoding="utf-8") as out:
            out.write(json.dumps(kept[-1]) + "\n")
        print(f"seed {seed}, {strategy}, {budget}: {_loss(kept[-1]):.3f}", flush=True)

    for seed in range(seeds):
        play(rows, encode, seed, draws, keep)
    print(table(kept))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        "python -m benchmarks.reveal", description="Which prompts should be answered first?"
    )
    parser.add_argument("--seeds", type=int, default=6)
    parser.add_argument("--draws", type=int, default=3, help="random choices a seed")
    parser.add_argument("--file", type=Path, help="where losses are kept, so that a second call goes on")
    asked = parser.parse_args()
    with TemporaryDirectory() as folder:
        main(asked.seeds, asked.draws, asked.file or Path(folder) / "reveal.jsonl")
