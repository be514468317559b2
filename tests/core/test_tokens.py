"""Secrets that travel once: as random as they are long, and stored as a hash."""

import base64
import hashlib

from app.core.tokens import new_token, token_hash


def test_a_token_holds_256_bits_behind_a_prefix_that_a_search_finds() -> None:  # S10, S58
    token = new_token("pen_")
    assert token.startswith("pen_")
    assert len(base64.urlsafe_b64decode(token.removeprefix("pen_") + "=")) == 32


def test_no_two_tokens_are_alike() -> None:
    assert len({new_token() for _ in range(1000)}) == 1000


def test_a_token_is_stored_as_its_sha_256() -> None:  # S10
    assert token_hash("pen_x") == hashlib.sha256(b"pen_x").digest()


def test_what_cannot_be_a_token_has_a_hash_all_the_same() -> None:
    assert len(token_hash("\udcff é \0")) == 32
