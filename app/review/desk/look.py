"""How is a submission looked at? As it reads, raw, or by what changed; with facts, never verdicts. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from markupsafe import Markup

from app.core.diff import Segment, side_by_side
from app.core.invisible import pieces
from app.core.markdown import render_markdown
from app.projects.models import Project
from app.review.comments.marks import Cut, changed_turns, marked_turns
from app.review.comments.threads import Thread
from app.review.deciding.ratings import HIGHEST, LOWEST
from app.review.models import Part
from app.review.schemas import RATING, View
from app.writing.models import Revision, Submission
from app.writing.turns import characters, words

UNSEEN_LISTED = 3
# Code points of a response up to which Markdown is rendered: hostile text of this length takes a fraction of a second.
RENDERED_LIMIT = 20_000


@dataclass(frozen=True)
class Turn:
    """One turn, shown in one way: `html` as it reads, else `cuts` of the raw text or of what changed, with comments."""

    role: str
    cuts: Sequence[Cut]
    html: Markup | None = None


@dataclass(frozen=True)
class Halves:
    """One turn of two revisions in columns; what only one of them has is marked in it."""

    role: str
    before: Sequence[Segment]
    now: Sequence[Segment]


@dataclass(frozen=True)
class Tab:
    """A way to look, and whether it is the one chosen."""

    view: View
    label: str
    current: bool


@dataclass(frozen=True)
class Criterion:
    """A row of the rubric as the macro wants it."""

    name: str
    label: str
    hint: str
    scale: Sequence[str]
    chosen: str | None


def visible(text: str) -> str:
    """The text with each character that cannot be seen replaced by its code, for where it stands among markup."""
    return "".join(f"[{piece.code}]" if piece.code else piece.text for piece in pieces(text))


def is_whole(submission: Submission) -> bool:
    """Whether the stored texts have the shape of turns. They have, unless somebody broke the row by hand."""
    texts = [text for one in submission.revisions for text in (one.prompt_messages, one.messages)]
    return bool(texts) and all(is_conversation(text) for text in texts)


def is_conversation(messages: object) -> bool:
    """Whether this is a list of at least one turn, each with a role and a text."""
    return (
        isinstance(messages, list)
        and bool(messages)
        and all(
            isinstance(turn, dict) and isinstance(turn.get("role"), str) and isinstance(turn.get("content"), str)
            for turn in messages
        )
    )


def view_of(wanted: View | None, revisions: Sequence[Revision]) -> View:
    """The chosen way to look; without a choice, the changes of a revision that has a forerunner.

    Here and below `revisions` are the newest one and, before it, the one with which it is compared.
    """
    offered = views(revisions)
    if wanted in offered:
        return wanted
    return View.CHANGES if View.CHANGES in offered else offered[0]


def views(revisions: Sequence[Revision]) -> list[View]:
    """The ways in which the newest revision can be shown: not rendered when very long, no changes in the first."""
    short = sum(len(turn["content"]) for turn in revisions[-1].messages) <= RENDERED_LIMIT
    return [*([View.READS] if short else []), View.RAW, *([View.CHANGES] if len(revisions) > 1 else [])]


def tabs(view: View, revisions: Sequence[Revision]) -> list[Tab]:
    """The ways to look at the newest revision."""
    labels = {View.READS: "As it reads", View.RAW: "Raw"}
    if len(revisions) > 1:
        labels[View.CHANGES] = f"Changes since revision {revisions[-2].number}"
    return [Tab(one, labels[one], one is view) for one in views(revisions)]


def response(view: View, revisions: Sequence[Revision], threads: Sequence[Thread] = ()) -> list[Turn]:
    """The turns of the newest revision's response."""
    before = revisions[-2].messages if view is View.CHANGES else ()
    return shown(view, Part.RESPONSE, revisions[-1].messages, before, threads)


def question(view: View, revisions: Sequence[Revision], threads: Sequence[Thread] = ()) -> list[Turn]:
    """The turns of the prompt. A pair's writer may have changed it; where not, it is shown as it is."""
    asked, before = revisions[-1].prompt_messages, revisions[-2].prompt_messages if view is View.CHANGES else ()
    if view is View.CHANGES and asked != before:
        return shown(View.CHANGES, Part.PROMPT, asked, before, threads)
    return shown(View.RAW, Part.PROMPT, asked, (), threads)


def shown(
    view: View,
    part: Part,
    messages: Sequence[Mapping[str, Any]],
    before: Sequence[Mapping[str, Any]] = (),
    threads: Sequence[Thread] = (),
) -> list[Turn]:
    """Messages in one way, with the comments on them; changes are against the message at the same place of `before`."""
    if view is View.READS:
        return [Turn(one["role"], (), html=render_markdown(visible(one["content"]))) for one in messages]
    if view is View.RAW:
        return list(map(Turn, (one["role"] for one in messages), marked_turns(part, messages, threads)))
    there = [*messages, *before[len(messages) :]]
    return list(map(Turn, (one["role"] for one in there), changed_turns(part, messages, before, threads)))


def halves(before: Revision, now: Revision) -> list[Halves]:
    """The turns of two revisions beside each other: of the response, and before them of the prompt where it differs."""
    asked = zip_longest(before.prompt_messages, now.prompt_messages, fillvalue=None)
    differing = [pair for pair in asked if pair[0] != pair[1]]
    pairs = [*differing, *zip_longest(before.messages, now.messages, fillvalue=None)]
    return [Halves((new or old or {})["role"], *side_by_side(_words(old), _words(new))) for old, new in pairs]


def _words(turn: Mapping[str, Any] | None) -> str:
    return turn["content"] if turn else ""


def criteria(rubric: Sequence[Mapping[str, Any]], ratings: Mapping[str, Any]) -> list[Criterion]:
    """The rubric of the revision's guidelines, with what is chosen already."""
    scale = [str(value) for value in range(LOWEST, HIGHEST + 1)]
    return [
        Criterion(
            name=RATING + one["key"],
            label=one["name"],
            hint=one.get("description", ""),
            scale=scale,
            chosen=str(ratings[one["key"]]) if one["key"] in ratings else None,
        )
        for one in rubric
    ]


def facts(project: Project, submission: Submission, guidelines_now: int) -> list[str]:
    """What can be counted about the newest revision."""
    newest = submission.revisions[-1]
    length, counted = characters(newest.messages), words(newest.messages)
    return [
        "1 word" if counted == 1 else f"{counted:,} words",
        f"{length:,} characters, of {project.min_characters:,} to {project.max_characters:,}",
        written_under(newest.guidelines.version, guidelines_now),
        unseen([*newest.prompt_messages, *newest.messages]),
    ]


def written_under(version: int, now: int) -> str:
    """Whether the rules have changed since it was written."""
    if version == now:
        return f"Written under guidelines {version}, as now"
    return f"Written under guidelines {version}; they are at {now} now"


def unseen(messages: Sequence[Mapping[str, Any]]) -> str:
    """Which characters of the texts cannot be seen, by name."""
    found = [piece for message in messages for piece in pieces(message["content"]) if piece.code]
    if not found:
        return "No invisible characters"
    names = list(dict.fromkeys(f"{piece.name} ({piece.code})" for piece in found))
    more = f" and {len(names) - UNSEEN_LISTED} more kinds" if len(names) > UNSEEN_LISTED else ""
    count = "1 character cannot" if len(found) == 1 else f"{len(found):,} characters cannot"
    return f"{count} be seen: {', '.join(names[:UNSEEN_LISTED])}{more}"
