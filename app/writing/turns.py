"""What shape has a response? Turns that begin and end with the assistant's. Pure: nothing here changes a text."""

import re
from collections.abc import Sequence
from typing import Any

from app.core.errors import Invalid, Place
from app.core.text import is_blank

Messages = list[dict[str, Any]]
TURN_LIMIT = 100
WORD = re.compile(r"\S+")


def empty_response() -> Messages:
    """What a new draft holds: one turn of the assistant's, in which nothing is written yet."""
    return [{"role": "assistant", "content": ""}]


def check_turns(messages: Sequence[dict[str, Any]]) -> None:
    """Invalid unless the roles are assistant, user, assistant, … and the last turn is the assistant's."""
    if wrong := wrong_turns(messages):
        raise Invalid("writing.turns", "A response is turns of assistant, user, assistant, and so on.", *wrong)


def wrong_turns(messages: Sequence[dict[str, Any]]) -> list[Place]:
    """Where the turns are not those of a response."""
    wrong = [
        Place(f"/messages/{at}/role", f"must be {role_at(at)}")
        for at, message in enumerate(messages)
        if message["role"] != role_at(at)
    ]
    if not messages or len(messages) % 2 == 0:
        wrong.append(Place("/messages", "must end with a turn of the assistant"))
    if len(messages) > TURN_LIMIT:
        wrong.append(Place("/messages", f"has {len(messages)} turns; the limit is {TURN_LIMIT}"))
    return wrong


def role_at(position: int) -> str:
    """Whose turn it is at a position of a response, counted from 0."""
    return "user" if position % 2 else "assistant"


def check_question(messages: Sequence[dict[str, Any]]) -> None:
    """Invalid unless every turn of a pair's prompt says something."""
    blank = [at for at, message in enumerate(messages) if is_blank(message["content"])]
    if not messages or blank:
        places = [Place(f"/prompt_messages/{at}/content", "is empty") for at in blank] or [Place("/prompt", "is empty")]
        raise Invalid("writing.blank_prompt", "Write what somebody asks, then hand in the pair.", *places)


def check_answer(messages: Sequence[dict[str, Any]], *, least: int, most: int) -> None:
    """Invalid unless every turn says something and the assistant's turns together keep to the limits (code points)."""
    blank = [Place(f"/messages/{at}/content", "is empty") for at, m in enumerate(messages) if is_blank(m["content"])]
    if blank:
        raise Invalid("writing.blank", "There is an empty turn: write something in it, then hand in.", *blank)
    length = characters(messages)
    if length < least:
        detail = f"has {length} characters; at least {least} are asked for"
        raise Invalid("writing.too_short", f"The response {detail}.", Place("/messages", detail))
    if length > most:
        detail = f"has {length} characters; the limit is {most}"
        raise Invalid("writing.too_long", f"The response {detail}.", Place("/messages", detail))


def characters(messages: Sequence[dict[str, Any]]) -> int:
    """Code points in the assistant's turns together."""
    return sum(len(message["content"]) for message in messages if message["role"] == "assistant")


def words(messages: Sequence[dict[str, Any]]) -> int:
    """Words in the assistant's turns together: runs of what is not white space."""
    return sum(len(WORD.findall(message["content"])) for message in messages if message["role"] == "assistant")


def question_of(messages: Sequence[dict[str, Any]]) -> str:
    """What is asked: the last turn of a prompt, or nothing while a pair has none."""
    return str(messages[-1]["content"]) if messages else ""


def system_of(messages: Sequence[dict[str, Any]]) -> str:
    """The system message with which a prompt begins, or nothing."""
    return str(messages[0]["content"]) if messages and messages[0]["role"] == "system" else ""


def asking(messages: Messages, question: str, system: str | None = None) -> Messages:
    """A pair's prompt with its last turn put as `question` and its first as `system`, unless that is None."""
    earlier = messages[:-1]
    if system is not None:
        earlier = [turn for turn in earlier if turn["role"] != "system"]
        earlier = [{"role": "system", "content": system}, *earlier] if system else earlier
    return [*earlier, {"role": "user", "content": question}]
