"""What goes in and out of the API of rules."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.core.text import Line
from app.core.web import In, Out
from app.datasets.models import RuleRevision, Split
from app.datasets.rule.preview import Preview
from app.datasets.rule.rules import Rule, in_words


class NewRule(In):
    """Another rule for a dataset, and why."""

    rule: Rule
    note: Line = ""


class RuleOut(Out):
    """One of a dataset's rules, as JSON and in words, with who made it."""

    number: int
    rule: dict[str, Any]
    words: str
    note: str
    made_by: str
    made_at: datetime


class RuleList(Out):
    """A dataset's rules, the newest first, and the cursor of those before them."""

    rules: list[RuleOut]
    next_cursor: str | None


class StepOut(Out):
    """What a condition does: rows it takes out when its turn comes, alone, and how many are left after it."""

    name: str
    phrase: str
    out: int
    alone: int
    left: int


class PreviewOut(Out):
    """What a version by a rule would hold now. `splits` is an estimate: near duplicates, which stay together, and what
    is held out may move some rows. `overlap_from`: rows with so many percent of an item of a benchmark are left out
    besides, which only publishing counts; null where none are."""

    words: str
    approved: int
    rows: int
    conditions: list[StepOut]
    categories: Mapping[str, int]
    splits: Mapping[Split, int]
    overlap_from: int | None


class LeftOutOne(Out):
    """A response that a rule leaves out, and the first condition that it does not meet."""

    submission_id: int
    reason: str


class LeftOutList(Out):
    """Responses that a rule leaves out, the earliest first, and the cursor of those after them."""

    left_out: list[LeftOutOne]
    next_cursor: str | None


class AnswerOut(Out):
    """What one condition says: `met` is null where the response was out before this condition was asked."""

    name: str
    phrase: str
    found: str
    met: bool | None


class ExplanationOut(Out):
    """Whether a dataset's rule takes a submission now, and what each condition says of it."""

    submission_id: int
    taken: bool
    answers: list[AnswerOut]


def rule_out(made: RuleRevision, words: str) -> RuleOut:
    """One of a dataset's rules for a program."""
    return RuleOut(
        number=made.number, rule=made.rule, words=words, note=made.note, made_by=made.maker.name, made_at=made.made_at
    )


def preview_out(rule: Rule, found: Preview, overlap_from: int | None = None) -> PreviewOut:
    """What a rule would take for a program."""
    return PreviewOut(
        words=in_words(rule),
        approved=found.total,
        rows=found.rows,
        conditions=[StepOut.model_validate(step) for step in found.steps],
        categories=found.categories,
        splits=found.splits,
        overlap_from=overlap_from,
    )
