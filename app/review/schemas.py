"""What goes in and out of the JSON door of reviews."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from app.core.text import FilledText, FormFilledText, FormText, Text, WholeNumber, check_text
from app.core.web import FormIn, In, Out
from app.review.models import Decision, Opinion, Review
from app.review.narrowing import Id, Wanted
from app.writing.models import Submission
from app.writing.schemas import FilledTurn
from app.writing.turns import TURN_LIMIT

RATING = "rating-"
PHRASE_LIMIT = 1_000
ShortText = Annotated[FormFilledText, AfterValidator(lambda text: check_text(text, PHRASE_LIMIT))]
DecisionWord = Literal["approved", "changes_requested", "rejected"]
RevisionNumber = Annotated[WholeNumber, Field(ge=1, le=2**31)]


class View(StrEnum):
    """The ways in which a response can be shown."""

    READS = "reads"
    RAW = "raw"
    CHANGES = "changes"


class ReviewIn(In):
    """A decision on the revision that was seen. `ratings` is {criterion key: 1…5}; all are wanted to approve.

    `missed` names the part of the guidelines that a returned response misses, by its heading. With `edited` the
    reviewer puts a few words right and approves that: all turns of the response, as they should read."""

    decision: DecisionWord
    revision: RevisionNumber
    ratings: dict[str, int] = {}
    note: Text = ""
    missed: Text = ""
    edited: Annotated[list[FilledTurn], Field(min_length=1, max_length=TURN_LIMIT)] | None = None

    @model_validator(mode="after")
    def _edited_to_approve(self) -> Self:
        if self.edited is not None and self.decision != "approved":
            raise PydanticCustomError("edited", "holds an edited text, which only an approval takes")
        return self


class GoldIn(In):
    """The right decision on a submission, and why."""

    decision: DecisionWord
    note: Text


class PhraseIn(In):
    """A phrase to keep."""

    text: Annotated[FilledText, AfterValidator(lambda text: check_text(text, PHRASE_LIMIT))]


class PhraseOut(Out):
    """One of one's own phrases."""

    id: int
    text: str


class PhrasesOut(Out):
    """One's own phrases, in the order in which they were written."""

    phrases: list[PhraseOut]


class WorkedExampleOut(Out):
    """A decided response that teaches: the right decision, why, and the texts. Nobody is named."""

    submission_id: int
    decision: DecisionWord
    note: str
    prompt: list[dict[str, Any]]
    response: list[dict[str, Any]]


class WorkedExamplesOut(Out):
    """Those of a project, what is good first."""

    examples: list[WorkedExampleOut]


class RatedForm(Wanted):
    """What a reviewer fills in on a page, with the person for whom it was drawn. Ratings come as `rating-KEY`; any
    other unknown field is refused."""

    model_config = ConfigDict(extra="allow")

    user_id: Id
    revision: RevisionNumber
    note: FormText = ""

    @model_validator(mode="after")
    def _only_ratings_besides(self) -> Self:
        for name in self.model_extra or {}:
            if not name.startswith(RATING):
                raise PydanticCustomError(
                    "unknown_field", "{name} is not a field that can be given here", {"name": name[:40]}
                )
        return self

    @property
    def ratings(self) -> dict[str, Any]:
        """The ratings by criterion; a value that is no digit stays as it came, for the rubric to refuse."""
        sent = {name.removeprefix(RATING): value for name, value in (self.model_extra or {}).items()}
        return {key: int(value) if str(value) in {*"0123456789"} else value for key, value in sent.items()}


class DecisionForm(RatedForm):
    """A button of the desk: a decision, leaving it to others, opening the text to put it right, a phrase to put into
    the note, or another view of the text."""

    decision: Literal["approved", "changes_requested", "rejected", "skipped", "edit", ""] = ""
    missed: FormText = ""
    phrase: Id | None = None
    view: View | None = None
    response: Annotated[list[FormText], Field(max_length=TURN_LIMIT)] = []  # of who leaves the text as it was

    @model_validator(mode="after")
    def _something_pressed(self) -> Self:
        if not self.decision and self.phrase is None and self.view is None:
            raise PydanticCustomError("no_decision", "says nothing: press one of the buttons")
        return self


class EditForm(RatedForm):
    """A text that was put right, turn by turn, to be approved."""

    response: Annotated[list[FormText], Field(min_length=1, max_length=TURN_LIMIT)]


class PressedForm(FormIn):
    """A button alone, with the person for whom its page was drawn."""

    user_id: Id


class WithdrawForForm(PressedForm):
    """Why an administrator withdraws what somebody else wrote."""

    reason: FormFilledText


class GoldForm(PressedForm):
    """The right decision on a submission, and why."""

    decision: DecisionWord
    note: FormText = ""


class PhraseForm(PressedForm):
    """A phrase to keep."""

    text: ShortText


class TakeForm(PressedForm, Wanted):
    """Of which part of the queue the next submission shall be; of any when left out."""


class ReviewOut(Out):
    """One decision, as reviewers see it. `id` is null for an opinion, where a project asks for two: it decides nothing
    until a second one is equal."""

    id: int | None
    submission_id: int
    revision: int
    decision: Decision
    ratings: dict[str, int | float]
    note: str
    missed: str
    reviewer: str
    created_at: datetime


class ReviewsOut(Out):
    """Decisions, newest first, and where the next page begins."""

    reviews: list[ReviewOut]
    next_cursor: str | None


class MessageOut(Out):
    """One turn."""

    role: str
    content: str


class CriterionOut(Out):
    """One line of the rubric; each is rated 1 to 5."""

    key: str
    name: str
    description: str


class ToReviewOut(Out):
    """What a reviewer decides on: the newest revision with its prompt, and the rubric of its guidelines."""

    submission_id: int
    revision: int
    prompt: list[MessageOut]
    messages: list[MessageOut]
    category: str | None
    writer: str
    guidelines: int
    rubric: list[CriterionOut]
    submitted_at: datetime
    lease_expires_at: datetime | None


class NextOut(Out):
    """The submission that the reviewer holds now, or null where nothing waits for them."""

    submission: ToReviewOut | None


def review_out(review: Review | Opinion, number: int, reviewer: str) -> ReviewOut:
    """A stored decision with the number of its revision and the name of its reviewer."""
    return ReviewOut(
        id=review.id if isinstance(review, Review) else None,
        submission_id=review.submission_id,
        revision=number,
        decision=review.decision,
        ratings=review.ratings,
        note=review.note,
        missed=review.missed,
        reviewer=reviewer,
        created_at=review.created_at,
    )


def to_review_out(submission: Submission, writer: str) -> ToReviewOut:
    """A submission with everything loaded, as the one who decides on it sees it."""
    newest = submission.revisions[-1]
    return ToReviewOut(
        submission_id=submission.id,
        revision=newest.number,
        prompt=[MessageOut.model_validate(message) for message in newest.prompt_messages],
        messages=[MessageOut.model_validate(message) for message in newest.messages],
        category=submission.category.name if submission.category else None,
        writer=writer,
        guidelines=newest.guidelines.version,
        rubric=[CriterionOut.model_validate(criterion) for criterion in newest.guidelines.rubric],
        submitted_at=submission.submitted_at,
        lease_expires_at=submission.lease_expires_at,
    )
