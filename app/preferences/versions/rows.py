"""One row of a version of preferences as a line of JSONL: what was asked, the better response, the other one. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.datasets.publish.rows import line_of, message

Turns = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Preferred:
    """A pair on which people have decided: `agreed` of `opinions` called `chosen` the better one.

    `strength`: by how much, said by half of those who agreed or more; empty where nobody was asked. `reasons`: what the
    better one is better in, by the names of the rubric. A source is who wrote or said a response: People, Run 3, or
    what an importer named. `ranking_id`: the ranking from which it follows, if it does. `licence` and `source`
    are those of all three texts that ask to be named.
    """

    pair_id: int
    prompt_id: int
    prompt: Turns
    chosen: Turns
    rejected: Turns
    category: str
    language: str
    set: str
    strength: str
    opinions: int
    agreed: int
    reasons: Sequence[str]
    chosen_source: str
    rejected_source: str
    licence: str
    source: str
    ranking_id: int | None = None


def row_of(pair: Preferred) -> dict[str, Any]:
    """The row as TRL's RewardTrainer and DPOTrainer take it, with its keys in their order."""
    return {
        "prompt": [message(one) for one in pair.prompt],
        "chosen": [message(one) for one in pair.chosen],
        "rejected": [message(one) for one in pair.rejected],
        "id": f"c{pair.pair_id}",
        "metadata": {
            "prompt_id": str(pair.prompt_id),
            "category": pair.category,
            "language": pair.language,
            "set": pair.set,
            "strength": pair.strength,
            "opinions": pair.opinions,
            "agreed": pair.agreed,
            "reasons": list(pair.reasons),
            "chosen_source": pair.chosen_source,
            "rejected_source": pair.rejected_source,
            "licence": pair.licence,
            "source": pair.source,
            "ranking_id": f"r{pair.ranking_id}" if pair.ranking_id else "",
        },
    }


def line_of_pair(pair: Preferred) -> bytes:
    """The row as its line: UTF-8, the same bytes everywhere."""
    return line_of(row_of(pair))
