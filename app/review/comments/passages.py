"""Which words of a revision does somebody mean? A quote, with its place or without. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from app.core.errors import Invalid, Place
from app.core.graphemes import tears
from app.review.comments.anchors import every
from app.review.models import Part
from app.writing.models import Revision
from app.writing.turns import Messages

OFTEN = 50


@dataclass(frozen=True)
class Passage:
    """Code points `starts_at` to `ends_at` of one turn's content, and what stands there."""

    part: Part
    turn: int
    starts_at: int
    ends_at: int
    quote: str


@dataclass(frozen=True)
class Texts:
    """What is asked and what is answered, where it is no revision yet."""

    prompt_messages: Messages
    messages: Messages


def passage_in(revision: Revision, quote: str, part: Part | None, turn: int | None, starts_at: int | None) -> Passage:
    """The passage that is meant, widened to whole characters. Invalid where the quote is not there just once."""
    found = []
    for place in turns_of(revision, part, turn):
        text = messages_of(revision, place[0])[place[1]]["content"]
        if starts_at is not None and (ends_at := stands_at(text, quote, starts_at)):
            return whole(place, text, starts_at, ends_at)
        found += [(place, text, at) for at, _ in zip(every(quote, text), range(OFTEN), strict=False) if quote]
    if len(found) == 1:
        place, text, at = found[0]
        return whole(place, text, at, at + len(quote))
    raise elsewhere() if not found else ambiguous(len(found))


def turns_of(revision: Revision, part: Part | None, turn: int | None) -> Iterator[tuple[Part, int]]:
    """The turns in which the words may stand, the response's first."""
    for one in (Part.RESPONSE, Part.PROMPT):
        for at in range(len(messages_of(revision, one))):
            if part in (None, one) and turn in (None, at):
                yield one, at


def messages_of(revision: Revision | Texts, part: Part) -> Messages:
    """The turns of one part of a revision."""
    return revision.prompt_messages if part is Part.PROMPT else revision.messages


def stands_at(text: str, quote: str, starts_at: int) -> int | None:
    """Where the quote ends if it begins there. A form sends every line end as one, so CR LF, CR and LF are alike."""
    if text.startswith(quote, starts_at) and quote:
        return starts_at + len(quote)
    at = starts_at
    for character in quote:
        if character == "\n" and text.startswith(("\r\n", "\r"), at):
            at += 2 if text.startswith("\r\n", at) else 1
        elif text.startswith(character, at):
            at += 1
        else:
            return None
    return at if quote else None


def whole(place: tuple[Part, int], text: str, starts_at: int, ends_at: int) -> Passage:
    """The passage with every character that it touches, torn nowhere."""
    while tears(text, starts_at):
        starts_at -= 1
    while tears(text, ends_at):
        ends_at += 1
    return Passage(*place, starts_at, ends_at, text[starts_at:ends_at])


def elsewhere() -> Invalid:
    """The words do not stand in the text."""
    return Invalid(
        "review.no_such_passage",
        "These words do not stand in this revision as they are. Copy them from the raw text; nothing was stored.",
        Place("/quote", "does not stand in the text"),
    )


def ambiguous(times: int) -> Invalid:
    """The words stand in several places."""
    often = f"{times} times" if times < OFTEN else "many times"
    return Invalid(
        "review.passage_repeats",
        f"These words stand there {often}. Take more of the words around them; nothing was stored.",
        Place("/quote", "stands there more than once"),
    )
