"""Which approved responses belong to a dataset: a rule, as data and in words."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationError, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from app.core.errors import Invalid
from app.core.text import Name
from app.core.web import In
from app.datasets.rule.words import place_of

FIRST_FIELDS = {"categories", "languages", "licences", "min_rating", "per_writer"}
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
State = Literal["any", "as_written", "edited"]
OfPrompt = Literal["all", "newest", "best"]
Imported = Literal["with", "without", "only"]
IMPORTED: Mapping[Imported, str] = {
    "with": "",
    "without": "written and reviewed here, without imported pairs",
    "only": "imported as a finished pair",
}
STATES: Mapping[State, str] = {
    "any": "",
    "as_written": "as its writer left it",
    "edited": "put right by who approved it",
}
OF_PROMPT: Mapping[OfPrompt, str] = {
    "all": "",
    "newest": "one response a prompt, the one approved last",
    "best": "one response a prompt, the one rated best",
}


def check_day(day: str) -> str:
    """The day itself: a full-date of RFC 3339, such as 2026-11-30."""
    try:
        if DAY.fullmatch(day):
            return date.fromisoformat(day).isoformat()
    except ValueError:
        pass
    raise PydanticCustomError("day", "is no day, such as 2026-11-30")


Day = Annotated[str, AfterValidator(check_day), Field(json_schema_extra={"format": "date"})]
Names = Annotated[list[Name], Field(max_length=200)]
Least = Annotated[float, Field(ge=1, le=5)]
Number = Annotated[int, Field(ge=1, le=10**9)]


class Rule(In):
    """Conditions that a row must meet, all of them. Empty lists and nulls ask for nothing.

    `imported`: `with` the finished pairs that were imported, `without` them, or `only` those. They have no writer, no
    guidelines, no ratings, were never handed in and approved by nobody, so a condition on one of these leaves them out.
    `state`: approved `as_written`, `edited` by who approved it, or `any` of both. `tags`: one of them at least.
    `guidelines` are versions, `guidelines_from` one and all later ones; a row meets either. Days are whole days in UTC,
    both ends included: `handed_in` is when the writer last handed the response in. `min_rating` is the least mean of a
    review's ratings, 1 to 5, `min_ratings` the least of single criteria. Then, among the rows that are left:
    `of_prompt` keeps all responses of a prompt, the one approved last or the one rated best; `per_writer` is the most
    rows of one person, the earliest submissions first, and no limit to what was imported; `max_share` the most that one
    category may fill, in percent of all rows.
    """

    imported: Imported = "with"
    state: State = "any"
    categories: Names = []
    languages: Names = []
    licences: Names = []
    sources: Names = []
    tags: Names = []
    guidelines: list[Number] = Field(default=[], max_length=200)
    guidelines_from: Number | None = None
    handed_in_from: Day | None = None
    handed_in_to: Day | None = None
    approved_from: Day | None = None
    approved_to: Day | None = None
    min_rating: Least | None = None
    min_ratings: dict[Name, Least] = Field(default={}, max_length=50)
    of_prompt: OfPrompt = "all"
    per_writer: Number | None = None
    max_share: int | None = Field(default=None, ge=1, le=99)

    @field_validator("handed_in_to", "approved_to")
    @classmethod
    def not_before_it_begins(cls, last: str | None, info: ValidationInfo) -> str | None:
        """Days in their order."""
        first = info.data.get(str(info.field_name).replace("_to", "_from"))
        if first and last and last < first:
            raise PydanticCustomError("days", "is before the day from which it counts, {first}", {"first": first})
        return last


def checked_rule(raw: Mapping[str, Any]) -> Rule:
    """The rule that this JSON stands for. Invalid, naming each place, where it is none."""
    try:
        return Rule.model_validate(dict(raw))
    except ValidationError as wrong:
        places = map(place_of, wrong.errors())
        raise Invalid("datasets.bad_rule", "This rule was not accepted; nothing was stored.", *places) from None


def as_json(rule: Rule) -> dict[str, Any]:
    """The rule as it is stored: conditions that came later stand only where something is asked.

    So a rule of before has the JSON that it always had, and what is made by it the same bytes.
    """
    return rule.model_dump(include=FIRST_FIELDS) | rule.model_dump(exclude_defaults=True)


def in_words(rule: Rule) -> str:
    """The rule as a sentence."""
    sentence = ", ".join(["every approved response", *phrases(rule).values()])
    return sentence[0].upper() + sentence[1:] + "."


def phrases(rule: Rule) -> dict[str, str]:
    """What the rule asks for, in words, by the name of the condition and in the order in which rows are asked."""
    asked = {
        "imported": IMPORTED[rule.imported],
        "state": STATES[rule.state],
        "category": listed(rule.categories, "in the category", "in the categories"),
        "language": listed(rule.languages, "in the language", "in the languages"),
        "licence": listed(rule.licences, "under", "under"),
        "source": listed(rule.sources, "from", "from"),
        "tag": listed(rule.tags, "tagged", "tagged"),
        "guidelines": under_guidelines(rule),
        "handed_in": between("handed in", rule.handed_in_from, rule.handed_in_to),
        "approved": between("approved", rule.approved_from, rule.approved_to),
        "rating": f"rated {rule.min_rating:g} or more on average" if rule.min_rating is not None else "",
        "ratings": " and ".join(f"rated {least:g} or more for {key}" for key, least in rule.min_ratings.items()),
        "of_prompt": OF_PROMPT[rule.of_prompt],
        "per_writer": f"at most {rule.per_writer} of one writer" if rule.per_writer is not None else "",
        "max_share": f"at most {rule.max_share} % in one category" if rule.max_share is not None else "",
    }
    return {name: words for name, words in asked.items() if words}


def listed(names: Sequence[str], one: str, more: str) -> str:
    """In the categories Explain or Plan; nothing for no name."""
    return f"{one if len(names) == 1 else more} {either(names)}" if names else ""


def either(names: Sequence[str]) -> str:
    """Explain, Plan or Rewrite."""
    return " or ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def under_guidelines(rule: Rule) -> str:
    """Under version 1, or 3 and later of the guidelines."""
    named = [str(number) for number in rule.guidelines]
    later = [f"{rule.guidelines_from} and later"] if rule.guidelines_from else []
    return f"under version {either([*named, *later])} of the guidelines" if named or later else ""


def between(done: str, first: str | None, last: str | None) -> str:
    """Approved from 2026-11-01 to 2026-11-30 (UTC); nothing without a day."""
    days = " ".join(f"{word} {day}" for word, day in (("from", first), ("to", last)) if day)
    return f"{done} {days} (UTC)" if days else ""
