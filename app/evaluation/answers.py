"""What did the base model, the previous run and this run say to the same prompts, and what a person? Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.training.worker.report import SEEN, Report, Sample

LONGEST_QUERY = 200


@dataclass(frozen=True)
class Previous:
    """The run before this one on the same dataset, and its report."""

    run_id: int
    number: int
    report: Report


@dataclass(frozen=True)
class SideBySide:
    """One prompt with all answers; `earlier` is the previous run's, None where that was not asked the same."""

    sample: Sample
    earlier: Sample | None

    @property
    def unseen(self) -> bool:
        """Whether this run never saw the prompt."""
        return self.sample["split"] != SEEN

    def holds(self, words: Sequence[str]) -> bool:
        """Whether each word stands somewhere in it, whatever its case."""
        earlier = self.earlier["after"] if self.earlier else ""
        asked = [turn["content"] for turn in self.sample["messages"]]
        told = (self.sample[name] for name in ("id", "category", "human", "before", "after"))
        text = "\n".join((*asked, *map(str, told), earlier)).casefold()
        return all(word in text for word in words)


def side_by_side(report: Report, previous: Previous | None) -> list[SideBySide]:
    """Every prompt that the run answered, those that it never saw first, as the worker ordered them."""
    asked_before = {key_of(one): one for one in previous.report["samples"]} if previous else {}
    return [SideBySide(sample, asked_before.get(key_of(sample))) for sample in report["samples"]]


def key_of(sample: Sample) -> tuple[str, ...]:
    """What makes two prompts the same: their id and every word of them."""
    return (sample["prompt_id"], *(f"{turn['role']}:{turn['content']}" for turn in sample["messages"]))


def found(rows: Sequence[SideBySide], q: str) -> list[SideBySide]:
    """Those that hold every word that is asked for; all where none is."""
    words = q.casefold().split()
    return [row for row in rows if row.holds(words)]


def as_row(row: SideBySide, previous: Previous | None) -> Mapping[str, Any]:
    """One prompt as a program reads it. `previous` is null where no earlier run was asked the same."""
    sample, earlier = row.sample, row.earlier
    return {
        "id": sample["id"],
        "prompt_id": sample["prompt_id"],
        "split": sample["split"],
        "category": sample["category"],
        "messages": sample["messages"],
        "human": sample["human"],
        "base": {"text": sample["before"], "ended": sample["before_ended"]},
        "previous": {"run_id": previous.run_id, "text": earlier["after"], "ended": earlier["after_ended"]}
        if previous and earlier
        else None,
        "this": {"text": sample["after"], "ended": sample["after_ended"]},
        "judged": sample["judged"],
    }
