"""Versions to train on, runs in every state, and what their worker told, made in a line."""

import shutil
from pathlib import Path
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.core.storage import Storage
from app.datasets.models import Dataset, DatasetKind, Version
from app.training import service
from app.training.artefacts import keep_model
from app.training.base_models import TINY
from app.training.methods import METHODS
from app.training.models import Run, RunStatus
from app.training.worker.estimate import Estimate
from app.training.worker.events import LIVE, Event, EventKind
from app.training.worker.folder import write_sums
from app.training.worker.report import KindNumbers, Report, SplitNumbers
from tests.cast import Client

FORM = {
    "base_model": "tiny", "adapter": "full", "epochs": "2", "learning_rate": "0.001", "batch_size": "4",
    "train_rows": "0", "seed": "7",
}  # fmt: skip
NOON = "2026-11-24T12:00:{:02d}+00:00"
NEWER_THAN_1 = {
    "gaps", "epochs", "behaviour", "recital", "contaminated", "kinds", "kept", "first", "by_size", "method", "ranking",
    "policy",
}  # fmt: skip
JUDGED = {
    "tokens": 12, "ended": True, "usual_length": True, "repeats_prompt": False, "follows_format": None, "chrf": 31.5,
    "verbatim_tokens": 3,
}  # fmt: skip
WEIGHTS = bytes(range(256)) * 40


def started(client: Client, version: Version, **settings: Any) -> int:
    """The id of a run that this person has started by the API."""
    answer = client.api("POST", f"/api/v1/versions/{version.id}/runs", base_model="tiny", settings=settings)
    assert answer.status_code == 201, answer.text
    return int(answer.json()["id"])


def as_pairs(session: Session, version: Version) -> Version:
    """The version as if it held pairs, as far as whoever starts a run on it looks."""
    session.execute(update(Dataset).where(Dataset.id == version.dataset_id).values(kind=DatasetKind.PREFERENCES))
    session.commit()
    session.refresh(version)
    return version


def left_model(session: Session, run_id: int, method: str = "sft", **values: Any) -> int:
    """The run's id; it is done, by this method, as far as whoever makes another from it looks."""
    run = session.get_one(Run, run_id)
    run.plan, run.status = {**run.plan, "method": method}, RunStatus.DONE
    for name, value in values.items():
        setattr(run, name, value)
    session.commit()
    return run_id


def descend(session: Session, run_id: int, *later: int, by: str = "begins_from_run_id") -> tuple[int, ...]:
    """Let runs be made from a run's model, each from the one before it. Their ids."""
    for one in later:
        session.execute(update(Run).where(Run.id == one).values({by: run_id}))
        run_id = one
    session.commit()
    return later


def began(session: Session, run_id: int, method: str = "sft") -> Run:
    """The run, by this method, taken by a trainer, after a few steps."""
    run = service.begin(session, run_id)
    assert run
    run.plan = {**run.plan, "method": method}
    service.keep_events(session, run_id, told_by(method))
    session.commit()
    return run


def failed(session: Session, run_id: int, failure: str) -> Run:
    """The run, failed for this reason after a few steps."""
    run = began(session, run_id)
    service.settle(session, run_id, RunStatus.FAILED, failure=failure)
    session.commit()
    return run


def done(
    session: Session,
    storage: Storage,
    run_id: int,
    folder: Path,
    report: Report | None = None,
    like: Path | None = None,
    *,
    sums: bool = False,
    method: str = "sft",
) -> Run:
    """The run, done by this method, with its model in storage and its report. `like`: the folder of a whole model to
    leave.

    `sums`: the hashes of its files stand beside them.
    """
    run = began(session, run_id, method)
    if like:
        shutil.copytree(like, folder)
    else:
        folder.mkdir()
        (folder / "model.safetensors").write_bytes(WEIGHTS)
        (folder / "config.json").write_text('{"hidden_size": 192}', "utf-8")
    if sums:
        write_sums(folder)
    keep_model(storage, run, folder)
    service.keep_report(session, run, report or a_report())
    service.settle(session, run_id, RunStatus.DONE)
    session.commit()
    return run


def told(steps: int = 12, total: int = 20) -> list[Event]:
    """What a worker tells from its start to a step: validation falls, then rises."""
    events = [event(EventKind.STARTED, total_steps=total, rows={"train": 16}, left_out=1, resumed_from=None)]
    events += [event(EventKind.BEFORE, seen_loss=4.1, unseen_loss=4.2, validation_loss=4.2)]
    for step in range(1, steps + 1):
        place = {"step": step, "epoch": step / 10, "tokens": step * 800}
        speed = {"tokens_per_second": 812.5, "memory_bytes": 900_000_000, "learning_rate": 1e-3}
        events += [event(EventKind.STEP, step, loss=4.0 - step / 6, **place, **speed)]
        if step % 3 == 0:
            events += [event(EventKind.EVALUATION, step, validation_loss=3.6 + abs(step - 6) / 20, **place)]
    return events


def told_by(method: str, steps: int = 12) -> list[Event]:
    """The same of a method that tells more of its steps: every number of it rises by a hundredth a step."""
    more = [
        {**one, **dict.fromkeys(LIVE[method], 0.5 + one["step"] / 100)} if one["kind"] == EventKind.STEP else one
        for one in told(steps)
    ]
    led = METHODS[method].rewards == "leads"
    return [one for one in more if not (led and one["kind"] == EventKind.EVALUATION)]  # type: ignore[misc]


def event(kind: EventKind, second: int = 0, **values: Any) -> Event:
    """One line of events.jsonl, so many seconds after noon."""
    return {"kind": kind.value, "at": NOON.format(second), **values}  # type: ignore[typeddict-item]


def about(value: float, width: float = 0.1) -> Estimate:
    """A number with an interval of this half width."""
    return {"value": value, "low": value - width, "high": value + width}


def side(before: float, change: Estimate) -> SplitNumbers:
    """One side of a report."""
    return {
        "rows": 20, "prompts": 20, "tokens": 900, "loss_before": before, "loss_after": before + change["value"],
        "perplexity_before": 60.3, "perplexity_after": 22.2, "change": change,
    }  # fmt: skip


def a_report(**values: Any) -> Report:
    """The report of a run that learned, and memorised more; any part of it may be named."""
    facts: Any = {name: getattr(TINY, name) for name in (
        "name", "label", "licence", "source", "pretrained_only", "knows_nothing", "sentence", "parameters"
    )}  # fmt: skip
    curve = [
        {"step": n, "epoch": n / 2, "tokens": 800 * n, "train_loss": 4 - n / 4, "validation_loss": 3.9 - n / 9,
         "learning_rate": 1e-3}
        for n in range(1, 7)
    ]  # fmt: skip
    report: Any = {
        "schema": 5, "method": "sft", "ranking": None, "policy": None, "made_at": NOON.format(9),
        "plan": {"max_new_tokens": 48},
        "base_model": facts | {"weights_sha256": "0" * 64},
        "files": {}, "left_out": [{"split": "train", "id": "s-9", "reason": "It is too long.", "tokens": 900}],
        "splits": {"train": side(4.1, about(-2.0)), "test": side(4.2, about(-1.0)),
                   "test_writers": side(4.2, about(-0.9)), "test_categories": side(4.4, about(-0.2, 0.3))},
        "gap": about(1.0, 0.25), "gaps": {"test": about(1.0, 0.25), "test_writers": about(1.1, 0.3)},
        "epochs": [at_epoch(n) for n in range(4)],
        "categories": [category("Explain", 12), category("Plan", 2)], "kinds": [kind("Explain"), kind_of_few("Plan")],
        "curve": curve, "samples": [sample()],
        "behaviour": [trait("ended"), trait("chrf", 20, people=None)], "recital": recited(),
        "contaminated": [], "kept": None, "first": None, "by_size": by_size(about(-0.15)),
        "rows": [], "sentences": ["On 20 prompts that it never saw, the loss fell."], "cautions": ["Read the answers."],
        "model_sha256": "1" * 64, "trained_parameters": 2_558_400, "seconds": 61.5, "peak_memory_bytes": 900_000_000,
        "versions": {},
    }  # fmt: skip
    return report | values  # type: ignore[no-any-return]


def a_ranking_report(**values: Any) -> Report:
    """The report of a reward model that ranks better than length does; any part of its ranking may be named."""
    by = {"model": about(0.72, 0.06), "untrained": about(0.5), "length": about(0.58), "random": about(0.5, 0.08)}
    says = ("this model", "the model before this run", "the longer response", "a coin")
    ranking: Any = {
        "rows": [
            {"by": name, "says": said, "accuracy": by[name], "pairs": 140, "prompts": 60}
            for name, said in zip(by, says, strict=True)
        ],
        "better_than_length": about(0.14, 0.08),
        "by_category": [ranked_part("Explain", 50), ranked_part("Plan", 3)],
        "by_strength": [ranked_part("clearly", 30), ranked_part("", 30)],
        "calibration": [
            {"low": low, "high": low + 0.1, "expected": low + 0.05, "right": about(low), "pairs": 28}
            for low in (0.5, 0.6, 0.7, 0.8, 0.9)
        ],
        "loss_before": 0.69, "loss": about(0.55, 0.05), "seen": about(0.9, 0.04),
        "mistakes": [{"id": "c41", "prompt_id": "7", "sure": 0.93}],
    }  # fmt: skip
    return a_report(method="reward", ranking=ranking | values, policy=None, samples=[], splits={}, gap=None)


def ranked_part(name: str, prompts: int) -> dict[str, Any]:
    """Held-out pairs of one category or strength; fewer than five prompts are too few to say."""
    few = prompts < 5
    share = {"value": 0.7, "low": None, "high": None} if few else about(0.7, 0.1)
    beside = {"length": about(0.57, 0.1), "random": about(0.5, 0.14), "sure": about(0.81, 0.02)}
    return {"name": name, "accuracy": share, **beside, "pairs": 2 * prompts, "prompts": prompts, "few": few}


def a_policy_report(reward: Estimate | None, second: Estimate | None = None, **values: Any) -> Report:
    """The report of a policy whose rewards changed by so much; any part of it may be named."""
    rows = [
        {
            "by": by, "reward": about(0.1 + n) if reward else None, "second_reward": about(0.2) if second else None,
            "kl": kl, "tokens": about(20 + 5 * n, 2), "ended": about(0.8),
        }
        for n, (by, kl) in enumerate((("base", None), ("reference", about(0, 0)), ("policy", about(0.031, 0.01))))
    ]  # fmt: skip
    change = {"reward": reward, "second_reward": second, "tokens": about(5, 2), "ended": about(0.05)}
    policy = {"prompts": 48, "rows": rows, "change": change, "helped": None, "stopped": ""}
    said = sample(rewards={"before": 0.1, "after": 1.2, "human": 2.0}, second_rewards={"after": 0.3})
    parts: dict[str, Any] = {"method": "rloo", "ranking": None, "policy": policy, "samples": [said], "epochs": []}
    return a_report(**parts | values)


def an_old_report() -> Report:
    """The same as the first Penset wrote it: two sides, and no epochs."""
    known = a_report(schema=1)
    splits = {side: known["splits"][side] for side in ("train", "test")}
    return {key: value for key, value in known.items() if key not in NEWER_THAN_1} | {"splits": splits}  # type: ignore[return-value]


def at_epoch(epoch: int) -> dict[str, Any]:
    """The sides at an epoch's end: what was seen goes on falling, the rest turns after the second."""
    falls = {"train": -0.7 * epoch, "test": -1 + (epoch - 2) ** 2 / 4, "test_writers": -0.3 * epoch}
    return {
        "step": 4 * epoch, "epoch": epoch, "gap": about(falls["test"] - falls["train"], 0.2) if epoch else None,
        "sides": {side: {"loss": 4.2 + fall, "change": about(fall, 0.1 * epoch)} for side, fall in falls.items()},
    }  # fmt: skip


def category(name: str, prompts: int) -> dict[str, Any]:
    """Unseen prompts of one category; fewer than five are too few to say."""
    few = prompts < 5
    change = {"value": -1.0, "low": None, "high": None} if few else about(-1.0, 0.2)
    return {
        "category": name, "prompts": prompts, "few": few, "loss_before": 4.2, "loss_after": 3.2, "change": change,
    }  # fmt: skip


def kind(name: str, trained: int = 20, **values: Any) -> KindNumbers:
    """What a run says of a category in which examples help; any part of it may be named."""
    numbers: Any = {
        "category": name, "held_out": False, "trained": trained, "unseen_prompts": 12, "unseen": about(4.1, 0.9),
        "seen_prompts": 12, "seen": about(2.9, 0.4), "gap": about(1.2, 0.6), "likely_gap": about(1.2, 0.6),
        "first": 0.6,
    }  # fmt: skip
    return numbers | values  # type: ignore[no-any-return]


def kind_of_few(name: str) -> KindNumbers:
    """A category of which nothing can be said."""
    few = {"value": 3.2, "low": None, "high": None}
    return kind(
        name, 4, unseen_prompts=2, unseen=few, seen_prompts=0, seen=None, gap=None, likely_gap=None, first=None
    )  # fmt: skip


def by_size(change: Estimate) -> dict[str, Any]:
    """Losses at three sizes, and what another doubling is expected to change."""
    sizes = [
        {"rows": rows, "loss": about(loss), "seeds": [loss - 0.02, loss, loss + 0.02]}
        for rows, loss in ((33, 4.0), (65, 3.7), (130, 3.5))
    ]
    at = about(3.5 + change["value"], 0.2)
    return {"sizes": sizes, "last": about(-0.2), "next": change, "at": at, "prompts": 17, "chosen": True}


def first_of(*prompt_ids: int) -> dict[str, Any]:
    """These open prompts in this order, of five that were looked at."""
    why = {"doubt": 3.1, "doubted_more_than": 0.75, "stands_for": 2, "nearest": 0.2}
    return {"looked_at": 5, "order": [{"prompt_id": str(one)} | why for one in prompt_ids]}


def trait(name: str, times: float = 1, people: float | None = 0.9) -> dict[str, Any]:
    """One trait of answers: more of it after than before."""
    return {
        "name": name, "prompts": 20, "people": None if people is None else about(people * times, 0.1 * times),
        "before": about(0.1 * times, 0.1 * times), "after": about(0.8 * times, 0.1 * times),
        "change": about(0.7 * times, 0.1 * times),
    }  # fmt: skip


def recited() -> dict[str, Any]:
    """Three of ten training rows came back word for word."""
    row = {"id": "s-3", "prompt_id": "p-3", "recited": True, "verbatim_tokens": 31, "of_tokens": 31}
    return {
        "prompts": 10, "before": about(0), "after": about(0.3), "change": about(0.3), "unseen_prompts": 20,
        "unseen_after": about(0), "verbatim_before": about(0.05), "verbatim_after": about(0.4),
        "rows": [row | {"text": "Water boils at 100 degrees."}],
    }  # fmt: skip


def sample(text: str = "The sky is blue.", **values: Any) -> dict[str, Any]:
    """One prompt, side by side; every text in it is `text`."""
    return {
        "split": "test", "id": "s-1", "prompt_id": "p-1", "category": "Explain",
        "messages": [{"role": "user", "content": text}], "human": text, "before": text, "before_ended": False,
        "after": text, "after_ended": True, "judged": dict.fromkeys(("before", "after", "human"), JUDGED),
        "base": "", "rewards": {}, "second_rewards": {},
    } | values  # fmt: skip
