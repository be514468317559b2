"""A sentence that the page after a redirect shows once: "Handed in." Ours alone, signed, gone after a minute."""

import base64
import hashlib
import hmac

from starlette.requests import Request
from starlette.responses import Response

from app.core.settings import Settings

SECONDS = 60


def say(request: Request, response: Response, sentence: str) -> None:
    """Let the next page of this browser say it."""
    settings: Settings = request.app.state.settings
    text = base64.urlsafe_b64encode(sentence.encode()).decode()
    signed = f"{text}.{_signature(settings.signing_keys[0], text)}"
    response.set_cookie(
        _name(settings), signed, max_age=SECONDS, path="/", secure=settings.secure, httponly=True, samesite="lax"
    )


class Said:
    """What the request before had to say, for a layout to call. It knows whether it was shown."""

    def __init__(self, request: Request) -> None:
        self.request, self.shown = request, False

    def __call__(self) -> str:
        """The sentence, or "" where nothing stands or somebody else wrote it."""
        settings: Settings = self.request.app.state.settings
        text, _, signature = self.request.cookies.get(_name(settings), "").partition(".")
        if not (text and signature.isascii()):
            return ""
        self.shown = any(hmac.compare_digest(signature, _signature(key, text)) for key in settings.signing_keys)
        return base64.urlsafe_b64decode(text).decode() if self.shown else ""

    def forget(self, response: Response) -> None:
        """Take it from the browser: it is not shown again."""
        settings: Settings = self.request.app.state.settings
        response.delete_cookie(_name(settings), path="/", secure=settings.secure, httponly=True, samesite="lax")


def _name(settings: Settings) -> str:
    return f"{settings.cookie_name}-said"


def _signature(key: bytes, text: str) -> str:
    return hmac.new(key, b"said\0" + text.encode(), hashlib.sha256).hexdigest()[:32]
