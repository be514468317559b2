"""How long are the approved responses of a category?"""

from dataclasses import dataclass
from statistics import quantiles
from typing import Any, Literal

from sqlalchemy import Double, Select, and_, bindparam, cast, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONPATH
from sqlalchemy.orm import Session

from app.core.hot import ask
from app.writing.checks import Lengths
from app.writing.checks.length import ENOUGH
from app.writing.models import Revision, Submission, SubmissionStatus
from app.writing.turns import characters, words

# A bounded look back: the newest approved of the project, of which those of the category count.
LOOK_BACK = 1000
LOOKED_AT = 200
# With more characters a word the script puts no spaces between words, and a count of them says nothing.
LONG_WORDS = 15


@dataclass(frozen=True)
class Usual:
    """How long the middle half of what was approved is, as the count below the sheet counts it."""

    counted: int
    lower: int
    upper: int
    unit: Literal["words", "characters"]


def usual(session: Session, project_id: int, category_id: int | None) -> Usual | None:
    """What a writer of this category can go by. None where too little is approved to say it."""
    said = session.scalars(NEWEST, {"project_id": project_id, "category_id": category_id}).all()
    if len(said) < ENOUGH:
        return None
    in_words, in_characters = [words(one) for one in said], [characters(one) for one in said]
    counts_words = sum(in_characters) <= LONG_WORDS * sum(in_words)
    lower, _, upper = quantiles(in_words if counts_words else in_characters, n=4, method="inclusive")
    return Usual(len(said), round(lower), round(upper), "words" if counts_words else "characters")


def lengths_of(session: Session, project_id: int, category_id: int | None) -> Lengths | None:
    """The quartiles of the approved responses of a category in code points, from among the project's newest."""
    [(counted, both)] = ask(session, QUARTILES, {"project_id": project_id, "category_id": category_id})
    return Lengths(counted, *both) if counted else None


def _newest() -> Select[Any]:
    """The newest approved responses of a category."""
    approved = select(Submission.id, Submission.current_revision, Submission.category_id).where(
        Submission.project_id == bindparam("project_id"),
        Submission.status == SubmissionStatus.APPROVED,
        Submission.imported_by.is_(None),  # what is usual here is what people here wrote
    )
    newest = approved.order_by(Submission.id.desc()).limit(LOOK_BACK).subquery()
    return (
        select(Revision.messages)
        .select_from(newest)
        .join(Revision, and_(Revision.submission_id == newest.c.id, Revision.number == newest.c.current_revision))
        .where(newest.c.category_id.is_not_distinct_from(bindparam("category_id")))
        .limit(LOOKED_AT)
    )


def _quartiles() -> Select[Any]:
    turns = func.jsonb_path_query_array(Revision.messages, cast('$[*] ? (@.role == "assistant").content', JSONPATH))
    length = (
        select(func.sum(func.char_length(func.jsonb_array_elements_text(turns).column_valued("turn"))))
        .correlate(Revision)
        .scalar_subquery()
    )
    of_category = _newest().with_only_columns(length.label("length"), maintain_column_froms=True).subquery()
    both = func.percentile_cont(literal([0.25, 0.75], ARRAY(Double))).within_group(of_category.c.length)
    return select(func.count().label("counted"), both.label("both")).select_from(of_category)


# Built once: both are asked while somebody waits.
NEWEST = _newest()
QUARTILES = _quartiles()
