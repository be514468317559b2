"""The rules of a project as they go in and out of its doors. Limits count code points, a lease minutes."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from app.accounts.schemas import DrawnFor
from app.core.text import FormText, Language, Line, Name, Text, WholeNumber, check_text
from app.core.web import In, Out
from app.projects.models import HintName, ReviewOrder

DESCRIPTION_LIMIT = 2_000
CONSENT_LIMIT = 20_000


def _description(text: str) -> str:
    return check_text(text, DESCRIPTION_LIMIT)


def _consent(text: str) -> str:
    return check_text(text, CONSENT_LIMIT)


def _gold(every: int) -> int:
    if every == 1:
        raise PydanticCustomError("gold", "is 0 for none, or 2 and more: not every submission can be a known one")
    return every


def _once(names: list[HintName]) -> list[HintName]:
    return [name for name in HintName if name in names]


Description = Annotated[Text, AfterValidator(_description)]
FormDescription = Annotated[FormText, AfterValidator(_description)]
ConsentText = Annotated[Text, AfterValidator(_consent)]
FormConsentText = Annotated[FormText, AfterValidator(_consent)]
Target = Annotated[WholeNumber, Field(ge=0, le=1_000_000)]
Responses = Annotated[WholeNumber, Field(ge=1, le=20)]
Minutes = Annotated[WholeNumber, Field(ge=1, le=10_080)]
Least = Annotated[WholeNumber, Field(ge=0, le=100_000)]
Most = Annotated[WholeNumber, Field(ge=1, le=100_000)]
Reviews = Annotated[WholeNumber, Field(ge=1, le=2)]
Calibration = Annotated[WholeNumber, Field(ge=0, le=20)]
ShareMost = Annotated[WholeNumber, Field(ge=0, le=1_000_000)]
GoldEvery = Annotated[WholeNumber, Field(ge=0, le=1_000), AfterValidator(_gold)]
OrderWord = Annotated[ReviewOrder, Field(strict=False)]  # JSON knows words, not members of an enum
HintWord = Annotated[HintName, Field(strict=False)]
Hints = Annotated[list[HintWord], AfterValidator(_once)]


class ProjectIn(In):
    """A project to begin; its other rules are set afterwards."""

    name: Name
    description: Description = ""
    language: Language = "en"
    licence: Line = ""
    target: Target = 0
    responses_per_prompt: Responses = 1
    lease_minutes: Minutes = 60
    min_characters: Least = 1
    max_characters: Most = 20_000


class SettingsIn(In):
    """Rules to change; those left out stay as they are."""

    name: Name | None = None
    description: Description | None = None
    language: Language | None = None
    licence: Line | None = None
    target: Target | None = None
    responses_per_prompt: Responses | None = None
    lease_minutes: Minutes | None = None
    min_characters: Least | None = None
    max_characters: Most | None = None
    show_reviewer_names: bool | None = None
    reviews_per_response: Reviews | None = None
    review_order: OrderWord | None = None
    gold_every: GoldEvery | None = None
    qualification: Calibration | None = None
    responses_per_writer: ShareMost | None = None
    allow_system: bool | None = None
    keeps_provenance: bool | None = None
    shows_examples: bool | None = None
    follows_advice: bool | None = None
    follows_need: bool | None = None
    blocking_hints: Hints | None = None
    consent_text: ConsentText | None = None


class ProjectForm(DrawnFor):
    """The rules of a project to begin as its page sends them, all of them."""

    name: Name
    description: FormDescription = ""
    language: Language = "en"
    licence: Line = ""
    target: Target = 0
    responses_per_prompt: Responses = 1
    lease_minutes: Minutes = 60
    min_characters: Least = 1
    max_characters: Most = 20_000


class SettingsForm(ProjectForm):
    """The same with what only a project that is under way has. A box that is not ticked is not sent.

    `seen`: the mark of the settings as they were shown.
    """

    show_reviewer_names: bool = False
    reviews_per_response: Reviews = 1
    review_order: ReviewOrder = ReviewOrder.OLDEST
    gold_every: GoldEvery = 0
    qualification: Calibration = 0
    responses_per_writer: ShareMost = 0
    allow_system: bool = False
    keeps_provenance: bool = False
    shows_examples: bool = False
    follows_advice: bool = False
    follows_need: bool = False
    blocking_hints: Hints = []
    consent_text: FormConsentText = ""
    seen: str | None = None


class ProjectOut(Out):
    """A project with its rules. `archived_at`: since when nothing new is written or proposed in it, if so."""

    id: int
    name: str
    description: str
    language: str
    licence: str
    target: int
    responses_per_prompt: int
    lease_minutes: int
    min_characters: int
    max_characters: int
    show_reviewer_names: bool
    reviews_per_response: int
    review_order: ReviewOrder
    gold_every: int
    qualification: int
    responses_per_writer: int
    allow_system: bool
    keeps_provenance: bool
    shows_examples: bool
    follows_advice: bool
    follows_need: bool
    blocking_hints: list[HintName]
    consent_text: str
    created_at: datetime
    archived_at: datetime | None


class ProjectList(Out):
    """The projects of which the asker is a member, the newest first, the archived ones last."""

    projects: list[ProjectOut]
