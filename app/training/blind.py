"""Which answers of runs may nobody be told yet, because people still judge them blindly (S47)? Rooms to come say so."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from app.training.worker.events import Event, EventKind


@dataclass(frozen=True)
class Blind:
    """Of the prompts that were asked about those, by `words_of`, the answers of runs to which are still judged; and
    where, in words."""

    prompts: frozenset[str] = frozenset()
    where: str = ""

    def hides(self, sample: Mapping[str, Any]) -> bool:
        """Whether what models said in this sample is still judged."""
        return bool(self.prompts) and words_of(sample["messages"]) in self.prompts

    def told(self, event: Event) -> dict[str, Any]:
        """An event of a run, without what is still judged."""
        if event["kind"] not in ANSWERED or not self.hides(event["sample"]):
            return dict(event)
        kept = {key: event["sample"][key] for key in ("split", "id", "prompt_id", "category")}
        return {**event, "sample": kept, "withheld": f"It is still judged blindly, in {self.where}."}


ANSWERED = (EventKind.SAMPLE, EventKind.ANSWER)
Turns = Sequence[Mapping[str, Any]]
JUDGED_IN: list[Callable[[Session, int, Sequence[Turns]], Blind]] = []


def samples_in(events: Iterable[Event]) -> list[Mapping[str, Any]]:
    """What models answered, in events of a run."""
    return [one["sample"] for one in events if one["kind"] in ANSWERED]


def words_of(messages: Iterable[Mapping[str, Any]]) -> str:
    """What makes two prompts the same: every word of them, and who says it."""
    return json.dumps([[one["role"], one["content"]] for one in messages])


def blind_in(session: Session, project_id: int, samples: Iterable[Mapping[str, Any]]) -> Blind:
    """To which of these samples of a project the answers are still judged. Without samples nothing is asked."""
    asked = list({words_of(one["messages"]): one["messages"] for one in samples}.values())
    found = [judged(session, project_id, asked) for judged in JUDGED_IN] if asked else []
    prompts = frozenset[str]().union(*(one.prompts for one in found))
    return Blind(prompts, " and ".join(one.where for one in found if one.where))
