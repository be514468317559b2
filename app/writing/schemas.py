"""What goes in and out of the doors of writing."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, ValidationError

from app.accounts.schemas import DrawnFor
from app.core.errors import Invalid, Place
from app.core.problems import sentence_of
from app.core.text import FilledText, FormText, Language, Line, Text
from app.core.web import FormIn, In, Out
from app.prompts.messages import Messages as PromptMessages
from app.prompts.schemas import ProposeForm, ReasonWord
from app.writing.models import Assignment, Submission
from app.writing.pair_imports import Origin
from app.writing.turns import TURN_LIMIT, question_of, role_at, system_of

Id = Annotated[int, Field(ge=1, lt=2**62)]
Counter = Annotated[int, Field(ge=0, lt=2**62)]
Count = Annotated[int, Field(ge=0, le=10_000_000)]
OptionalId = Annotated[Id | None, BeforeValidator(lambda given: None if given == "" else given)]
StatusWord = Literal["submitted", "changes_requested", "approved", "rejected", "withdrawn"]


class Turn(In):
    """One turn of a response in a draft; it may be empty. The text is kept byte for byte."""

    role: Literal["user", "assistant"]
    content: Text


class FilledTurn(In):
    """One turn of a response that is handed in at once."""

    role: Literal["user", "assistant"]
    content: FilledText


class TypedIn(In):
    """What was counted since the save before: numbers alone."""

    keystrokes: Count = 0
    pastes: Count = 0
    pasted_characters: Count = 0
    active_seconds: Count = 0
    revisions: Count = 0


class DraftIn(In):
    """A save: the whole draft, the revision that it was based on, and whose page it comes from.

    `prompt` is what a pair's writer asks and `system` what it begins with; both are null everywhere else. `caret` is
    where the writer is in the last turn. `typed` is kept only where the project says so, and its writer knows.
    `category_id` files a pair under a category, or under none; left out, it stays where it is. Where the
    category is that of a prompt which is there already, null changes nothing.
    """

    messages: Annotated[list[Turn], Field(min_length=1, max_length=TURN_LIMIT)]
    prompt: Text | None = None
    system: Text | None = None
    revision: Counter
    caret: Counter | None = None
    typed: TypedIn | None = None
    category_id: Id | None = None
    user_id: Id | None = None


class DraftOut(Out):
    """A draft as it is stored."""

    assignment_id: int
    messages: list[dict[str, Any]]
    prompt: str | None
    system: str | None
    revision: int
    caret: int | None
    typed: dict[str, int] | None
    saved_at: datetime

    @classmethod
    def of(cls, assignment: Assignment) -> Self:
        """The draft of an assignment."""
        draft = assignment.draft
        asked = question_of(draft.prompt_messages) if assignment.is_pair else None
        return cls(
            assignment_id=assignment.id,
            messages=draft.messages,
            prompt=asked,
            system=system_of(draft.prompt_messages) if assignment.is_pair else None,
            revision=draft.revision,
            caret=draft.caret,
            typed=draft.provenance,
            saved_at=draft.saved_at,
        )


class SavedOut(Out):
    """What a save hears: the revision that is stored now, and whether the writer still has a place in the prompt.

    `lease_expires_at`: when others can be given the place, if nothing is saved until then; null where it cannot lapse.
    """

    revision: int
    saved_at: datetime
    held: bool
    lease_expires_at: datetime | None


class NextIn(In):
    """A wish for work: of one category, or of any."""

    category_id: Id | None = None


class AssignmentOut(Out):
    """A prompt that is leased to the writer, with the draft of the response."""

    id: int
    project_id: int
    prompt_id: int | None
    category_id: int | None
    prompt_messages: list[dict[str, Any]]
    draft: DraftOut

    @classmethod
    def of(cls, assignment: Assignment) -> Self:
        """An assignment with its prompt and draft loaded."""
        asked = assignment.prompt.messages if assignment.prompt else assignment.draft.prompt_messages
        return cls(
            id=assignment.id,
            project_id=assignment.project_id,
            prompt_id=assignment.prompt_id,
            category_id=assignment.category_id,
            prompt_messages=asked,
            draft=DraftOut.of(assignment),
        )


class AssignmentsOut(Out):
    """What one is writing, the one saved last first."""

    assignments: list[AssignmentOut]


class HandInIn(In):
    """Hand the draft in as it stands at this revision. With `next`, take another prompt too, of one category or any."""

    draft_revision: Counter
    next: bool = False
    category_id: Id | None = None


class SkipIn(In):
    """Why a prompt is given back: one of the usual reasons, or one's own words, which `other` needs."""

    kind: Literal["not_my_field", "too_long", "unclear", "other"] = "other"
    reason: Text = ""


class HintsIn(In):
    """A draft as it stands, unsaved; `prompt` is what a pair's writer asks."""

    messages: Annotated[list[Turn], Field(min_length=1, max_length=TURN_LIMIT)]
    prompt: Text | None = None


class PromptHintsIn(In):
    """A prompt that somebody is about to propose."""

    prompt: FilledText
    category_id: Id | None = None
    language: Language | None = None


class PairIn(In):
    """A prompt that ends with a user turn, and the response to it: turns of assistant, user, assistant, and so on."""

    prompt_messages: PromptMessages
    messages: Annotated[list[FilledTurn], Field(min_length=1, max_length=TURN_LIMIT)]
    category_id: Id | None = None


class PairImportIn(FormIn):
    """How a file of finished pairs comes in; source and licence of the rows that say none."""

    preview: bool = False
    source: Line = ""
    licence: Line = ""


def origin_of(given: Mapping[str, str]) -> Origin:
    """The source and the licence that a form names for all rows. Invalid with the field that is no line."""
    try:
        said = PairImportIn.model_validate(dict(given))
    except ValidationError as error:
        wrong = [Place(f"/every-{item['loc'][0]}", sentence_of(dict(item))) for item in error.errors()]
        raise Invalid("prompts.upload", "This upload was not accepted; nothing was stored.", *wrong) from None
    return Origin(said.source, said.licence)


class HintOut(Out):
    """One thing to look at, with its reason; `place` is a JSON Pointer into what was written."""

    check: str
    sentence: str
    place: str


class HintsOut(Out):
    """What there is to look at."""

    hints: list[HintOut]


class RevisionOut(Out):
    """One hand-in, as it was handed in; `edited`: a reviewer put the writer's words right in it."""

    number: int
    prompt_messages: list[dict[str, Any]]
    messages: list[dict[str, Any]]
    guidelines: int
    edited: bool
    created_at: datetime


class SubmissionLine(Out):
    """A submission in a list; its texts are one request further.

    `author_id` is null where the pair was imported: `imported_by` took it in, its prompt has the source.
    """

    id: int
    project_id: int
    prompt_id: int
    category_id: int | None
    author_id: int | None
    imported_by: int | None
    status: StatusWord
    current_revision: int
    submitted_at: datetime
    decided_at: datetime | None


class SubmissionsOut(Out):
    """A page of submissions, newest first, and the cursor of the next page."""

    submissions: list[SubmissionLine]
    next_cursor: str | None


class SubmissionOut(SubmissionLine):
    """A submission with every revision, oldest first."""

    revisions: list[RevisionOut]

    @classmethod
    def of(cls, submission: Submission) -> Self:
        """A submission with its revisions and their guidelines loaded."""
        revisions = [
            RevisionOut(
                number=one.number,
                prompt_messages=one.prompt_messages,
                messages=one.messages,
                guidelines=one.guidelines.version,
                edited=one.author_id != submission.author_id,
                created_at=one.created_at,
            )
            for one in submission.revisions
        ]
        line = SubmissionLine.model_validate(submission).model_dump()
        return cls(**line, revisions=revisions)


class WithdrawForIn(In):
    """Why an administrator withdraws what somebody else wrote: the writer reads it."""

    reason: FilledText


class HandedInOut(SubmissionOut):
    """What was handed in, and the prompt that was taken with it: null where none was wished for or none is open."""

    next: AssignmentOut | None = None


class PersonForm(FormIn):
    """A form that says whom its page was drawn for."""

    user_id: Id


class NextForm(PersonForm):
    """The wish for work from the page."""

    category_id: OptionalId = None


class LeaveForm(PersonForm):
    """A prompt is left; `of`: what comes next is of this category alone."""

    of: OptionalId = None


class SkipForm(LeaveForm):
    """Why a prompt is given back, from the page: one of the usual reasons, or other words."""

    kind: Literal["not_my_field", "too_long", "unclear", "other"] = "other"
    reason: FormText = ""


class ReportForm(LeaveForm):
    """What is wrong with a prompt, from the page."""

    reason: ReasonWord
    note: FormText = ""


class DraftForm(PersonForm):
    """The sheet of the page: one `response` a turn, for a pair the `prompt` and its category.

    `another`: go on with the next after handing in; `of`: prompts of this category alone; `typing`: more is to come;
    `told`: what the page said to look like personal data, one a line.
    """

    response: Annotated[list[FormText], Field(min_length=1, max_length=TURN_LIMIT)]
    prompt: FormText | None = None
    system: FormText | None = None
    revision: Counter
    category_id: OptionalId = None
    another: bool = False
    of: OptionalId = None
    view: Literal["", "preview"] = ""
    typing: bool = False
    told: str = ""

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The turns with their roles."""
        return [{"role": role_at(at), "content": content} for at, content in enumerate(self.response)]


class AskedForm(ProposeForm):
    """The form of a prompt while it is typed: there need be nothing in it yet. `typing`: more is to come."""

    prompt: FormText = ""
    typing: bool = False


class StandingOut(Out):
    """How far a new writer is: responses handed in and approved of those that open the queue."""

    qualified: bool
    handed_in: int
    approved: int
    wanted: int


class HandOverForm(DrawnFor):
    """To which member a prompt goes."""

    to: Id


class HandOverIn(In):
    """To which member a prompt goes: their id."""

    to: Id


class HandedOverOut(Out):
    """The assignment that the other person has now."""

    id: int
    prompt_id: int
    writer_id: int


class BegunOut(Out):
    """A prompt that a member has begun to answer. `held`: nobody else can take its place now."""

    assignment_id: int
    question: str
    language: str
    begun_at: datetime
    held: bool


class WorkOut(Out):
    """What a member has in hand in a project; of drafts only how many."""

    drafts: int
    begun: list[BegunOut]
    reviews: int
    standing: StandingOut
