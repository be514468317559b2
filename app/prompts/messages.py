"""What a conversation may be that ends with a question: the messages of a prompt."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError

from app.core.errors import Invalid, Place
from app.core.problems import pointer, sentence_of
from app.core.text import FilledText
from app.core.web import In
from app.projects.models import Project

TURN_LIMIT = 100
NO_SYSTEM = "is a system message, which this project does not want"


class Message(In):
    """One turn. A system message stands first or nowhere; the text is kept byte for byte."""

    role: Literal["system", "user", "assistant"]
    content: FilledText


Messages = Annotated[list[Message], Field(min_length=1, max_length=TURN_LIMIT)]
_messages = TypeAdapter(Messages)


def check_turns(messages: Sequence[Any], at: str = "/messages") -> list[dict[str, Any]]:
    """The messages as they are stored, in whatever order. Invalid with the pointer of each wrong place."""
    try:
        turns = _messages.validate_python([dict(turn) for turn in messages])
    except ValidationError as error:
        wrong = [Place(at + pointer(item["loc"]), sentence_of(dict(item))) for item in error.errors()]
        raise refused(*wrong) from None
    for number, turn in enumerate(turns):
        if turn.role == "system" and number > 0:
            raise refused(Place(f"{at}/{number}/role", "a system message stands first and only once"))
    return [turn.model_dump() for turn in turns]


def check_messages(messages: Sequence[Any], at: str = "/messages") -> list[dict[str, Any]]:
    """The messages of a prompt: an optional system message first, a user turn last."""
    turns = check_turns(messages, at)
    if turns[-1]["role"] != "user":
        raise refused(Place(f"{at}/{len(turns) - 1}/role", "a prompt ends with a user turn"))
    return turns


def check_system(project: Project, messages: Sequence[Any], at: str = "/messages") -> None:
    """Invalid where a prompt begins with a system message and its project wants none."""
    if messages[0]["role"] == "system" and not project.allow_system:
        raise refused(Place(f"{at}/0/role", NO_SYSTEM))


def one_turn(text: str, role: str = "user") -> list[dict[str, Any]]:
    """A conversation of one turn."""
    return [{"role": role, "content": text}]


def refused(*places: Place) -> Invalid:
    """The refusal of messages, with its places."""
    return Invalid("prompts.messages", "These messages were not accepted; nothing was stored.", *places)
