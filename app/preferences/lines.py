"""Reading a file of pairs, line by line: a prompt, the response that was chosen and the one that was not. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Annotated, Any

from pydantic import Field, ValidationError

from app.core.errors import PLACES_LISTED, DomainError, Invalid, Place
from app.core.problems import pointer, sentence_of
from app.core.strict_json import loads
from app.core.text import FilledText, Language, Line, Name
from app.core.web import In
from app.prompts.import_lines import LINE_LIMIT, lines_of
from app.prompts.messages import Messages, check_messages, check_turns, one_turn

ROW_LIMIT = 2_000


class PairLine(In):
    """One line. `prompt`, `chosen` and `rejected` are texts or lists of messages; `messages` is a prompt of several.

    With `known` the chosen one is vouched for: people meet the pair unmarked, and how often they see it is told.
    """

    prompt: FilledText | Messages | None = None
    messages: Messages | None = None
    chosen: FilledText | Messages
    rejected: FilledText | Messages
    source: Name
    licence: Name
    id: Name | None = None
    language: Language | None = None
    known: bool = False
    chosen_rank: Annotated[int | None, Field(ge=0)] = None
    rejected_rank: Annotated[int | None, Field(ge=0)] = None
    category: Line = ""


@dataclass(frozen=True)
class ImportedPair:
    """A line whose shape is right: all three as messages."""

    prompt: list[dict[str, Any]]
    chosen: list[dict[str, Any]]
    rejected: list[dict[str, Any]]
    language: str
    known: bool
    details: Mapping[str, Any]


def read_pairs(file: IO[bytes]) -> list[ImportedPair]:
    """The pairs of a file of JSON lines. Invalid with the place of all that is wrong; then nothing is stored."""
    file.seek(0)
    return checked(numbered(lines_of(file)))


def numbered(lines: Iterable[tuple[int, bytes]]) -> Iterator[tuple[str, object]]:
    """Each line's value with its place; what is no JSON comes as the refusal that says so."""
    for number, line in lines:
        at = f"/line/{number}"
        if len(line) > LINE_LIMIT:
            yield at, refused(Place(at, "is longer than 1 MiB"))
            continue
        try:
            yield at, loads(line)
        except DomainError as error:
            places = error.places or [Place("", error.sentence.removeprefix("The body ").rstrip("."))]
            yield at, refused(*(Place(at + one.pointer, one.detail) for one in places))


def checked(values: Iterable[tuple[str, object]]) -> list[ImportedPair]:
    """The pairs behind values at their places. Invalid with every place that is wrong."""
    pairs: list[ImportedPair] = []
    wrong: list[Place] = []
    for count, (at, value) in enumerate(values, 1):
        if count > ROW_LIMIT:
            wrong.append(Place(at, f"is past the {ROW_LIMIT:,} pairs that one set takes from a file"))
            break
        try:
            if isinstance(value, Invalid):
                raise value
            pairs.append(_pair(at, _line(at, value)))
        except Invalid as error:
            wrong += error.places[: PLACES_LISTED - len(wrong)]
    if not pairs and not wrong:
        wrong.append(Place("/line/1", "is missing: the file is empty"))
    if wrong:
        raise refused(*wrong)
    return pairs


def refused(*places: Place) -> Invalid:
    """The refusal of a file of pairs, with its places."""
    return Invalid("preferences.pairs", "These pairs were not accepted; nothing was stored.", *places)


def _line(at: str, value: object) -> PairLine:
    try:
        return PairLine.model_validate(value)
    except ValidationError as error:
        # Of a text that may be a list as well only the reading that fits is told of, once a place.
        found = {_place(at, item["loc"]): sentence_of(dict(item)) for item in reversed(error.errors())}
        raise refused(*(Place(place, detail) for place, detail in found.items())) from None


def _place(at: str, loc: Sequence[int | str]) -> str:
    return at + pointer(
        tuple(one for one in loc if isinstance(one, int) or one in PairLine.model_fields or one in TURN)
    )


TURN = ("role", "content")


def _pair(at: str, line: PairLine) -> ImportedPair:
    if (line.prompt is None) == (line.messages is None):
        raise refused(Place(f"{at}/prompt", "give either prompt or messages"))
    given = line.messages if line.prompt is None else line.prompt
    asked = one_turn(given) if isinstance(given, str) else _turns(given or [])
    name = "messages" if line.prompt is None else "prompt"
    chosen, rejected = (_response(f"{at}/{key}", getattr(line, key)) for key in ("chosen", "rejected"))
    if chosen == rejected:
        raise refused(Place(f"{at}/rejected", "is the same text as chosen: there is nothing to compare"))
    kept = line.model_dump(include={"id", "source", "licence", "chosen_rank", "rejected_rank"}, exclude_none=True)
    prompt = check_messages(asked, f"{at}/{name}")
    return ImportedPair(prompt, chosen, rejected, line.language or "", line.known, kept)


def _response(at: str, given: Any) -> list[dict[str, Any]]:
    if isinstance(given, str):
        return one_turn(given, "assistant")
    turns = check_turns(_turns(given), at)
    if turns[0]["role"] != "assistant":
        raise refused(Place(f"{at}/0/role", "a response begins with an assistant turn: the prompt stands apart"))
    if turns[-1]["role"] != "assistant":
        raise refused(Place(f"{at}/{len(turns) - 1}/role", "a response ends with an assistant turn"))
    return turns


def _turns(given: Sequence[Any]) -> list[dict[str, Any]]:
    return [turn.model_dump() for turn in given]
