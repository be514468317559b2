"""What does the history page say of how a project reviews? Words, tables and a picture. Only reads."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.core.charts import Drawing, Interval, Table
from app.core.excerpts import beginning
from app.core.figures import intervals, share
from app.core.markdown import parts
from app.projects.models import Guidelines, Project
from app.projects.queries import current_guidelines
from app.review.history import history
from app.review.history.raters import FEW, Agreed, Agreement, agreement_for, list_judged, overall

NAME_LENGTH = 48
LINES_SHOWN = 10
HEAD = ("Pairs", "Same", "Beyond chance")


@dataclass(frozen=True)
class Fact:
    """One figure: its name, what it is, the reader's own beside it, and how it is computed."""

    name: str
    value: str
    own: str
    how: str


@dataclass(frozen=True)
class Line:
    """A part of the guidelines, how many returns name it, and its place there; None where the newest version has it
    no more."""

    name: str
    returns: int
    width: str
    anchor: str | None


@dataclass(frozen=True)
class Evening:
    """All figures of the history page. `agreed`: the sentence above the picture; empty where no two judged the same."""

    facts: Sequence[Fact]
    lines: Sequence[Line]
    lines_of: str
    agreed: str
    picture: Drawing | None
    table: Table | None
    pairs: Table | None


def evening(session: Session, actor: Actor, project: Project) -> Evening:
    """How the newest decisions of a project came to be, as this reader may see it."""
    made = history.list_made(session, project.id)
    judged = list_judged(session, project.id)
    rules = current_guidelines(session, project.id)
    found = agreement_for(session, actor, project.id, rules.rubric, judged) if judged else None
    facts = [
        Fact("Wait", lasting(history.wait(made)), "", "median time from handing in to the decision"),
        pace_fact(history.pace(made, judged), history.pace(made, judged, actor.user_id)),
    ]
    if judged:
        facts.append(
            settled_fact(history.settlements(session, judged), history.settlements(session, judged, actor.user_id))
        )
    if found and found.own:
        facts.append(own_fact(found.own))
    rows = rows_of(found) if found else []
    drawn = [(beginning(one.name, NAME_LENGTH), one.beyond) for one in rows if one.beyond]
    return Evening(
        facts=facts,
        lines=lines(made, rules),
        lines_of=f"of {history.returns(made):,} returns among the newest {len(made):,} decisions",
        agreed=sentence(found.overall) if found else "",
        picture=intervals(picture_label(drawn), drawn, top=1.0) if drawn else None,
        table=table("How far two reviewers agree", "Over", rows) if rows else None,
        pairs=table("Who agrees with whom", "Reviewers", found.pairs) if found and found.pairs else None,
    )


def in_short(session: Session, project_id: int) -> str:
    """The project's agreement in one sentence; nothing where no two judged the same. For who decides there."""
    judged = list_judged(session, project_id)
    return sentence(overall(judged)) if judged else ""


def pace_fact(all_of_them: history.Pace, own: history.Pace) -> Fact:
    """How long a decision takes."""
    pause = lasting(history.PAUSE)
    return Fact(
        "Time per decision",
        lasting(all_of_them.median),
        f"you {lasting(own.median)}" if own.median is not None else "",
        f"median from one decision of a reviewer to their next, of {all_of_them.steps:,}; more than {pause} is a pause",
    )


def settled_fact(everybody: history.Settled, own: history.Settled) -> Fact:
    """How often opinions were overruled."""
    return Fact(
        "Reversed",
        f"{everybody.overruled:,} of {everybody.opinions:,}",
        f"you {own.overruled:,} of {own.opinions:,}" if own.opinions else "",
        f"opinions that a third person decided against, of those on {everybody.settled:,} settled disputes "
        f"({everybody.disputes:,} in all)",
    )


def own_fact(own: Agreed) -> Fact:
    """How far the reader agrees with whoever judged the same."""
    return Fact(
        "You and the others",
        few(own) if own.too_few else in_percent(own.share),
        "" if own.too_few else f"κ {beyond(own.beyond)}",
        f"decisions alike, of {own.pairs:,} that somebody else judged too; κ: Cohen’s kappa, what is beyond chance",
    )


def lines(made: Sequence[history.Made], rules: Guidelines) -> list[Line]:
    """The parts of the guidelines behind most returns."""
    named = history.lines(made)
    anchors = {part.name: part.anchor for part in reversed(parts(rules.text))}
    most = named[0][1] if named else 0
    return [Line(name, many, share(many, most), anchors.get(name)) for name, many in named[:LINES_SHOWN]]


def rows_of(found: Agreement) -> list[Agreed]:
    """What agreement is told of: everything, each category, each criterion, in this order."""
    return [found.overall, *found.categories, *found.criteria]


def sentence(everything: Agreed) -> str:
    """The finding."""
    if everything.too_few or everything.share is None:
        return f"Pairs so far: {everything.pairs:,}; below {FEW} it is too few to say how far reviewers agree."
    return (
        f"Two reviewers decided alike on {everything.share.value:.0%} of {everything.pairs:,} responses "
        f"({everything.share.low:.0%} to {everything.share.high:.0%})."
    )


def picture_label(drawn: Sequence[tuple[str, Interval]]) -> str:
    """What a screen reader hears of the picture."""
    return "Agreement beyond chance, 0 to 1: " + "; ".join(f"{name} {one.value:.2f}" for name, one in drawn)


def table(caption: str, first: str, rows: Sequence[Agreed]) -> Table:
    """The figures in words."""
    said = tuple(
        (one.name, f"{one.pairs:,}", few(one) if one.too_few else in_percent(one.share), beyond(one.beyond))
        for one in rows
    )
    return Table(caption, (first, *HEAD), said)


def few(one: Agreed) -> str:
    """That there are too few pairs."""
    return f"too few ({one.pairs} of {FEW})"


def in_percent(one: Interval | None) -> str:
    """A share with its interval."""
    return "–" if one is None else f"{one.value:.0%} ({one.low:.0%} to {one.high:.0%})"


def beyond(one: Interval | None) -> str:
    """A coefficient with its interval; nothing where there is none."""
    return "–" if one is None else f"{one.value:.2f} ({one.low:.2f} to {one.high:.2f})".replace("-", "−")


def lasting(time: timedelta | None) -> str:
    """A time in the unit in which it is a small number: 40 s, 12 min, 5 h, 3 days."""
    if time is None:
        return "–"
    seconds = time.total_seconds()
    for unit, length, most in (("s", 1, 90), ("min", 60, 90 * 60), ("h", 3600, 48 * 3600)):
        if seconds < most:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds / 86400:.0f} days"
