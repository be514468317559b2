"""One's API tokens: made, shown once with commands to paste, revoked."""

from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Form, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.accounts import queries, tokens
from app.accounts.actor import Actor
from app.accounts.doors import AppSettings, CurrentActor, FreshActor, same_person
from app.accounts.models import SCOPES, ApiToken
from app.accounts.schemas import DrawnFor, TokenForm
from app.core.database import DB
from app.core.errors import Invalid
from app.core.web import pages, render, see_other

router = pages("/account/tokens")

LASTS = ((30, "30 days"), (90, "90 days"), (tokens.MAX_DAYS, "a year"))


@dataclass(frozen=True)
class ShownToken:
    """A token in the list. `project` is the name of its one project, or "" for all of its owner's."""

    token: ApiToken
    project: str


@dataclass(frozen=True)
class NewToken:
    """A token that was just made, with its secret and commands that try it. Never shown again."""

    name: str
    secret: str
    curl: str
    python: str


@dataclass(frozen=True)
class TokensPage:
    """`after_reset`: the password is new, so each token is worth a look."""

    user_id: int
    fresh: bool
    tokens: list[ShownToken]
    scopes: dict[str, str]
    lasts: tuple[tuple[int, str], ...]
    projects: list[tuple[int, str]]
    made: NewToken | None = None
    after_reset: bool = False
    errors: dict[str, str] = field(default_factory=dict)
    form: TokenForm | None = None


@router.get("", name="accounts.tokens")
def show(request: Request, session: DB, actor: CurrentActor, after: str = "") -> Response:
    """Show one's tokens."""
    return render(request, _page(request, session, actor, after_reset=after == "reset"))


@router.post("", name="accounts.tokens")
def create(
    request: Request, session: DB, settings: AppSettings, actor: FreshActor, form: Annotated[TokenForm, Form()]
) -> Response:
    """Make a token and show it, this once."""
    same_person(actor, form.user_id)
    try:
        _, secret = tokens.create_token(
            session, actor, name=form.name, scopes=form.scopes, days=form.days, project_id=form.project_id or None
        )
    except Invalid as refused:
        page = _page(request, session, actor, errors=refused.by_field(), form=form)
        return render(request, page, status=refused.status)
    made = NewToken(form.name, secret, *commands(settings.public_url, secret))
    return render(request, _page(request, session, actor, made=made), status=201)


@router.post("/{token_id:id}/revoke", name="accounts.revoke_token")
def revoke(
    request: Request, session: DB, actor: CurrentActor, token_id: int, form: Annotated[DrawnFor, Form()]
) -> Response:
    """End a token at once."""
    same_person(actor, form.user_id)
    token = tokens.revoke_token(session, actor, token_id)
    if token.user_id != actor.user_id:
        return see_other(request, "accounts.person", person_id=token.user_id)
    return see_other(request, "accounts.tokens")


def commands(public_url: str, secret: str) -> tuple[str, str]:
    """Lines for a shell and for Python that ask Penset what a token may do."""
    address = f"{public_url}/api/v1/token"
    curl = f'curl -H "Authorization: Bearer {secret}" {address}'
    python = (
        "import json, urllib.request\n"
        f'request = urllib.request.Request("{address}")\n'
        f'request.add_header("Authorization", "Bearer {secret}")\n'
        "print(json.load(urllib.request.urlopen(request)))"
    )
    return curl, python


def _page(
    request: Request,
    session: Session,
    actor: Actor,
    *,
    made: NewToken | None = None,
    after_reset: bool = False,
    errors: dict[str, str] | None = None,
    form: TokenForm | None = None,
) -> TokensPage:
    projects: list[tuple[int, str]] = request.app.state.project_names(session, actor)
    names = dict(projects)
    found = queries.list_tokens(session, actor, user_id=actor.user_id)
    shown = [ShownToken(row, names.get(row.project_id, "a former project") if row.project_id else "") for row in found]
    return TokensPage(actor.user_id, actor.fresh, shown, SCOPES, LASTS, projects, made, after_reset, errors or {}, form)
