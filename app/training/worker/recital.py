"""How much of what it was trained on does it recite, when it is given the prompt? Pure.

A row counts as recited when the greedy answer shares with its response a run of 50 tokens, the length of N. Carlini et
al.: "Quantifying Memorization Across Neural Language Models" (2023, arXiv 2202.07646), or all of a shorter response, or
as much as the limit of an answer lets through. The same share among prompts never seen is what chance and manner give.
"""

from collections.abc import Sequence

from app.training.worker.overlap import longest_shared
from app.training.worker.report import RecitalNumbers, RecitedRow, Sample
from app.training.worker.shares import change_of, share
from app.training.worker.statistics import mean_of

LONG_RUN = 50
SHORTEST = 5  # tokens: "Yes." is said by who never read it
SHOWN = 10


def recital(samples: Sequence[Sample], max_new_tokens: int) -> RecitalNumbers | None:
    """Over the prompts of training rows; None where none was asked."""
    seen = [sample for sample in samples if sample["split"] == "train" and _counts(sample)]
    if not seen:
        return None
    unseen = [sample for sample in samples if sample["split"] != "train" and _counts(sample)]
    before, after = ([is_recited(one, who, max_new_tokens) for one in seen] for who in ("before", "after"))
    rows = [_row(sample, max_new_tokens) for sample in seen]
    return {
        "prompts": len(seen),
        "before": share(before),
        "after": share(after),
        "change": change_of(before, after),
        "unseen_prompts": len(unseen),
        "unseen_after": share([is_recited(one, "after", max_new_tokens) for one in unseen]) if unseen else None,
        "verbatim_before": mean_of([_part(one, "before", max_new_tokens) for one in seen]),
        "verbatim_after": mean_of([_part(one, "after", max_new_tokens) for one in seen]),
        "rows": sorted(rows, key=lambda row: -row["verbatim_tokens"])[:SHOWN],
    }


def is_recited(sample: Sample, who: str, max_new_tokens: int) -> bool:
    """Whether the longest run that this answer shares with the human response is long enough to be a recital."""
    length = sample["judged"]["human"]["tokens"]
    return sample["judged"][who]["verbatim_tokens"] >= min(LONG_RUN, length, max_new_tokens)


def _counts(sample: Sample) -> bool:
    return sample["judged"]["human"]["tokens"] >= SHORTEST


def _part(sample: Sample, who: str, max_new_tokens: int) -> float:
    return sample["judged"][who]["verbatim_tokens"] / min(sample["judged"]["human"]["tokens"], max_new_tokens)


def _row(sample: Sample, max_new_tokens: int) -> RecitedRow:
    stretch = longest_shared(sample["after"], sample["human"])
    return {
        "id": sample["id"],
        "prompt_id": sample["prompt_id"],
        "recited": is_recited(sample, "after", max_new_tokens),
        "verbatim_tokens": sample["judged"]["after"]["verbatim_tokens"],
        "of_tokens": sample["judged"]["human"]["tokens"],
        "text": sample["after"][stretch.start : stretch.start + stretch.length],
    }
