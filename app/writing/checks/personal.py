"""Does the text hold what belongs to a person: an e-mail address, a telephone number, a card, an account?"""

import re
from collections.abc import Callable, Iterator
from itertools import chain, pairwise

from app.projects.models import HintName
from app.writing.checks.finding import Context, Finding

E_MAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@((?:[\w-]{1,63}\.){1,8}[a-zA-Z]{2,24})(?![\w-])")
# The user of repositories, and what ends as a file does: icon@2x.png.
NO_ADDRESS = re.compile(r"^git@|\.(?:css|gif|html?|ico|jpe?g|js|json|pdf|png|svg|tsx?|txt|webp|ya?ml)$", re.IGNORECASE)
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
NORTH_AMERICAN = 11  # digits, with the code of the country: +1 234 567 890 is a sum
NOBODYS = "Make sure that it is nobody's."


def check_personal(text: str, context: Context) -> Finding | None:
    """What of it looks real: numbers are checked as far as they can be."""
    found = {kind: tuple(look(text)) for kind, look in KINDS.items()}
    kinds = [kind for kind, data in found.items() if data]
    if not kinds:
        return None
    listed = kinds[0] if len(kinds) == 1 else f"{', '.join(kinds[:-1])} and {kinds[-1]}"
    data = tuple(dict.fromkeys(chain.from_iterable(found.values())))
    return Finding(HintName.PERSONAL, f"There seems to be {listed} in the text. {NOBODYS}", data=data)


def e_mails(text: str) -> Iterator[str]:
    """Addresses whose domain may be somebody's."""
    found = E_MAIL.finditer(text)
    return (one[0] for one in found if not RESERVED.search(one[1]) and not NO_ADDRESS.search(one[0]))


def cards(text: str) -> Iterator[str]:
    """Numbers of cards that pass their check digit."""
    return (found[0] for found in CARD.finditer(text) if is_card(re.sub(r"\D", "", found[0])))


def accounts(text: str) -> Iterator[str]:
    """IBANs whose check digits are right."""
    return (found[0] for found in IBAN.finditer(text) if any(is_iban(one) for one in _readings(found[0])))


def _readings(found: str) -> Iterator[str]:
    """What was found, and it without its last words: capital letters may follow an account number."""
    words = found.split(" ")
    return ("".join(words[:until]) for until in range(len(words), max(len(words) - 4, 0), -1))


def telephones(text: str) -> Iterator[str]:
    """Telephone numbers: international with an assigned code, North American, or as people write national ones."""
    yield from (found[0] for found in NATIONAL.finditer(text) if not is_series(found[0]))
    for found in INTERNATIONAL.finditer(text):
        digits = re.sub(r"\D", "", found[0]).removeprefix("00")
        if ASSIGNED.match(digits) and (digits[0] != "1" or len(digits) >= NORTH_AMERICAN):
            yield found[0]


def is_series(number: str) -> bool:
    """Whether its groups of digits are numbers in equal steps, such as 05 10 15 20 25, or of ones and noughts only."""
    groups = [int(group) for group in re.findall(r"[0-9]+", number)]
    steps = {after - before for before, after in pairwise(groups)}
    return (len(groups) > 2 and len(steps) == 1) or set(re.sub(r"\D", "", number)) <= {"0", "1"}


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


KINDS: dict[str, Callable[[str], Iterator[str]]] = {
    "an e-mail address": e_mails,
    "a card number": cards,
    "an account number": accounts,
    "a phone number": telephones,
}
