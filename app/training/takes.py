"""What will a run roughly take: memory against what the machine has, and time at the pace of an earlier run?"""

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.core.errors import NotFound
from app.core.settings import Settings
from app.core.storage import Storage, StorageError
from app.datasets.files import first_lines
from app.datasets.models import Split, Version
from app.training.base_models import facts
from app.training.models import Run, RunEvent
from app.training.needs import Needs, needs_of, steps_of
from app.training.pace import TRAIN, Pace, bytes_a_row, pace_of, repeats
from app.training.queries import visible_to
from app.training.room import Room, room_of
from app.training.worker.plan import POLICY, Plan
from app.training.worker.shape import Shape

LOOKED_AT = 512 * 1024  # bytes of the file to train on
A_TOKEN = 3  # bytes of UTF-8 at least, in the tokenizers that we saw
BEGINNING = 20  # events of a run, among which is the one with which its worker started
FRAME = 8  # tokens that a chat template puts around a message


@dataclass(frozen=True)
class Takes:
    """`needs`: None where nobody has told yet how large the model is. `room`: None where nobody here can ask.

    `rows`: so many were looked at, and the longest that is used has about `longest` tokens. `seconds`: of all steps,
    None where no earlier run tells; `beside` of `pace` is not in it.
    """

    needs: Needs | None
    room: Room | None
    rows: int
    longest: int
    steps: int
    pace: Pace | None
    seconds: float | None

    @property
    def lasts(self) -> str:
        """How long all steps take, in words; empty where nothing tells."""
        return "" if self.seconds is None else lasting(self.seconds)

    @property
    def beside(self) -> str:
        """How long the run that tells was at work outside its steps; empty where that is not known."""
        return "" if self.pace is None or self.pace.beside is None else lasting(self.pace.beside)

    @property
    def wants(self) -> int:
        """Bytes of that memory which `room` is of: a GPU holds no libraries."""
        if self.needs is None:
            return 0
        return self.needs.total - (self.needs.libraries if self.room and self.room.gpu else 0)

    @property
    def fits(self) -> bool:
        """Whether that is there, as far as anybody knows."""
        return self.room is None or self.wants <= self.room.bytes

    @property
    def can_be_less(self) -> bool:
        """Whether smaller steps would do: where the weights alone are too much, they would not."""
        return self.room is None or self.needs is None or self.wants - self.needs.step <= self.room.bytes


def takes_of(
    session: Session, actor: Actor, storage: Storage, settings: Settings, version: Version, plan: Plan
) -> Takes:
    """For the form of a new run on this version."""
    lengths = [tokens for row in rows_of(storage, version) if (tokens := tokens_of(row, plan)) <= plan.max_length]
    longest = max(lengths, default=plan.max_length)
    shape, pace = _shape(session, actor, plan), pace_of(session, actor, plan)
    steps = steps_of(plan, int(version.counts.get(Split.TRAIN, 0)))
    a_step = pace.a_row * bytes_a_row(version) * plan.batch_size if pace else None
    return Takes(
        needs=needs_of(plan, shape, longest) if shape else None,
        room=room_of(settings),
        rows=len(lengths),
        longest=longest,
        steps=steps,
        pace=pace,
        seconds=None if a_step is None else a_step * steps * repeats(plan.curve_seeds),
    )


def lasting(seconds: float) -> str:
    """So long, roughly."""
    for unit, name, until in ((1, "s", 90), (60, "min", 90 * 60), (3600, "h", 36 * 3600)):
        if seconds < until:
            return f"about {max(round(seconds / unit), 1)} {name}"
    return f"about {round(seconds / 86400)} days"


def rows_of(storage: Storage, version: Version) -> Iterator[dict[str, Any]]:
    """The first rows to train on, as far as they lie whole in LOOKED_AT; none where the file cannot be read."""
    with suppress(StorageError, NotFound):
        for line in first_lines(storage, version, TRAIN, LOOKED_AT):
            yield json.loads(line)


def tokens_of(row: dict[str, Any], plan: Plan) -> int:
    """About how many a row of a version has: of a pair the longer side, for a policy the prompt alone."""
    asked: Sequence[dict[str, str]] = row["prompt"] if "prompt" in row else row["messages"][:-1]
    if plan.method in POLICY:
        return _tokens(asked)
    sides = [row[side] for side in ("chosen", "rejected")] if "prompt" in row else [row["messages"][-1:]]
    return _tokens(asked) + max(_tokens(side) for side in sides)


def _tokens(messages: Sequence[dict[str, str]]) -> int:
    return sum(FRAME + len(one["content"].encode("utf-8", "replace")) // A_TOKEN for one in messages)


def _shape(session: Session, actor: Actor, plan: Plan) -> Shape | None:
    """As it is written down of a listed model, or as the worker of an earlier run told it."""
    if known := facts(plan.base_model).shape:
        return known
    told = RunEvent.data["shape"]
    found = select(told).join(Run, Run.id == RunEvent.run_id).where(Run.base_model == plan.base_model)
    found = found.where(Run.id.in_(visible_to(actor).with_only_columns(Run.id)), RunEvent.sequence <= BEGINNING)
    newest = session.scalar(found.where(told["weights"].is_not(None)).order_by(Run.id.desc()).limit(1))
    return Shape(**newest) if newest else None
