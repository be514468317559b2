"""Which passwords are good enough, and what is kept of one: argon2id, with its parameters in the hash."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Annotated

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from app.core.errors import Invalid, Place
from app.core.text import check_text

MIN_CHARACTERS = 8
MAX_BYTES = 1024
WORD_CHARACTERS = 4
PRODUCT = "penset"
# 19 MiB and 2 passes: the least that OWASP's Password Storage Cheat Sheet names for argon2id.
HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
# Of a random password that nobody knows. Where there is no account, this is what a try is compared with.
NOBODYS_HASH = "$argon2id$v=19$m=19456,t=2,p=1$3lPuZrFyC+TjTlLem8aTTg$bss96eNh3j+Re5P6p/QtZS4z1xy7+PRl8L9tTC8KizE"


@dataclass(frozen=True)
class NewPassword:
    """A password that somebody chose, and its hash, made before any transaction was open."""

    text: str = field(repr=False)
    hash: str = field(repr=False)


def new_password(text: str) -> NewPassword:
    """Hash a chosen password: some 50 ms and 19 MiB."""
    return NewPassword(text, HASHER.hash(text))


def fits(stored: str | None, password: str) -> bool:
    """Whether the password is the stored one. One verification in every case, with or without an account."""
    try:
        HASHER.verify(stored or NOBODYS_HASH, password)
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


def is_outdated(stored: str) -> bool:
    """Whether a hash was made with other parameters than today's."""
    return HASHER.check_needs_rehash(stored)


def check_password(password: str) -> str:
    """The password itself, byte for byte. Refused: NUL, lone surrogates, more than 1,024 bytes of UTF-8."""
    check_text(password)
    if len(password.encode()) > MAX_BYTES:
        raise PydanticCustomError("too_long", "is longer than 1,024 bytes")
    return password


Password = Annotated[str, AfterValidator(check_password)]


def refuse_weak(password: str, *, about: Iterable[str] = ()) -> None:
    """Invalid, naming the field, for a password that others would try first. `about`: the person's name and address."""
    if reason := weakness(password, about):
        raise Invalid("accounts.weak_password", "Choose another password.", Place("/password", reason))


def weakness(password: str, about: Iterable[str]) -> str:
    """Why a password is not good enough, or "". Length and how common it is; its kinds of characters do not matter."""
    if len(password) < MIN_CHARACTERS:
        return f"needs at least {MIN_CHARACTERS} characters; a few words make a good one"
    folded = password.casefold()
    if folded in common():
        return "is one of the passwords that everybody tries first"
    if any(len(folded.replace(word, "")) < WORD_CHARACTERS for word in words_of(about) if word in folded):
        return "is made of a name or an address that others know"
    return ""


def words_of(about: Iterable[str]) -> Iterator[str]:
    """The words that a password should not be made of: the product's name, and names and addresses with their parts."""
    yield PRODUCT
    for text in about:
        folded = text.casefold()
        parts = [folded, "".join(folded.split()), *folded.replace("@", " ").replace(".", " ").split()]
        yield from (part for part in parts if len(part) >= WORD_CHARACTERS)


@cache
def common() -> frozenset[str]:
    """The 3,000 most common passwords of at least 8 characters; their source stands beside the list."""
    listed = Path(__file__).with_name("common_passwords") / "list.txt"
    return frozenset(line.casefold() for line in listed.read_text("ascii").split("\n") if line)
