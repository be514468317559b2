"""Does a row that is measured as never seen ask what a training row asks? Found as the splits are made. Pure."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Protocol, TypeVar

from app.core.near import comparable, grams, similarity
from app.core.near_join import Groups, near_pairs, ordered
from app.training.worker.chat import Message
from app.training.worker.report import NearDuplicate


class Asks(Protocol):
    """A row or a pair: what was asked, and where it stands."""

    @property
    def split(self) -> str:
        """Its file."""

    @property
    def id(self) -> str:
        """Its id in the version."""

    @property
    def prompt(self) -> list[Message]:
        """The turns before the response."""


A = TypeVar("A", bound=Asks)


def asks_as(train: Sequence[Asks], unseen: Sequence[Asks]) -> dict[str, str]:
    """Why a row is not unseen, by its id, where it asks nearly what a training row asks."""
    return {
        one["id"]: f"It asks nearly what the training row {one['train_id']} asks ({one['percent']} %)."
        for one in near_duplicates(train, unseen)
    }


def near_duplicates(train: Sequence[Asks], unseen: Sequence[Asks]) -> list[NearDuplicate]:
    """Each unseen row whose prompt is much like one of a training row, with the most alike of these.

    The method is that of the splits (`app/core/near.py`): an exact join of all prompts, 65 % and more in common.
    """
    taught, held = by_text(train), by_text(unseen)
    texts = sorted({*taught, *held})
    pieces = [grams(text) for text in texts]
    alike = {text: [(1.0, text)] if text in taught else [] for text in held}
    with ordered(pieces) as compared:
        for one, other in near_pairs(compared, Groups(len(texts))):  # nothing is joined, so every pair comes
            score = similarity(pieces[one], pieces[other])
            for text, like in ((texts[one], texts[other]), (texts[other], texts[one])):
                if text in held and like in taught:
                    alike[text].append((score, like))
    found: list[NearDuplicate] = []
    for text, rows in held.items():
        if alike[text]:
            score, like = max(alike[text])
            found += [
                {"split": row.split, "id": row.id, "train_id": taught[like][0].id, "percent": round(100 * score)}
                for row in rows
            ]
    return found


def by_text(rows: Sequence[A]) -> dict[str, list[A]]:
    """The rows by what their prompts ask, as it is compared: the user's turns, as where prompts are clustered."""
    found: dict[str, list[A]] = defaultdict(list)
    for row in rows:
        asked = "\n".join(turn["content"] for turn in row.prompt if turn["role"] == "user")
        found[comparable(asked)].append(row)
    return found
