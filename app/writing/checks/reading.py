"""Which language does a text read as? By its function words, in the running parts of it: a list of names has none.

The thresholds are measured: docs/decisions/0051-the-language-check-reads-function-words.md.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

LOOKED_AT = 2000
CODE = re.compile(r"^ {0,3}(```|~~~).*?(?:^ {0,3}\1|\Z)", re.MULTILINE | re.DOTALL)
# What is not the writer's own running text: code in a line, addresses, what stands in quotation marks, tags.
ASIDE = re.compile(
    r"`[^`\n]*`|(?<!\S)(?=\S*(?:://|@|www\.))\S+|“[^“”\n]*”|„[^“”\n]*[“”]|«[^«»\n]*»|\"[^\"\n]*\"|^ *>.*?$|<[^<>\n]*>",
    re.MULTILINE,
)
# A line of code that stands in no block. Of a text with several, what else is in it are comments.
CODED = re.compile(
    r"[{};]\s*$|[^\W\d]\((?!\w{1,2}\))|\w_\w|[=!<>]=|[=-]>|</?[a-z]|^\s*[\w.\[\]'\"]+\s*=\s*\S|^\s*(?:from\s\S+\s)?import\s"
    r"|^\s*(?:def|class|return|elif|else|try|except|function|const|let|var|public|private|static|void|#include)\b"
    r"|^\s*(?:for|if|while|with)\s.*:\s*$"
)
MANY, MUCH = 3, 0.25
MARK = re.compile(r"[ \t]*(?:(?:[-*•–·#]+|[0-9]{1,4}[.)]|[a-z][.)])[ \t]*)?")
PART = re.compile(r"(?<![,;:.!?–—|/])[,;:.!?–—|/]+(?=\s|$)|[;()\[\]{}=+|…–—]|\s[-/]\s")
LISTED = re.compile(r"[,;]\s+(?:[0-9]+\W+)?([^\W\d_])")
WORD = re.compile(r"[^\W\d_]+")

# A line of this many parts is a list where they have fewer words than this, or most begin with a capital.
PARTS, SHORT = 3, 3.5
# Of a list only parts of so many words count; of several lines those of so many, and such as end as a sentence does.
LONG_PART, LONG_LINE = 10, 8

ENOUGH_LETTERS = 40
LEAST, SPARSE = 0.15, {"fi": 0.08, "tr": 0.08}  # languages that inflect where others have words
OF_A_HALF = 0.5
OTHERS = 0.5
DISTINCT = 3
AS_GOOD = 0.8
# Danish and Norwegian share most of their function words, Swedish many: which of them it is, is not always told.
ONE_AS_THE_OTHER = frozenset({"da", "no"})
AKIN = frozenset({"da", "no", "sv"})


@dataclass(frozen=True)
class FunctionWords:
    """Those of a language: `in_names` stand in names and titles as well, `elsewhere` mark what is said."""

    in_names: frozenset[str]
    elsewhere: frozenset[str]

    @property
    def all(self) -> frozenset[str]:
        """Both kinds."""
        return self.in_names | self.elsewhere


def _load() -> dict[str, FunctionWords]:
    lines = (Path(__file__).with_name("function_words") / "words.txt").read_text(encoding="utf-8").splitlines()
    columns = ([part.split() for part in line.split("|")] for line in lines)
    return {code: FunctionWords(frozenset(names), frozenset(rest)) for [code], names, rest in columns}


LANGUAGES: Mapping[str, FunctionWords] = _load()
OF_WORDS: Mapping[str, list[str]] = {
    word: [code for code, words in LANGUAGES.items() if word in words.all]
    for word in frozenset().union(*(words.all for words in LANGUAGES.values()))
}


def counted(words: Iterable[str]) -> Counter[str]:
    """How many of the words are function words of each language. Written with a capital they are parts of names."""
    return Counter(code for word in words for code in OF_WORDS.get(word, ()))


def running(text: str) -> list[str]:
    """The words of its running text: without code, quotes, addresses, and lines that list."""
    lines = [line for line in CODE.sub(" ", text)[:LOOKED_AT].splitlines() if line.strip()]
    prose = [line for line in lines if not CODED.search(line)]
    if len(lines) - len(prose) >= max(MANY, MUCH * len(lines)):
        return []
    lines = [line for line in ASIDE.sub(" ", "\n".join(prose)).splitlines() if line.strip()]
    words: list[str] = []
    for line in lines:
        parts = [found for part in PART.split(MARK.sub("", line, count=1)) if (found := WORD.findall(part))]
        if _lists(line, parts):
            parts = [part for part in parts if len(part) >= LONG_PART]
        if sum(map(len, parts)) >= LONG_LINE or len(lines) == 1 or line.rstrip()[-1] in ".!?…:":
            words += chain.from_iterable(parts)
    return words


def _lists(line: str, parts: Sequence[Sequence[str]]) -> bool:
    first = LISTED.findall(line)
    named = sum(letter.isupper() for letter in first)
    short = sum(map(len, parts)) < SHORT * len(parts)
    return len(parts) >= PARTS and (short or (len(first) >= PARTS and 2 * named > len(first)))


def reads_as(words: Sequence[str], expected: Collection[str]) -> list[str]:
    """The language of running text, by its code, or those of the North that it may be in.

    None where it could be an `expected` one, or where more than one comes into question.
    """
    others = {*expected, *(ONE_AS_THE_OTHER if ONE_AS_THE_OTHER & {*expected} else ())}
    middle = len(words) // 2
    halves = [words[:middle], words[middle:]]
    found = [counted(half) for half in halves]
    total = found[0] + found[1]
    if not total or sum(map(len, words)) < ENOUGH_LETTERS:
        return []
    best, most = total.most_common(1)[0]
    least = SPARSE.get(best, LEAST)
    if best in others or most < least * len(words) or any(total[one] > OTHERS * most for one in others):
        return []
    for half, count in zip(halves, found, strict=True):
        if count[best] < OF_A_HALF * least * len(half) or any(count[one] > count[best] for one in others):
            return []
    own = {word for word in words if best in (of := OF_WORDS.get(word, ())) and others.isdisjoint(of)}
    if len(own) < DISTINCT or not own & LANGUAGES[best].elsewhere:
        return []
    likely = [code for code, count in total.most_common() if count >= AS_GOOD * most]
    return likely if len(likely) == 1 or AKIN.issuperset(likely) else []
