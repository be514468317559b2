"""Secrets that travel once: 256 random bits for the person, SHA-256 for the table."""

import hashlib
import secrets


def new_token(prefix: str = "") -> str:
    """256 random bits, readable, with a prefix that a search for leaks can find."""
    return prefix + secrets.token_urlsafe(32)


def token_hash(token: str) -> bytes:
    """What is stored of a token. Plain SHA-256 is enough: the token has 256 bits of its own."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
