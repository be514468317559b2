"""What went wrong, in words: one class an HTTP status, a stable code, a sentence that says what to do."""

from dataclasses import dataclass, field
from typing import Any

PLACES_LISTED = 100  # of the places of one refusal; the rest is counted


class StartRefused(Exception):
    """Penset does not start like this; the message says why and what to do."""


@dataclass(frozen=True)
class Place:
    """Where in the input something was refused: a JSON Pointer and what is wrong there, never the value.

    Half a surrogate pair in the name of a key is written as `\\ud800`: as it is, it could be shown to nobody.
    """

    pointer: str
    detail: str

    def __post_init__(self) -> None:
        if not self.pointer.isascii():
            shown = self.pointer.encode("utf-8", "backslashreplace").decode("utf-8")
            object.__setattr__(self, "pointer", shown)


@dataclass(frozen=True)
class NamedPlace:
    """What is wrong with a field of a form, by the name that it has there; `at` is its id, "" where it has none."""

    name: str
    at: str
    detail: str


class DomainError(Exception):
    """An answer that is not a success. `code` never changes its meaning; `sentence` is for a person."""

    status = 500
    title = "Something went wrong"

    def __init__(self, code: str, sentence: str, **extra: Any) -> None:
        super().__init__(code)
        self.code, self.sentence, self.extra = code, sentence, extra
        self.headers: dict[str, str] = {}
        self.places: list[Place] = []


class Malformed(DomainError):
    """The bytes are not what the content type says."""

    status, title = 400, "This request cannot be read"


class NotSignedIn(DomainError):
    """Nobody is signed in, or the sign-in has ended."""

    status, title = 401, "Please sign in"


class Refused(DomainError):
    """May know of it, but may not do it."""

    status, title = 403, "You may not do this"


class NotFound(DomainError):
    """Does not exist for this actor."""

    status, title = 404, "There is nothing here"


class MethodNotAllowed(DomainError):
    """An address of ours that does not answer to this method; `Allow` says to which it does."""

    status, title = 405, "Method not allowed"

    def __init__(self, code: str, sentence: str, *, allowed: list[str]) -> None:
        super().__init__(code, sentence)
        self.headers = {"Allow": ", ".join(allowed)}


class TooSlow(DomainError):
    """What was sent did not arrive in time."""

    status, title = 408, "This took too long to arrive"

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(code, sentence)
        self.headers = {"Connection": "close"}


class Conflict(DomainError):
    """The state moved on; the sentence says what happened."""

    status, title = 409, "This came too late"


class Stale(DomainError):
    """What If-Match names is not what there is now; the sentence says what happened."""

    status, title = 412, "This was changed meanwhile"


class Gone(DomainError):
    """A link that was used or has run out."""

    status, title = 410, "This link no longer works"


class TooLarge(DomainError):
    """More bytes than the limit."""

    status, title = 413, "This is too large"


class TooLong(DomainError):
    """An address of more bytes than any of ours has."""

    status, title = 414, "This address is too long"


class WrongMediaType(DomainError):
    """A content type that the route does not take."""

    status, title = 415, "This kind of content is not taken here"


class Invalid(DomainError):
    """Well-formed but refused; each place is named."""

    status, title = 422, "Please look at what is marked"

    def __init__(self, code: str, sentence: str, *places: Place, **extra: Any) -> None:
        super().__init__(code, sentence, **extra)
        self.places = list(places)

    def by_field(self) -> dict[str, str]:
        """What is wrong, by the name of the form's field."""
        return {place.pointer.removeprefix("/"): place.detail for place in self.places}


class TooOften(DomainError):
    """Too many tries; `seconds` until the next."""

    status, title = 429, "Too many tries"

    def __init__(self, code: str, sentence: str, *, seconds: int) -> None:
        super().__init__(code, sentence)
        self.headers = {"Retry-After": str(seconds)}


class Unavailable(DomainError):
    """No capacity now; the client may try again."""

    status, title = 503, "Penset is busy"

    def __init__(self, code: str, sentence: str, *, seconds: int = 1) -> None:
        super().__init__(code, sentence)
        self.headers = {"Retry-After": str(seconds)}


@dataclass(frozen=True)
class Verdict:
    """A policy's answer: true, or false with a code and the sentence that says why."""

    code: str = ""
    sentence: str = ""
    allowed: bool = field(default=False)

    def __bool__(self) -> bool:
        return self.allowed

    def require(self) -> None:
        """Raise Refused unless allowed."""
        if not self.allowed:
            raise Refused(self.code, self.sentence)


YES = Verdict(allowed=True)
