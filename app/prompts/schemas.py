"""What goes in and out of the doors of prompts."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from app.accounts.actor import Actor
from app.accounts.schemas import DrawnFor
from app.core.errors import Place
from app.core.text import (
    FilledText,
    FormFilledText,
    FormText,
    Language,
    Line,
    Name,
    Text,
    WholeNumber,
    check_filled,
    check_text,
    none_if_empty,
)
from app.core.web import In, Out
from app.prompts.messages import Message, Messages, one_turn, refused
from app.prompts.models import Prompt, PromptStatus
from app.prompts.tag_names import FormTags, Tags

REASON_LIMIT = 2_000
Id = Annotated[int, Field(ge=1, lt=10**18)]
PlainId = Annotated[WholeNumber, Field(ge=1, lt=10**18)]


def _reason(text: str) -> str:
    return check_filled(check_text(text, REASON_LIMIT))


class ProposeIn(In):
    """A prompt as one text, or as messages: an optional system message, earlier turns, a user turn last."""

    prompt: FilledText | None = None
    messages: Messages | None = None
    category_id: Id | None = None
    language: Language | None = None
    licence: Line = ""
    source: Line = ""
    external_id: Name | None = None
    tags: Tags = []

    def asked(self) -> list[dict[str, Any]]:
        """The messages, however they were given."""
        if (self.prompt is None) == (self.messages is None):
            raise refused(Place("/prompt", "give either prompt or messages"))
        return one_turn(self.prompt or "") if self.messages is None else [turn.model_dump() for turn in self.messages]


class ProposeForm(DrawnFor):
    """The form of a prompt: one user turn, and a system message if one is written."""

    prompt: FormFilledText
    system: Annotated[FormFilledText | None, BeforeValidator(none_if_empty)] = None
    category_id: Annotated[PlainId | None, BeforeValidator(none_if_empty)] = None
    language: Annotated[Language | None, BeforeValidator(none_if_empty)] = None
    licence: Line = ""
    source: Line = ""
    tags: FormTags = []

    def asked(self) -> list[dict[str, Any]]:
        """The messages that the form means."""
        first = [] if self.system is None else one_turn(self.system, "system")
        return first + one_turn(self.prompt)


class TagsIn(In):
    """The tags that a prompt is to have."""

    tags: Tags


class TagsForm(DrawnFor):
    """The same, from the page: one a line."""

    tags: FormTags = []


class RejectIn(In):
    """Why a prompt is turned down: its author reads it."""

    reason: Annotated[str, AfterValidator(_reason)]


class RejectForm(DrawnFor):
    """The same, from the page."""

    reason: Annotated[FormFilledText, AfterValidator(_reason)]


class AskIn(In):
    """A question about a prompt, or what is said to the question `to`."""

    body: Annotated[FilledText, AfterValidator(_reason)]
    to: Id | None = None


class AskForm(DrawnFor):
    """A question about a prompt, or what is said to the question `to`; `back`: the page on which it was typed."""

    body: Annotated[FormFilledText, AfterValidator(_reason)]
    to: Annotated[PlainId | None, BeforeValidator(none_if_empty)] = None
    back: Annotated[Name | None, BeforeValidator(none_if_empty)] = None


ReasonWord = Literal["unclear", "unanswerable", "duplicate", "personal", "harmful", "other"]


class ReportIn(In):
    """What is wrong with a prompt."""

    reason: ReasonWord
    note: Text = ""


class PromptReportForm(DrawnFor):
    """The same, from the prompt's page."""

    reason: ReasonWord
    note: FormText = ""


class PromptFilter(BaseModel):
    """Which prompts are listed: the filters that live in the address. Anything else is refused."""

    model_config = ConfigDict(extra="forbid")

    status: Annotated[PromptStatus | None, BeforeValidator(none_if_empty)] = None
    category: Annotated[PlainId | None, BeforeValidator(none_if_empty)] = None
    language: Annotated[Language | None, BeforeValidator(none_if_empty)] = None
    words: Annotated[Line | None, BeforeValidator(none_if_empty)] = None
    tag: Annotated[Name | None, BeforeValidator(none_if_empty)] = None
    cursor: str | None = None

    def chosen(self) -> dict[str, str]:
        """The filters that are set, as the address writes them; they also bind the cursor."""
        return self.model_dump(mode="json", exclude_none=True, exclude={"cursor", "limit"})


class PromptListFilter(PromptFilter):
    """The same for programs, which also say how many they want at once."""

    limit: Annotated[WholeNumber, Field(ge=1, le=100)] = 20


class CategoryName(Out):
    """A category as a prompt names it."""

    id: int
    name: str


class PromptOut(Out):
    """A prompt. `imported_response` is shown to reviewers, and empty for everybody else."""

    id: int
    project_id: int
    status: PromptStatus
    messages: list[Message]
    category: CategoryName | None
    language: str
    licence: str
    source: str
    external_id: str | None
    tags: list[str]
    from_pair: bool
    reason: str
    imported_response: list[Message] | None
    created_at: datetime
    decided_at: datetime | None


class PromptList(Out):
    """Prompts, the newest first, and the cursor of those before them."""

    prompts: list[PromptOut]
    next_cursor: str | None


class SaidOut(Out):
    """A question or an answer, under the name that this reader may know."""

    id: int
    who: str
    body: str
    at: datetime


class ThreadOut(Out):
    """A question with what was said to it, oldest first."""

    question: SaidOut
    is_open: bool
    answers: list[SaidOut]


class ThreadsOut(Out):
    """What was asked of a prompt, oldest first; the newest hundred."""

    threads: list[ThreadOut]


class ImportOut(Out):
    """What an import did, or with `preview` would do."""

    rows: int
    added: int
    already_there: int


def prompt_out(actor: Actor, prompt: Prompt) -> PromptOut:
    """The prompt as this actor may read it."""
    shown = PromptOut.model_validate(prompt)
    return shown if actor.reviews(prompt.project_id) else shown.model_copy(update={"imported_response": None})
