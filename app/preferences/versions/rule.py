"""Which pairs belong to a dataset of preferences: a rule, as data and in words. Pure."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, get_args

from pydantic import Field, ValidationError
from pydantic_core.core_schema import ErrorType

from app.core.errors import Invalid, Place
from app.core.problems import pointer, sentence_of, words_of_pydantic
from app.core.text import Name
from app.core.web import In
from app.datasets.rule.rules import listed
from app.preferences.models import Strength

AtLeast = Literal["any", "clearly", "by_far"]
People = Literal["all", "one_half", "other_half"]
STRENGTHS: Mapping[AtLeast, str] = {"any": "", "clearly": "clearly better or by far", "by_far": "better by far"}
WHOSE: Mapping[People, str] = {
    "all": "",
    "one_half": "by one half of the people",
    "other_half": "by the other half of the people",
}
# From the weakest on; a pair of which nobody was asked by how much is below all of them.
ORDER = ("", *Strength)
# What no rule takes, whatever it asks for, in the order in which pairs are asked.
NEVER: Mapping[str, str] = {
    "known": "no known pair",
    "gone": "nothing withdrawn or erased",
    "same": "two different texts",
    "waits": "no pair that still waits for opinions",
    "judged": "judged by somebody who could",
    "neither": "no pair that most call as good or both bad",
    "divided": "one response preferred by more than half",
}
TAKES: Mapping[str, str] = {
    "sets": "takes at most 200 names of comparison sets",
    "languages": "takes at most 200 names",
    "min_opinions": "takes a whole number from 1 to 9, such as 2",
    "min_agreement": "takes a whole number from 51 to 100, such as 67",
    "min_strength": "takes any, clearly or by_far",
    "people": "takes all, one_half or other_half",
}


class PreferenceRule(In):
    """Conditions that a pair must meet, all of them. Empty lists and nulls ask for nothing.

    More than half of those who judged a pair decide which response is the chosen one; pairs on which they are divided,
    or that most called as good or both bad, belong to no version, and neither do known pairs, pairs that still wait for
    opinions and responses that were withdrawn. `sets` are names of comparison sets, `min_opinions` the least number of
    people who judged the pair, `min_agreement` the least share of them, in percent, who prefer the chosen one.
    `min_strength`: by how much half of those or more said it is better. `people`: whose opinions count; two reward
    models of which one learns from one half and one from the other learn from no person's word together.
    """

    sets: Annotated[list[Name], Field(max_length=200)] = []
    languages: Annotated[list[Name], Field(max_length=200)] = []
    min_opinions: Annotated[int, Field(ge=1, le=9)] = 1
    min_agreement: Annotated[int, Field(ge=51, le=100)] | None = None
    min_strength: AtLeast = "any"
    people: People = "all"


def checked_rule(raw: Mapping[str, Any]) -> PreferenceRule:
    """The rule that this JSON stands for. Invalid, naming each place, where it is none."""
    try:
        return PreferenceRule.model_validate(dict(raw))
    except ValidationError as wrong:
        places = [place_of(error) for error in map(dict, wrong.errors())]
        raise Invalid("preferences.bad_rule", "This rule was not accepted; nothing was stored.", *places) from None


def place_of(error: Mapping[str, Any]) -> Place:
    """What is wrong at one place: what the field takes, where we would have no words but pydantic's."""
    location, said = tuple(error["loc"]), sentence_of(dict(error))
    is_pydantics = error["type"] in get_args(ErrorType) and said == words_of_pydantic(error)
    return Place("/rule" + pointer(location), TAKES.get(str(location[0]), said) if is_pydantics else said)


def as_json(rule: PreferenceRule) -> dict[str, Any]:
    """The rule as it is stored: only what it asks for."""
    return rule.model_dump(exclude_defaults=True)


def in_words(rule: PreferenceRule) -> str:
    """The rule as a sentence."""
    return ", ".join(["Every pair of which people prefer one response", *asked(rule).values()]) + "."


def asked(rule: PreferenceRule) -> dict[str, str]:
    """What the rule asks for, in words, by the name of the condition."""
    said = {
        "set": listed(rule.sets, "from the set", "from the sets"),
        "language": listed(rule.languages, "in the language", "in the languages"),
        "opinions": f"judged by {rule.min_opinions} people or more" if rule.min_opinions > 1 else "",
        "agreement": f"with {rule.min_agreement} % of them or more agreeing" if rule.min_agreement else "",
        "strength": STRENGTHS[rule.min_strength],
        "people": WHOSE[rule.people],
    }
    return {name: words for name, words in said.items() if words}
