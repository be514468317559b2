"""A reviewer keeps phrases for notes, in the browser."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Form, Request
from starlette.responses import Response

from app.accounts.doors import CurrentActor, same_person
from app.core.database import DB
from app.core.web import pages, render, see_other
from app.review import phrases
from app.review.models import Phrase
from app.review.schemas import PhraseForm, PressedForm

router = pages()


@dataclass(frozen=True)
class PhrasesPage:
    """One's own phrases; `most` can be kept."""

    phrases: Sequence[Phrase]
    most: int
    user_id: int


@router.get("/my/phrases", name="review.phrases")
def show(request: Request, session: DB, actor: CurrentActor) -> Response:
    """What one writes again and again."""
    return render(request, PhrasesPage(phrases.list_phrases(session, actor), phrases.MOST, actor.user_id))


@router.post("/my/phrases", name="review.phrases")
def add(request: Request, session: DB, actor: CurrentActor, form: Annotated[PhraseForm, Form()]) -> Response:
    """Keep one more."""
    same_person(actor, form.user_id)
    phrases.add(session, actor, form.text)
    return see_other(request, "review.phrases", say="Kept.")


@router.post("/my/phrases/{phrase_id:id}/remove", name="review.remove_phrase")
def remove(
    request: Request, session: DB, actor: CurrentActor, phrase_id: int, form: Annotated[PressedForm, Form()]
) -> Response:
    """Keep it no longer."""
    same_person(actor, form.user_id)
    phrases.remove(session, actor, phrase_id)
    return see_other(request, "review.phrases", say="Removed.")
