"""How is an e-mail address written, and when are two of them the same?

An address is ASCII, as RFC 5321 has it (a domain in another script in its `xn--` form), so that no two look alike.
Two addresses are the same when they differ only in the case of A to Z, on both sides of the `@`. Nothing else is
folded: dots and `+tags` tell addresses apart.
"""

import string
from typing import Annotated

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from app.core.text import check_text

EMAIL_LIMIT = 254
LOCAL = frozenset(string.ascii_letters + string.digits + ".!#$%&'*+/=?^_`{|}~-")
LABEL = frozenset(string.ascii_letters + string.digits + "-")
LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


def email_key(email: str) -> str:
    """What addresses are compared by: A to Z in lower case, all else as it is. Any text has one."""
    return email.translate(LOWER)


def check_email(email: str) -> str:
    """The address itself. Refused: what is not `somebody@somewhere` in ASCII, or longer than 254 characters."""
    local, _, domain = email.partition("@")
    labels = domain.split(".")
    named = bool(local) and set(local) <= LOCAL and all(label and set(label) <= LABEL for label in labels)
    if not named or len(email) > EMAIL_LIMIT:
        raise PydanticCustomError("email", "is not an e-mail address like somebody@example.org (plain letters only)")
    return email


def check_typed(email: str) -> str:
    """What was typed where an address is asked for; it need not be one, so that a wrong one tells nothing."""
    return check_text(email, EMAIL_LIMIT)


Email = Annotated[str, AfterValidator(check_email)]
TypedEmail = Annotated[str, AfterValidator(check_typed)]
