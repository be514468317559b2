"""What goes in and out of the JSON door of insights."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from app.core.text import Text, WholeNumber
from app.core.web import Out
from app.insights.job_list import Job, Standing
from app.insights.search import Kind
from app.writing.schemas import StatusWord

LONGEST_QUERY = 200
JobState = Literal["todo", "doing", "succeeded", "failed", "cancelled", "aborted"]


class SearchFilter(BaseModel):
    """What is looked for, of which kind, in which project; responses also by `writer`, a pseudonym, and by `state`.

    A filter that a form leaves empty is none. Without words responses are listed: those of a writer, of a state, or of
    one project.
    """

    model_config = ConfigDict(extra="forbid")

    q: Annotated[Text, Field(max_length=LONGEST_QUERY)] = ""
    kind: Kind | None = None
    project: Annotated[WholeNumber, Field(ge=1, lt=2**62)] | None = None
    writer: Annotated[Text, Field(max_length=100)] = ""
    state: StatusWord | None = None
    cursor: str | None = None

    @field_validator("kind", "project", "state", mode="before")
    @classmethod
    def _empty_is_none(cls, value: object) -> object:
        return None if value == "" else value

    @property
    def kinds(self) -> list[Kind]:
        """What is looked through: of a writer and of a state only responses are told."""
        if self.writer or self.state:
            return [one for one in (self.kind or Kind.SUBMISSIONS,) if one is Kind.SUBMISSIONS]
        return [self.kind] if self.kind else list(Kind)

    @property
    def lists(self) -> bool:
        """Whether responses are to be listed without any words."""
        narrow = self.writer or self.state or self.project
        return not self.q and self.kinds == [Kind.SUBMISSIONS] and bool(narrow)

    @property
    def asked(self) -> list[Any]:
        """What a cursor belongs to."""
        return [self.q, self.project, self.writer, self.state]


class KindFilter(SearchFilter):
    """The same for a program, which lists one kind at a time."""

    kind: Kind = Kind.SUBMISSIONS


class JobsOut(Out):
    """The jobs, the newest first."""

    standing: Standing
    jobs: list[Job]
    next_cursor: str | None


class PieceOut(Out):
    """A part of an excerpt; `found` where it is a word that was looked for."""

    text: str
    found: bool


class FindOut(Out):
    """One thing that was found. `state` is "" for guidelines, `id` is the thing's own id."""

    kind: Kind
    id: int
    project_id: int
    state: str
    at: datetime
    excerpt: list[PieceOut]


class FindsOut(Out):
    """What was found, the newest first; `advice` where nothing could be found by these words."""

    found: list[FindOut]
    next_cursor: str | None
    advice: str = ""
