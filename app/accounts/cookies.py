"""Which cookies a browser holds for us: the sign-in, and for some minutes the token of a one-time link."""

from starlette.datastructures import State
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from app.accounts.models import LinkPurpose
from app.core.settings import Settings

LINK_SECONDS = 30 * 60


def link_cookie(settings: Settings, purpose: LinkPurpose) -> str:
    """The name of the cookie that carries a link's token from its address to its page."""
    return f"{settings.cookie_name}-{purpose.value.replace('_', '-')}"


def set_sign_in(response: Response, settings: Settings, token: str) -> None:
    """Hand the browser its sign-in. The row in the table decides when it ends; the cookie goes at the latest then."""
    _set(response, settings, settings.cookie_name, token, settings.session_days * 86_400)


def renew_sign_in_cookie(state: State, settings: Settings, token: str) -> None:
    """Hand the browser another id of its session, with whatever is answered; see `Outward`."""
    response = Response()
    set_sign_in(response, settings, token)
    state.new_cookie = response.headers["set-cookie"]


def clear_sign_in(response: Response, settings: Settings) -> None:
    """Take the sign-in back from the browser."""
    _clear(response, settings, settings.cookie_name)


def come_in(settings: Settings, token: str, target: str) -> Response:
    """Go on to a page of ours, signed in."""
    response = RedirectResponse(target, 303)
    set_sign_in(response, settings, token)
    return response


def set_link(response: Response, settings: Settings, purpose: LinkPurpose, token: str) -> None:
    """Keep a link's token out of addresses, logs and referrers while its page is open."""
    _set(response, settings, link_cookie(settings, purpose), token, LINK_SECONDS)


def clear_link(response: Response, settings: Settings, purpose: LinkPurpose) -> None:
    """The link is spent."""
    _clear(response, settings, link_cookie(settings, purpose))


def link_token(request: Request, settings: Settings, purpose: LinkPurpose) -> str:
    """The token of the link that this browser opened, or ""."""
    return request.cookies.get(link_cookie(settings, purpose), "")


def _set(response: Response, settings: Settings, name: str, value: str, seconds: int) -> None:
    response.set_cookie(name, value, max_age=seconds, path="/", secure=settings.secure, httponly=True, samesite="lax")


def _clear(response: Response, settings: Settings, name: str) -> None:
    response.delete_cookie(name, path="/", secure=settings.secure, httponly=True, samesite="lax")
