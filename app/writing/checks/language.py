"""Is the response written in other letters or in another language than the prompt?"""

import unicodedata
from collections import Counter
from collections.abc import Mapping

from app.projects.models import HintName
from app.writing.checks.finding import Context, Finding
from app.writing.checks.language_names import AS_TAGGED, CALLED, TRANSLATE, names_one_of
from app.writing.checks.reading import CODE, LANGUAGES, LOOKED_AT, OF_WORDS, WORD, counted, reads_as, running

ENOUGH = 20
MOSTLY, SOME = 0.7, 0.1
# A prompt has more of its own function words than so many times those of the other language, or it may ask for that;
# and so many of them where its project says that it is in another.
FOREIGN, SURE = 3, 2
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


def check_language(text: str, context: Context) -> Finding | None:
    """Whether most letters are of another script, or running text reads as another language, than the prompt's.

    Where the prompt asks for a translation, or names the other language, nothing is said.
    """
    asked = "\n".join([context.question, *context.besides])
    if TRANSLATE.search(asked):
        return None
    tag = context.language.split("-")[0].lower()
    said = _other_letters(text, asked, tag) or _other_language(text, asked, AS_TAGGED.get(tag, tag))
    return Finding(HintName.LANGUAGE, said) if said else None


def _other_letters(text: str, asked: str, tag: str) -> str:
    """Said where most letters are of a script that neither the prompt nor its language has."""
    shares = scripts(text)
    script = max(shares, key=lambda one: shares[one], default="")
    if not script or shares[script] < MOSTLY:
        return ""
    of_prompt = {one for one, part in scripts(asked, enough=1).items() if part >= SOME}
    if script in of_prompt | {OF_LANGUAGES.get(tag, "LATIN")}:
        return ""
    words = "Chinese or Japanese" if script == "CJK" else script.capitalize()
    return f"Most of it is in {words} letters, unlike the prompt."


def _other_language(text: str, asked: str, tagged: str) -> str:
    """Said where the text reads as another language than the one that the prompt is in, and is said to be in."""
    words = WORD.findall(CODE.sub(" ", asked)[:LOOKED_AT].lower())
    of_prompt = counted(words)
    if tagged not in LANGUAGES or not of_prompt:
        return ""
    spoken = max(LANGUAGES, key=lambda one: (of_prompt[one], one == tagged))
    read = reads_as(running(text), {tagged, spoken})
    if not read or names_one_of(read, asked):
        return ""
    own = sum(spoken in of and read[0] not in of for word in words if (of := OF_WORDS.get(word)))
    foreign = sum(read[0] in of and spoken not in of for word in words if (of := OF_WORDS.get(word)))
    if own <= FOREIGN * foreign or (spoken != tagged and own < SURE):
        return ""
    return f"The prompt is in {CALLED[spoken]}, this reads as {' or '.join(CALLED[one] for one in read)}."


def scripts(text: str, enough: int = ENOUGH) -> dict[str, float]:
    """The share of each script among the letters outside of code; nothing where there are too few letters to tell."""
    found = Counter(CODE.sub("", text)[:LOOKED_AT])
    letters = {letter: count for letter, count in found.items() if letter.isalpha()}
    if (together := sum(letters.values())) < max(enough, 1):
        return {}
    shares: Counter[str] = Counter()
    for letter, count in letters.items():
        name = unicodedata.name(letter, "?").split(" ")[0]
        shares[OF_NAMES.get(name, name)] += count
    return {script: count / together for script, count in shares.items()}
