"""Does it answer rather than continue, and does it recite? As drawing, tables and sentences. Pure."""

from collections.abc import Sequence

from app.core.charts import Drawing, Interval, Table
from app.core.figures import Change, before_after
from app.training.worker.estimate import Estimate
from app.training.worker.report import BehaviourNumbers, RecitalNumbers

TRAITS = {
    "ended": "ends by itself",
    "usual_length": "as long as people's",
    "repeats_prompt": "repeats the prompt",
    "follows_format": "keeps the format asked for",
    "chrf": "in common with the person's text (chrF)",
}
SCALE = {"chrf": 1.0}  # chrF is told from 0 to 100 already


def behaviour_drawing(behaviour: Sequence[BehaviourNumbers]) -> Drawing | None:
    """Each trait before and after, from 0 to 100; None where no prompt was answered."""
    if not behaviour:
        return None
    changes = [
        Change(TRAITS[one["name"]], _interval(one["before"], one["name"]), _interval(one["after"], one["name"]))
        for one in behaviour
    ]
    words = [f"{one.name} {one.before.value:.0f} before, {one.after.value:.0f} after" for one in changes]
    return before_after("Answers to prompts never seen, percent: " + "; ".join(words), changes, places=0)


def behaviour_table(behaviour: Sequence[BehaviourNumbers]) -> Table:
    """The same as numbers, with people's own responses by the same rule."""
    rows = tuple(
        (
            TRAITS[one["name"]],
            str(one["prompts"]),
            _percent(one["before"], one["name"]),
            _percent(one["after"], one["name"]),
            _percent(one["change"], one["name"], signed=True),
            _percent(one["people"], one["name"]) if one["people"] else "–",
        )
        for one in behaviour
    )
    head = ("Answers to prompts never seen", "Prompts", "Before, 95 %", "After, 95 %", "Change, 95 %", "People, 95 %")
    return Table("Does it answer?", head, rows)


def recital_sentences(recital: RecitalNumbers | None) -> list[str]:
    """How much of what it was trained on comes back word for word."""
    if recital is None:
        return ["No training prompt was given to it, so nothing can be said of what it recites."]
    recited = (
        f"Given {prompts(recital['prompts'])} of training rows, it recites the response of "
        f"{_share(recital['after'])}; before training of {_share(recital['before'])}."
    )
    floor = (
        f"Among {prompts(recital['unseen_prompts'])} never seen the same rule finds "
        f"{_share(recital['unseen_after'])}: that much is chance and manner."
        if recital["unseen_after"]
        else ""
    )
    longest = (
        f"The longest stretch in one piece is on average {_share(recital['verbatim_after'])} of a training response, "
        f"before training {_share(recital['verbatim_before'])}."
    )
    return [sentence for sentence in (recited, floor, longest) if sentence]


def prompts(count: int) -> str:
    """So many prompts."""
    return f"{count} {'prompt' if count == 1 else 'prompts'}"


def recital_table(recital: RecitalNumbers | None) -> Table | None:
    """The rows of which most came back in one piece."""
    if recital is None:
        return None
    rows = tuple(
        (
            one["id"],
            "recited" if one["recited"] else "no",
            f"{one['verbatim_tokens']} of {one['of_tokens']}",
            one["text"],
        )
        for one in recital["rows"]
    )
    return Table("Training rows that came back", ("Row", "Recited", "Tokens in one piece", "What came back"), rows)


def _interval(estimate: Estimate, name: str) -> Interval:
    scale = SCALE.get(name, 100.0)
    low, high = (estimate["value"] if end is None else end for end in (estimate["low"], estimate["high"]))
    return Interval(estimate["value"] * scale, low * scale, high * scale)


def _percent(estimate: Estimate, name: str, *, signed: bool = False) -> str:
    scale, sign = SCALE.get(name, 100.0), "+" if signed else ""
    value = f"{estimate['value'] * scale:{sign}.0f}"
    if estimate["low"] is None or estimate["high"] is None:
        return value
    return f"{value} ({estimate['low'] * scale:{sign}.0f} to {estimate['high'] * scale:{sign}.0f})"


def _share(estimate: Estimate) -> str:
    value = f"{estimate['value']:.0%}".replace("%", " %")
    if estimate["low"] is None or estimate["high"] is None:
        return value
    return f"{value} (95 % interval {estimate['low'] * 100:.0f} to {estimate['high'] * 100:.0f})"
