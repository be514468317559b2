"""What goes in and out of the doors of comments."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from app.core.text import FilledText, FormText, WholeNumber, check_filled, check_text, line_ends
from app.core.web import In, Out
from app.review.comments.threads import Said, Thread
from app.review.models import Part
from app.review.narrowing import Wanted
from app.review.schemas import PressedForm, RevisionNumber, View
from app.writing.turns import TURN_LIMIT

BODY_LIMIT = 10_000


def check_body(body: str) -> str:
    """What somebody says: something that can be seen, up to 10,000 characters."""
    return check_filled(check_text(body, BODY_LIMIT))


Body = Annotated[str, AfterValidator(check_body)]
FormBody = Annotated[str, BeforeValidator(line_ends), AfterValidator(check_body)]
TurnNumber = Annotated[WholeNumber, Field(ge=0, lt=TURN_LIMIT)]
Offset = Annotated[WholeNumber, Field(ge=0, lt=2**31)]


class CommentIn(In):
    """A comment on words of a revision. Without a place (part, turn, starts_at in code points) they must stand there
    once; `quote` is always the words themselves."""

    revision: RevisionNumber
    quote: FilledText
    part: Annotated[Part, Field(strict=False)] | None = None
    turn: TurnNumber | None = None
    starts_at: Offset | None = None
    body: Body


class AnswerIn(In):
    """An answer to a comment."""

    body: Body


class ComingBackForm(PressedForm, Wanted):
    """A form that stands on several pages, and to which of them it comes back; to the desk as it was looked at."""

    back: Literal["submission", "desk", "draft"] = "submission"
    view: View | None = None


class CommentForm(ComingBackForm):
    """What the page's form sends; its script fills in the place."""

    revision: RevisionNumber
    quote: FormText
    part: Part | None = None
    turn: TurnNumber | None = None
    starts_at: Offset | None = None
    body: FormBody


class AnswerForm(ComingBackForm):
    """An answer, with the person for whom the page was drawn, and the revision that it showed."""

    shown: RevisionNumber
    body: FormBody


class ResolveForm(ComingBackForm):
    """The press of Settled."""

    shown: RevisionNumber


class SaidOut(Out):
    """One thing that was said. `who` is a name, a pseudonym, "You" or "A reviewer"."""

    id: int
    who: str
    body: str
    created_at: datetime


class PlaceOut(Out):
    """Where the words stand in the revision that was asked for, in code points of that turn's content."""

    turn: int
    starts_at: int
    ends_at: int


class CommentOut(Out):
    """A comment with its answers. `place` is null where its words stand no more; `revision` is that which it was made
    on."""

    id: int
    revision: int
    part: Part
    quote: str
    place: PlaceOut | None
    who: str
    body: str
    created_at: datetime
    resolved_at: datetime | None
    answers: list[SaidOut]


class CommentsOut(Out):
    """All comments that one may see on a submission, in the order of the text; outdated ones last."""

    revision: int
    comments: list[CommentOut]


def comment_out(thread: Thread) -> CommentOut:
    """A comment as a program sees it."""
    first = thread.first.comment
    return CommentOut(
        id=first.id,
        revision=thread.revision,
        part=first.part,
        quote=first.quote,
        place=PlaceOut.model_validate(thread.place) if thread.place else None,
        who=thread.first.who,
        body=first.body,
        created_at=first.created_at,
        resolved_at=first.resolved_at,
        answers=[said_out(one) for one in thread.answers],
    )


def said_out(said: Said) -> SaidOut:
    """One answer as a program sees it."""
    one = said.comment
    return SaidOut(id=one.id, who=said.who, body=one.body, created_at=one.created_at)
