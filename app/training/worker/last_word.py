"""How a process of several ended, when it was not done: a file each, read by the process that started them."""

import json
from pathlib import Path

from app.training.worker.failures import RunFailed, RunStopped


def leave_stop(folder: Path, rank: int, stopped: RunStopped) -> None:
    """Somebody asked the run to stop."""
    _write(folder, rank, {"step": stopped.step})


def leave_failure(folder: Path, rank: int, failure: RunFailed) -> None:
    """It could not go on."""
    _write(folder, rank, {"code": failure.code, "reason": failure.reason, "advice": failure.advice})


def last_words(folder: Path) -> list[RunStopped | RunFailed]:
    """What was left, by the lowest rank first."""
    left = [json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("rank-*.json"))]
    return [RunStopped(word["step"]) if "step" in word else RunFailed(**word) for word in left]


def forget(folder: Path) -> None:
    """Remove what an earlier try left."""
    for path in folder.glob("rank-*.json"):
        path.unlink()


def _write(folder: Path, rank: int, word: dict[str, object]) -> None:
    part = folder / f"rank-{rank:03d}.part"
    part.write_text(json.dumps(word, ensure_ascii=False), "utf-8")
    part.replace(part.with_suffix(".json"))
