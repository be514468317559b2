"""What is proven before a request's transaction opens: hashing takes long, and no connection may wait for it.

A try to sign in is counted in a transaction of its own, so that guesses made at once are counted one by one. Then it
waits its turn among a few hashes in flight, in the event loop and without a connection. Only then the route begins.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Generic, Protocol, TypeVar

import anyio
import anyio.to_thread
from fastapi import Depends, Form
from sqlalchemy.orm import Session
from starlette.requests import Request

from app.accounts.doors import origin_of
from app.accounts.entrance import Outcome, begin
from app.accounts.passwords import NewPassword, fits, is_outdated, new_password
from app.accounts.schemas import FirstAdminForm, JoinForm, OwnPasswordForm, ResetForm, SessionIn, SignInForm
from app.core.database import Turn
from app.core.errors import Unavailable

HASHES_AT_ONCE = 4
T = TypeVar("T")


class HasPassword(Protocol):
    """A form in which somebody chooses a password."""

    password: str


F = TypeVar("F", bound=HasPassword)


@dataclass(frozen=True)
class Filled(Generic[F]):
    """A form, and its password hashed."""

    form: F
    password: NewPassword


@dataclass(frozen=True)
class TriedForm:
    """The form of a try to sign in, and what became of it."""

    form: SignInForm
    outcome: Outcome


async def briefly(request: Request, work: Callable[[Session], T]) -> T:
    """Do something in a transaction of its own; afterwards its connection is free again."""

    def in_a_transaction() -> T:
        with request.app.state.sessions.begin() as session:
            return work(session)

    async with Turn(request):
        return await anyio.to_thread.run_sync(in_a_transaction)


async def hashing(request: Request, work: Callable[[], T]) -> T:
    """Hash in a thread, a few at once. Unavailable for who would wait too long."""
    state = request.app.state
    with anyio.move_on_after(state.settings.turn_seconds):
        return await anyio.to_thread.run_sync(work, limiter=state.hashes)
    raise Unavailable("core.busy", "Penset is busy. Nothing was changed; please try again in a moment.")


async def try_password(request: Request, email: str, password: str) -> Outcome:
    """Count a try and compare the password: one verification, with an account or without."""
    tried = await briefly(request, lambda session: begin(session, email, origin=origin_of(request)))

    def compare() -> Outcome:
        right = fits(tried.stored_hash, password)
        outdated = right and tried.stored_hash is not None and is_outdated(tried.stored_hash)
        return Outcome(tried, right, new_password(password).hash if outdated else None)

    return await hashing(request, compare)


async def tried_form(request: Request, form: Annotated[SignInForm, Form()]) -> TriedForm:
    """The sign-in form, tried."""
    return TriedForm(form, await try_password(request, form.email, form.password))


async def tried_body(request: Request, body: SessionIn) -> Outcome:
    """The JSON sign-in, tried."""
    return await try_password(request, body.email, body.password)


async def filled(request: Request, form: F) -> Filled[F]:
    """A form with its password hashed."""
    return Filled(form, await hashing(request, lambda: new_password(form.password)))


async def filled_join(request: Request, form: Annotated[JoinForm, Form()]) -> Filled[JoinForm]:
    """The form of an invitation."""
    return await filled(request, form)


async def filled_reset(request: Request, form: Annotated[ResetForm, Form()]) -> Filled[ResetForm]:
    """The form of a reset link."""
    return await filled(request, form)


async def filled_first_admin(request: Request, form: Annotated[FirstAdminForm, Form()]) -> Filled[FirstAdminForm]:
    """The form of the first administrator."""
    return await filled(request, form)


async def filled_own(request: Request, form: Annotated[OwnPasswordForm, Form()]) -> Filled[OwnPasswordForm]:
    """The form of one's own new password."""
    return await filled(request, form)


# Named before `session: DB` in a route's parameters: FastAPI resolves them in that order.
TriedSignIn = Annotated[TriedForm, Depends(tried_form)]
TriedBody = Annotated[Outcome, Depends(tried_body)]
JoinFilled = Annotated[Filled[JoinForm], Depends(filled_join)]
ResetFilled = Annotated[Filled[ResetForm], Depends(filled_reset)]
FirstAdminFilled = Annotated[Filled[FirstAdminForm], Depends(filled_first_admin)]
OwnPasswordFilled = Annotated[Filled[OwnPasswordForm], Depends(filled_own)]
