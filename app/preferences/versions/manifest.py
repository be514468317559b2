"""What manifest.json says of a version of preferences: how many decided how clearly, and what was left out. Pure."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

from app.datasets.kinds import Task, to_tell
from app.datasets.publish.gather import Gathered
from app.datasets.publish.manifest import counted, describe_any, spread
from app.datasets.splits.placing import Placing
from app.preferences.counts import of_all
from app.preferences.figures import FEW
from app.preferences.versions.gather import PairFact
from app.preferences.versions.preview import steps_of, too_few
from app.preferences.versions.rule import as_json, checked_rule, in_words
from app.review.history.agreement import estimate, percent

FORMAT = "penset-preferences-1"


def describe(
    task: Task, gathered: Gathered[PairFact], placing: Placing[PairFact], compared: Mapping[str, Any]
) -> dict[str, Any]:
    """The manifest, but for the sizes and hashes of the files."""
    rule = checked_rule(task.version.rule)
    every = [fact for facts in placing.parts.values() for fact in facts]
    named = steps_of(rule)
    out = sorted(gathered.figures["left_out"].items())
    left_out = [{"condition": named[name], "pairs": many} for name, many in out]
    manifest = describe_any(**to_tell(task, gathered, placing, compared))
    return {
        **manifest,
        "format": FORMAT,
        "rule": as_json(rule),
        "rule_in_words": in_words(rule),
        "sets": counted(fact.set for fact in every),
        "opinions": sum(fact.decided.opinions for fact in every),
        "judges": dict(sorted(gathered.figures["judges"].items())),
        "judged_twice": sum(fact.decided.opinions > 1 for fact in every),
        "agreed": agreement(every),
        "strengths": counted(fact.decided.strength for fact in every),
        "chosen_sources": counted(fact.chosen_source for fact in every),
        "rejected_sources": counted(fact.rejected_source for fact in every),
        "longer_chosen": sum(fact.chosen_characters > fact.rejected_characters for fact in every),
        "left_out": left_out,
        "cycles": gathered.figures["cycles"],
        "too_few": too_few(manifest["rows"]["train"]),
        "lengths": {
            "chosen_characters": spread(fact.chosen_characters for fact in every),
            "rejected_characters": spread(fact.rejected_characters for fact in every),
        },
    }


def agreement(every: list[PairFact]) -> dict[str, float]:
    """Over pairs that several people judged: how many of how many opinions are for the chosen response; and between
    which shares that lies, 95 %, unless that is of too few prompts."""
    by_prompt: defaultdict[int, Counter[tuple[int, int]]] = defaultdict(Counter)
    for fact in every:
        if fact.decided.opinions > 1:
            agreed = fact.decided.agreed
            by_prompt[fact.prompt_id].update({(1, 1): agreed, (1, 0): fact.decided.opinions - agreed})
    cells = sum(by_prompt.values(), Counter[tuple[int, int]]())
    counts = {"for": cells[1, 1], "of": cells.total()}
    (share,) = estimate(by_prompt.values(), percent) if len(by_prompt) >= FEW else (None,)
    share = of_all(share, len(by_prompt))
    # Rounded: the last digits of a logarithm differ from machine to machine, and a manifest may not.
    return {**counts, **({"low": round(share.low, 4), "high": round(share.high, 4)} if share else {})}
