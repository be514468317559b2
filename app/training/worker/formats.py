"""Does an answer have the format that its prompt asks for? Only what a program can check, and only English. Pure.

After J. Zhou et al.: "Instruction-Following Evaluation for Large Language Models" (2023, arXiv 2311.07911), which calls
them verifiable instructions. A prompt in which none is found counts for nothing; better none than a wrong one.
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence

Check = Callable[[str], bool]
NUMBERS = {
    word: n
    for n, word in enumerate(
        ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"], 1
    )
}
COUNT = rf"(?P<n>\d{{1,4}}|{'|'.join(NUMBERS)}|a single)"
LENGTH = rf"{COUNT} (?:short |simple |complete )?(?P<unit>word|sentence)s?\b"
AT_MOST = re.compile(rf"\b(?:at most|no more than|up to|a maximum of|not more than) {LENGTH}")
BELOW = re.compile(rf"\b(?:under|fewer than|less than|below) {LENGTH}")
AT_LEAST = re.compile(rf"\bat least {LENGTH}")
OR_LESS = re.compile(rf"\b{LENGTH} or (?:less|fewer|under)\b")
OR_MORE = re.compile(rf"\b{LENGTH} or more\b")
WITHIN = re.compile(rf"\b(?:in|using|with)(?P<exact> exactly| just| only)? {LENGTH}")
BULLET_POINTS = re.compile(rf"\b{COUNT} (?:short )?bullet(?:ed)?(?: |-)points?\b")
BULLET = re.compile(r"^[ \t]*[-*•–][ \t]+[^ \t\n]", re.MULTILINE)
NUMBERED = re.compile(r"^[ \t]*\d{1,2}[.)][ \t]*[^ \t\n]", re.MULTILINE)
ROW = re.compile(r"^[^\n|]*\|[ \t]*[^ \t\n].*$", re.MULTILINE)
RULE = re.compile(r"^(?=[^\n]*--)[ \t|:-]+$", re.MULTILINE)
JSON = re.compile(  # an order, where one begins: who asks what JSON is, or how it is read, asks for no JSON
    r"(?:^|[.!?:;,] |\bplease |\band |\bthen |\bonly )(?:answer|reply|respond|return|output|format)\b[^.?!]{0,60}"
    r"\b(?:(?:in|as) (?:an? )?(?:valid |plain )?json|valid json|json (?:object|array|format))\b"
)
ABBREVIATION = re.compile(r"\b(e\.g|i\.e|vs|cf|dr|mr|mrs|ms|prof|approx)\.(?=\s)", re.IGNORECASE)
SENTENCE = re.compile(r"(?<![.!?…])[.!?…]+(?=\s|[\"')\]]|$)")
ABOUT = 0.1  # "in 100 words" is kept within a tenth


def asked_in(prompt: str) -> list[Check]:
    """What the prompt asks of the form of its answer, as checks of an answer."""
    return list(_checks(" ".join(prompt.lower().split())))


def follows(checks: Sequence[Check], answer: str) -> bool | None:
    """Whether an answer passes all of them; None where nothing was asked."""
    return all(check(answer) for check in checks) if checks else None


def _checks(prompt: str) -> Iterator[Check]:
    yield from _lengths(prompt, "word", lambda answer: len(answer.split()), ABOUT)
    yield from _lengths(prompt, "sentence", sentences_in, 0)
    if found := BULLET_POINTS.search(prompt):
        yield _exactly(_number(found), bullets_in)
    elif re.search(r"\b(?:in|as|with|using) (?:a )?bullet(?:ed)?(?: |-)?(?:list|points)\b", prompt):
        yield lambda answer: bullets_in(answer) >= 2
    if re.search(r"\b(?:as|in|with|make|write|give me) an? numbered list\b", prompt):
        yield lambda answer: len(NUMBERED.findall(answer)) >= 2
    if JSON.search(prompt):
        yield is_json
    if re.search(r"\b(?:in|as|make|draw) (?:an? )?(?:markdown )?table\b", prompt):
        yield lambda answer: len(ROW.findall(answer)) >= 2 and bool(RULE.search(answer))
    if re.search(r"\bin (?:all )?(?:capital letters|capitals|upper ?case)\b", prompt):
        yield str.isupper
    if re.search(r"\bin (?:all )?lower ?case(?: letters)?\b", prompt):
        yield str.islower
    if re.search(r"\b(?:answer|reply|respond|say)(?: only| just)?(?: with)?(?: only| just)? yes or no\b", prompt):
        yield lambda answer: answer.strip().strip(".!").lower() in {"yes", "no"}


def _lengths(prompt: str, unit: str, measure: Callable[[str], int], about: float) -> Iterator[Check]:
    """A length that is asked for; the first that fits counts, so that "at most two" is not also "two"."""
    if found := _found(AT_MOST, prompt, unit) or _found(OR_LESS, prompt, unit):
        yield _between(0, _number(found), measure)
    elif found := _found(BELOW, prompt, unit):
        yield _between(0, _number(found) - 1, measure)
    elif found := _found(AT_LEAST, prompt, unit) or _found(OR_MORE, prompt, unit):
        yield _between(_number(found), 10**9, measure)
    elif found := _found(WITHIN, prompt, unit):
        wanted = _number(found)
        slack = 0 if found["exact"] else int(wanted * about)
        yield _between(wanted - slack, wanted + slack, measure)


def _found(asked: re.Pattern[str], prompt: str, unit: str) -> re.Match[str] | None:
    return next((found for found in asked.finditer(prompt) if found["unit"] == unit), None)


def _number(found: re.Match[str]) -> int:
    word = found["n"]
    return 1 if word == "a single" else NUMBERS.get(word) or int(word)


def _between(low: int, high: int, measure: Callable[[str], int]) -> Check:
    return lambda answer: low <= measure(answer) <= high


def _exactly(wanted: int, measure: Callable[[str], int]) -> Check:
    return _between(wanted, wanted, measure)


def sentences_in(answer: str) -> int:
    """Ends of sentences, and one more for words after the last; the point of an abbreviation ends none."""
    plain = ABBREVIATION.sub(r"\1", answer)
    ends = [found.end() for found in SENTENCE.finditer(plain)]
    rest = plain[ends[-1] :] if ends else plain
    return len(ends) + any(character.isalnum() for character in rest)


def bullets_in(answer: str) -> int:
    """Lines that begin with a bullet."""
    return len(BULLET.findall(answer))


def is_json(answer: str) -> bool:
    """Whether it is JSON, bare or in one code fence."""
    fenced = re.fullmatch(r"```(?:json)?\n(.*?)\n?```", answer.strip(), re.DOTALL)
    try:
        json.loads(fenced[1] if fenced else answer)
    except ValueError:
        return False
    return True
