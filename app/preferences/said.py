"""How are the figures of a set told? In sentences, a drawing and tables, each figure with its interval. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.core.charts import Drawing, Interval, Table
from app.core.figures import intervals
from app.preferences.figures import FEW, Figure, Figures, SourceFigures
from app.preferences.habits import Habit
from app.preferences.making.models import Making
from app.preferences.models import AT_WORK, BETWEEN, CHOSEN, PEOPLE, REJECTED, Generation, GenerationState

NORMAL = (
    "70 to 80 % is what is normal: those who labelled for InstructGPT agreed in 72.6 % of cases, give or take 1.5 "
    "(Ouyang and others, 2022, arXiv 2203.02155)."
)

# It holds also once what the set waits for has come: only that part of the page is drawn anew.
UNJUDGED = "Nothing is judged yet."
SOON = "Figures stand here a minute after the first comparison can no longer be taken back."
IN_A_SENTENCE = {
    PEOPLE: "what people wrote",
    CHOSEN: "the imported answers marked better",
    REJECTED: "the imported answers marked worse",
    BETWEEN: "the imported answers of middle rank",
}


@dataclass(frozen=True)
class Told:
    """The figures as a page shows them: the finding, the ranking, what may have swayed it, how far people agree."""

    headline: str
    lead: str
    drawing: Drawing | None
    ranking: Table | None
    behind: Table | None
    bias: Sequence[str]
    agreement: Sequence[str]
    how: str


def told(figures: Figures) -> Told:
    """What stands on the page of a set that was judged."""
    return Told(
        headline=headline(figures),
        lead=lead(figures),
        drawing=drawing(figures),
        ranking=ranking(figures),
        behind=win_rates(figures),
        bias=bias(figures),
        agreement=agreement(figures),
        how=HOW + (MIDDLE if any(one["name"] == BETWEEN for one in figures["sources"]) else ""),
    )


@dataclass(frozen=True)
class Waits:
    """What stands in place of the finding while nothing is judged."""

    headline: str
    lead: str


def waits_for(work: Making | Generation | None) -> Waits:
    """Why nothing of a set is judged yet, by what it waits for."""
    if work is None or work.state is GenerationState.DONE:
        return Waits(UNJUDGED, SOON)
    if work.asks_models:
        return Waits(UNJUDGED, "People can judge when all models have answered.")
    if work.state in AT_WORK:
        return Waits(UNJUDGED, "People can judge its pairs once all are there.")
    failed = work.state is GenerationState.FAILED
    return Waits("The set could not be made." if failed else "The set was closed early.", "Nothing of it is stored.")


HOW = (
    "A Bradley–Terry model with ties (Davidson, 1970) on all comparisons of responses of different sources; “as good” "
    "and “both bad” count half for each. Each source is given one game against one of middling strength, half won, so "
    "that who won all stays finite. The 95 % intervals are a Bayesian bootstrap (Rubin, 1981) over prompts; of a share "
    "of which all prompts say the same, Wilson’s (1927), and alpha’s follows from it where all agree as far. Known and "
    "repeated pairs are left out, and so is what can still be taken back. Where two sources said the same words, these "
    "are one response, told of the first: between these two they count for nothing."
)
MIDDLE = " Of middle rank, or in between, is an imported answer that its file prefers in one pair and not in another."


def headline(figures: Figures) -> str:
    """The finding in a sentence, and none where the intervals allow none."""
    ranked = [one for one in figures["sources"] if one["chance"]]
    if not figures["comparisons"]:
        return UNJUDGED
    if figures["prompts"] < FEW:
        return f"Too few prompts are judged to say anything: {FEW} are the least."
    if not ranked:
        return "All that was compared comes from one source: there is nothing to rank."
    best = ranked[0]
    if figures["groups"] > 1:
        return "Not all sources were compared with one another: there is no one ranking yet."
    if best["chance"] and best["chance"][1] > 0.5:
        return f"People prefer {_named(best['name'])} to {_named(str(figures['reference']))}."
    if best["chance"] and best["chance"][2] < 0.5:
        return f"People prefer {_named(str(figures['reference']))} to {_named(best['name'])}."
    return "The comparisons do not tell yet which source people prefer."


def lead(figures: Figures) -> str:
    """On how much it rests, and how far people agree."""
    if not figures["comparisons"]:
        return SOON
    if orders := figures.get("rankings"):
        what = f"{_count(orders, 'ranking')}, which make {_count(figures['comparisons'], 'comparison')},"
    else:
        what = _count(figures["comparisons"], "comparison")
    many = f"From {what} by {_count(figures['people'], 'person', 'people')} on "
    rests = many + f"{_count(figures['prompts'], 'prompt')}."
    if figures["agreement"] is None:
        return f"{rests} Too few pairs were judged by two people to say how far they agree."
    return f"{rests} Two people who saw the same pair said the same in {percent(figures['agreement'])} of cases."


def drawing(figures: Figures) -> Drawing | None:
    """The chance of each source to be preferred to the reference, in percent."""
    if figures["groups"] > 1:
        return None
    rows = [(one["name"], _hundred(one["chance"])) for one in figures["sources"] if one["chance"]]
    if not rows:
        return None
    words = "; ".join(f"{name} {one.value:.0f} %" for name, one in rows)
    return intervals(f"Chance to be preferred to {figures['reference']}: {words}", rows, top=100)


def ranking(figures: Figures) -> Table | None:
    """The same as numbers. None where nothing tells the sources of one group from those of another."""
    if not figures["sources"] or figures["groups"] > 1:
        return None
    rows = tuple(
        (one["name"], percent(one["chance"]) if one["chance"] else "50 % by definition", str(one["comparisons"]))
        for one in figures["sources"]
    )
    return Table("Ranking", ("Source", f"Preferred to {figures['reference']}, 95 %", "Comparisons"), rows)


def win_rates(figures: Figures) -> Table | None:
    """Each win rate with what length may have to do with it."""
    if not figures["sources"]:
        return None
    rows = tuple(
        (
            one["name"],
            percent(one["rate"]),
            percent(one["matched"]) if one["matched"] else "–",
            longer(one),
        )
        for one in figures["sources"]
    )
    head = ("Source", "Win rate, 95 %", "Where both are as long, 95 %", "Was the longer one, 95 %")
    return Table("Win rates, and length", head, rows)


def longer(one: SourceFigures) -> str:
    """In what share of its comparisons a source had the longer response."""
    return (
        percent(one["was_longer"])
        if "was_longer" in one
        else f"{one['longer']:.0%}".replace("%", "\N{NO-BREAK SPACE}%")
    )


def bias(figures: Figures) -> list[str]:
    """What may have swayed people that has nothing to do with quality: facts, not verdicts."""
    said = []
    if side := figures["side"]:
        fair = "an even half lies within" if side[1] <= 0.5 <= side[2] else "more than chance explains"
        lay = "further up" if figures.get("rankings") else "left"
        said.append(f"The response that lay {lay} was chosen in {percent(side)} of decided comparisons: {fair}.")
    if length := figures["length"]:
        said.append(f"The longer response was chosen in {percent(length)} of decided comparisons.")
    if figures["one_sided"]:
        said.append(
            f"{figures['one_sided']} of {_count(figures['judges'], 'person', 'people')} with ten or more choices chose "
            f"{'as it lay, or the reverse,' if figures.get('rankings') else 'the same side'} in at least nine of ten."
        )
    ties, bad = figures["ties"], figures["both_bad"]
    said.append(
        f"{ties} said as good, {bad} both bad; {_count(figures['cannot_judge'], 'time')} somebody could not judge."
    )
    return said


def in_words(figures: Figures, habits: Sequence[Habit]) -> list[str]:
    """Who nearly always chose the same side, by name, and which."""
    sides = ("what lay further up", "what lay further down") if figures.get("rankings") else ("left", "right")
    return [
        f"{one.name}: {sides[2 * one.left < one.choices]} in {max(one.left, one.choices - one.left)} of "
        f"{one.choices} choices"
        for one in habits
    ]


def agreement(figures: Figures) -> list[str]:
    """How far people agree with one another, with themselves, and with what is known."""
    said = []
    if figures["agreement"]:
        pairs = _count(figures["judged_twice"], "pair")
        said.append(
            f"On {pairs} that several people judged, two of them said the same in {percent(figures['agreement'])}."
        )
        said.append(NORMAL)
    if alpha := figures["alpha"]:
        said.append(
            f"Krippendorff’s alpha, which takes chance off, is {alpha[0]:.2f} ({alpha[1]:.2f} to {alpha[2]:.2f})."
        )
    if figures["consistency"]:
        said.append(
            f"Given one of their own pairs again with the sides swapped ({_count(figures['repeats'], 'time')}), people "
            f"said the same in {percent(figures['consistency'])}."
        )
    if figures["known_right"]:
        said.append(
            f"Of {_count(figures['known'], 'answer')} to known pairs, {percent(figures['known_right'])} name the "
            "response that is vouched for."
        )
    return said or ["Too few pairs were judged by two people, or twice by one: of agreement nothing can be said yet."]


def percent(one: Figure) -> str:
    """A share with its interval."""
    return f"{one[0] * 100:.0f}\N{NO-BREAK SPACE}% ({one[1] * 100:.0f} to {one[2] * 100:.0f})"


def _hundred(one: Figure | None) -> Interval:
    value, low, high = one or (0.5, 0.5, 0.5)
    return Interval(value * 100, low * 100, high * 100)


def _named(name: str) -> str:
    return IN_A_SENTENCE.get(name, name[0].lower() + name[1:])


def _count(many: int, what: str, several: str = "") -> str:
    return f"{many:,} {what if many == 1 else several or what + 's'}"
