"""Does the text hold what belongs to a person: an e-mail address, a telephone number, a card, an account?"""

import re
from collections.abc import Callable, Iterator

from app.projects.models import HintName
from app.writing.checks.finding import Context, Finding

E_MAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@((?:[\w-]{1,63}\.){1,8}[a-zA-Z]{2,24})(?![\w-])")
# RFC 2606 and 6761: addresses that are nobody's.
RESERVED = re.compile(r"(?:^|\.)(?:example\.(?:com|net|org)|test|example|invalid|localhost)$", re.IGNORECASE)
CARD = re.compile(r"(?<![\w.,-])[2-6][0-9]{3}(?:[ -]?[0-9]){9,15}(?![\w-])")
IBAN = re.compile(r"(?<!\w)[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]){11,30}(?!\w)")
INTERNATIONAL = re.compile(r"(?<![\w+.,-])(?:\+|00)[1-9](?:[ ()./-]{0,2}[0-9]){7,14}(?![\w])")
# Codes of which ITU-T has given some to a country or a service (list of E.164, 2016); of North America with its areas.
ASSIGNED = re.compile(
    r"1[2-9][0-9]{2}[2-9]|7[3-9]|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]"
    r"|(?:2[1-69]|3[578]|42|5[09]|6[7-9]|8[0578]|9[67])[0-9]|99[2-68]"
)
# North American, such as (212) 555-0187; French, in pairs; and others with a leading 0 and a break behind the area.
NATIONAL = re.compile(
    r"(?<![\w.,+-])(?:\([2-9][0-9]{2}\) ?|[2-9][0-9]{2}[-.])[2-9][0-9]{2}[-. ][0-9]{4}(?![\w-])"
    r"|(?<![\w.,+-])0[1-9](?:[ .][0-9]{2}){4}(?![\w-])"
    r"|(?<![\w.,+-])(?:\(0[0-9]{1,4}\)|0[1-9][0-9]{1,4})[ /-](?:[0-9][ -]?){5,8}[0-9](?![\w-])"
)
NOBODYS = "Make sure that it is nobody's."


def check_personal(text: str, context: Context) -> Finding | None:
    """What of it looks real: numbers are checked as far as they can be."""
    kinds = [kind for kind, found in KINDS.items() if found(text)]
    if not kinds:
        return None
    listed = kinds[0] if len(kinds) == 1 else f"{', '.join(kinds[:-1])} and {kinds[-1]}"
    return Finding(HintName.PERSONAL, f"There seems to be {listed} in the text. {NOBODYS}")


def has_e_mail(text: str) -> bool:
    """An address whose domain may be somebody's."""
    return any(not RESERVED.search(found[1]) for found in E_MAIL.finditer(text))


def has_card(text: str) -> bool:
    """A number of a card that passes its check digit."""
    return any(is_card(re.sub(r"\D", "", found[0])) for found in CARD.finditer(text))


def has_account(text: str) -> bool:
    """An IBAN whose check digits are right."""
    return any(is_iban(account) for found in IBAN.finditer(text) for account in _readings(found[0]))


def _readings(found: str) -> Iterator[str]:
    """What was found, and it without its last words: capital letters may follow an account number."""
    words = found.split(" ")
    return ("".join(words[:until]) for until in range(len(words), max(len(words) - 4, 0), -1))


def has_telephone(text: str) -> bool:
    """A telephone number: international with an assigned code, North American, or as people write a national one."""
    return NATIONAL.search(text) is not None or any(
        ASSIGNED.match(re.sub(r"\D", "", found[0]).removeprefix("00")) for found in INTERNATIONAL.finditer(text)
    )


def is_card(digits: str) -> bool:
    """Whether 13 to 19 digits pass the check of card numbers (Luhn: ISO/IEC 7812-1, annex B)."""
    doubled = [int(digit) * (1 + at % 2) for at, digit in enumerate(reversed(digits))]
    varied = len(set(digits)) > 1
    right = sum(number - 9 if number > 9 else number for number in doubled) % 10 == 0
    return varied and 13 <= len(digits) <= 19 and right


def is_iban(account: str) -> bool:
    """Whether an account number has the right check digits (ISO 13616-1: 1 modulo 97)."""
    turned = account[4:] + account[:4]
    return 15 <= len(account) <= 34 and int("".join(str(int(sign, 36)) for sign in turned)) % 97 == 1


KINDS: dict[str, Callable[[str], bool]] = {
    "an e-mail address": has_e_mail,
    "a card number": has_card,
    "an account number": has_account,
    "a phone number": has_telephone,
}
