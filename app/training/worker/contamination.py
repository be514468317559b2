"""Does a row that is measured as never seen ask what a training row asks? Found as the splits are made. Pure."""

from collections import defaultdict
from collections.abc import Sequence

from app.core.near import comparable, grams, similarity
from app.core.near_join import Groups, near_pairs
from app.training.worker.report import NearDuplicate
from app.training.worker.rows import Row


def near_duplicates(train: Sequence[Row], unseen: Sequence[Row]) -> list[NearDuplicate]:
    """Each unseen row whose prompt is much like one of a training row, with the most alike of these.

    The method is that of the splits (`app/core/near.py`): an exact join of all prompts, 65 % and more in common.
    """
    taught, held = by_text(train), by_text(unseen)
    texts = sorted({*taught, *held})
    pieces = [grams(text) for text in texts]
    alike = {text: [(1.0, text)] if text in taught else [] for text in held}
    for one, other in near_pairs(pieces, Groups(len(texts))):  # nothing is joined, so every pair comes
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


def by_text(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """The rows by what their prompts ask, as it is compared: the user's turns, as where prompts are clustered."""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        asked = "\n".join(turn["content"] for turn in row.prompt if turn["role"] == "user")
        found[comparable(asked)].append(row)
    return found
