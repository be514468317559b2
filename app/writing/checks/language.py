"""Is the response written in other letters than the prompt? Scripts only: French for English is not noticed."""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping

from app.projects.models import HintName
from app.writing.checks.finding import Context, Finding

LOOKED_AT = 2000
ENOUGH = 20
MOSTLY, SOME = 0.7, 0.1
CODE = re.compile(r"^ {0,3}(```|~~~).*?(?:^ {0,3}\1|\Z)", re.MULTILINE | re.DOTALL)
OF_NAMES = {"HIRAGANA": "CJK", "KATAKANA": "CJK", "FULLWIDTH": "LATIN", "KATAKANA-HIRAGANA": "CJK"}
OF_LANGUAGES: Mapping[str, str] = {
    **dict.fromkeys(("ru", "uk", "bg", "be", "sr", "mk", "kk", "ky", "mn", "tg"), "CYRILLIC"),
    **dict.fromkeys(("ja", "zh"), "CJK"),
    **dict.fromkeys(("ar", "fa", "ur", "ps", "ug", "ckb"), "ARABIC"),
    **dict.fromkeys(("hi", "mr", "ne", "sa"), "DEVANAGARI"),
    "ko": "HANGUL",
    "he": "HEBREW",
    "yi": "HEBREW",
    "el": "GREEK",
    "th": "THAI",
    "bn": "BENGALI",
    "ta": "TAMIL",
    "te": "TELUGU",
    "kn": "KANNADA",
    "ml": "MALAYALAM",
    "gu": "GUJARATI",
    "ka": "GEORGIAN",
    "hy": "ARMENIAN",
}
TRANSLATE = re.compile(r"translat|übersetz|tradu[cz]|vertaal|перев[её]|翻[译訳譯]|번역|ترجم|תרגם|अनुवाद", re.IGNORECASE)


def check_language(text: str, context: Context) -> Finding | None:
    """Whether most letters are of a script that neither the prompt nor its language has."""
    shares = scripts(text)
    script = max(shares, key=lambda one: shares[one], default="")
    if not script or shares[script] < MOSTLY or TRANSLATE.search(context.question):
        return None
    of_prompt = {one for one, part in scripts(context.question, enough=1).items() if part >= SOME}
    expected = OF_LANGUAGES.get(context.language.split("-")[0].lower(), "LATIN")
    if script in of_prompt | {expected}:
        return None
    words = "Chinese or Japanese" if script == "CJK" else script.capitalize()
    return Finding(HintName.LANGUAGE, f"Most of it is in {words} letters, unlike the prompt.")


def scripts(text: str, enough: int = ENOUGH) -> dict[str, float]:
    """The share of each script among the letters outside of code; nothing where there are too few letters to tell."""
    counted = Counter(CODE.sub("", text)[:LOOKED_AT])
    letters = {letter: count for letter, count in counted.items() if letter.isalpha()}
    if (together := sum(letters.values())) < max(enough, 1):
        return {}
    shares: Counter[str] = Counter()
    for letter, count in letters.items():
        name = unicodedata.name(letter, "?").split(" ")[0]
        shares[OF_NAMES.get(name, name)] += count
    return {script: count / together for script, count in shares.items()}
