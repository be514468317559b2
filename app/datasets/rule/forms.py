"""A rule as a form writes it: every field is text, lists have one name a line, empty asks for nothing."""

from collections.abc import Mapping
from typing import Any

from app.core.text import FormText, Line, Name, WholeNumber
from app.core.web import FormIn
from app.datasets.rule.rules import Rule

LISTS = ("categories", "languages", "licences", "sources", "tags")
DAYS = ("handed_in_from", "handed_in_to", "approved_from", "approved_to")


class RuleForm(FormIn):
    """The conditions of a rule, from a form or from the address of a preview."""

    imported: FormText = "with"
    state: FormText = "any"
    categories: FormText = ""
    languages: FormText = ""
    licences: FormText = ""
    sources: FormText = ""
    tags: FormText = ""
    guidelines: FormText = ""
    guidelines_from: FormText = ""
    handed_in_from: FormText = ""
    handed_in_to: FormText = ""
    approved_from: FormText = ""
    approved_to: FormText = ""
    min_rating: FormText = ""
    min_ratings: FormText = ""
    of_prompt: FormText = "all"
    per_writer: FormText = ""
    max_share: FormText = ""

    def fields(self) -> dict[str, str]:
        """What stands in the fields of the conditions."""
        return {name: getattr(self, name) for name in RuleForm.model_fields}

    def rule(self) -> dict[str, Any]:
        """The rule as JSON would say it; what is no number stays as it is and is refused by name."""
        return {
            "imported": self.imported,
            "state": self.state,
            **{name: lines(getattr(self, name)) for name in LISTS},
            "guidelines": [number(word, int) for word in self.guidelines.replace(",", " ").split()],
            "guidelines_from": number(self.guidelines_from, int),
            **{name: getattr(self, name) or None for name in DAYS},
            "min_rating": number(self.min_rating, float),
            "min_ratings": least_by_criterion(self.min_ratings),
            "of_prompt": self.of_prompt,
            "per_writer": number(self.per_writer, int),
            "max_share": number(self.max_share, int),
        }


class NewDatasetForm(RuleForm):
    """A dataset to begin."""

    name: Name


class NewDatasetDraft(RuleForm):
    """The same before it is sent: nobody has to have thought of a name to see what a rule takes."""

    name: FormText = ""


class ChangeRuleForm(RuleForm):
    """Another rule for a dataset: `based_on` is the number of the rule that was seen, `note` says why it changes."""

    based_on: WholeNumber
    note: Line = ""


class ChangeRuleDraft(RuleForm):
    """The same before it is sent; `cursor` is where the list of earlier rules goes on."""

    cursor: str | None = None
    based_on: WholeNumber | None = None
    note: Line = ""


def written(rule: Rule) -> dict[str, str]:
    """What stands in the fields of a form for this rule: read again, it is the same rule."""
    plain: Mapping[str, Any] = rule.model_dump()
    return {
        **{name: f"{value:g}" if isinstance(value, float) else str(value or "") for name, value in plain.items()},
        **{name: "\n".join(plain[name]) for name in LISTS},
        "guidelines": ", ".join(map(str, rule.guidelines)),
        "min_rating": "" if rule.min_rating is None else repr(rule.min_rating).removesuffix(".0"),
        "min_ratings": "\n".join(f"{key} {least!r}".removesuffix(".0") for key, least in rule.min_ratings.items()),
    }


def least_by_criterion(text: str) -> dict[str, Any]:
    """The least rating of each criterion, one a line: `helpful 4`."""
    halves = (line.rpartition(" ") for line in lines(text))
    return {key or least: number(least, float) if key else least for key, _, least in halves}


def lines(text: str) -> list[str]:
    """The lines of a field that say something."""
    return [line for line in text.split("\n") if line]


def number(text: str, kind: type[float] | type[int]) -> float | str | None:
    """A number from a form, None for an empty field."""
    if not text:
        return None
    try:
        return kind(text)
    except ValueError:
        return text
