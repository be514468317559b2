"""The JSON door of accounts."""

from fastapi import Request
from fastapi.responses import JSONResponse
from starlette.responses import Response

from app.accounts import entrance, queries, tokens
from app.accounts.actor import Actor
from app.accounts.cookies import clear_sign_in, set_sign_in
from app.accounts.doors import AppSettings, CurrentActor, CurrentBrowser, actor_of_bearer
from app.accounts.proofs import TriedBody
from app.accounts.schemas import BearerOut, MeOut, SessionOut, TokenOut, TokensOut
from app.core.database import DB
from app.core.idempotency import repeatable
from app.core.problems import answer
from app.core.web import api

router = api("accounts")


@router.post("/session", name="api.accounts.sign_in", response_model=SessionOut, openapi_extra={"security": []})
@repeatable("Nobody is signed in yet, whose key it could be.")
def sign_in(
    request: Request, outcome: TriedBody, session: DB, settings: AppSettings, browser: CurrentBrowser
) -> Response:
    """Sign in: the answer sets the session's cookie, and says who is signed in now."""
    entered = entrance.finish(session, outcome, browser)
    if entered is None:
        # Answered, not raised: the failure is to be written down.
        return answer(request, entrance.not_entered())
    who = SessionOut(user_id=entered.user.id, name=entered.user.name)
    response = JSONResponse(who.model_dump())
    set_sign_in(response, settings, entered.token)
    return response


@router.delete("/session", name="api.accounts.sign_out", status_code=204)
def sign_out(session: DB, settings: AppSettings, browser: CurrentBrowser, _actor: CurrentActor) -> Response:
    """Sign out of this browser."""
    entrance.leave(session, browser)
    response = Response(status_code=204)
    clear_sign_in(response, settings)
    return response


@router.get("/me", name="api.accounts.me", response_model=MeOut)
def me(actor: CurrentActor) -> Actor:
    """Who is signed in, and with which role in which project."""
    return actor


@router.get("/token", name="api.accounts.token", response_model=BearerOut, openapi_extra={"security": [{"token": []}]})
def token(request: Request, session: DB) -> BearerOut:
    """What the token of this request may do; it needs no scope."""
    actor = actor_of_bearer(request, session)
    return BearerOut(user_id=actor.user_id, name=actor.name, scopes=sorted(actor.scopes or ()), roles=dict(actor.roles))


@router.get("/tokens", name="api.accounts.tokens", response_model=TokensOut)
def list_tokens(session: DB, actor: CurrentActor) -> TokensOut:
    """One's own tokens that still work."""
    found = queries.list_tokens(session, actor, user_id=actor.user_id)
    return TokensOut(tokens=[TokenOut.model_validate(token) for token in found])


@router.delete("/tokens/{token_id:id}", name="api.accounts.revoke_token", status_code=204)
def revoke_token(session: DB, actor: CurrentActor, token_id: int) -> None:
    """End a token at once."""
    tokens.revoke_token(session, actor, token_id)
