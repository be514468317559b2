"""Secrets that travel once: 256 random bits for the person, SHA-256 for the table."""

import hashlib
import secrets

from app.core.errors import NotSignedIn

PREFIX = "pen_"


def new_token(prefix: str = "") -> str:
    """256 random bits, readable, with a prefix that a search for leaks can find."""
    return prefix + secrets.token_urlsafe(32)


def token_hash(token: str) -> bytes:
    """What is stored of a token. Plain SHA-256 is enough: the token has 256 bits of its own."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def holds_token(name: str, value: str) -> bool:
    """Whether a query parameter is an API token: addresses are logged, kept and passed on (RFC 6750, 5.3)."""
    return name == "access_token" or value.startswith(PREFIX)


def bad_token() -> NotSignedIn:
    """What everybody hears whose token is no good, for whatever reason."""
    return NotSignedIn("accounts.bad_token", "This token is not valid. Make a new one under Account, Tokens.")
