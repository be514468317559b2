"""No regular expression of ours takes more than proportionally longer for a longer text, however hostile it is."""

import ast
import importlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from re import _constants as codes  # type: ignore[attr-defined, unused-ignore]  # what a pattern is made of: no stub names it
from re import _parser as parser  # type: ignore[attr-defined, unused-ignore]
from time import process_time
from typing import Any

import pytest

from app.core.strict_route import IdConvertor, TokenConvertor
from app.insights import words
from app.writing.checks import language_names

ROOT = Path(__file__).resolve().parents[2]
# Makes the small model that ships with Penset out of dictionaries of the system, by a command: nobody's input.
NO_INPUT = ROOT / "app/training/pretrain.py"
LONG = 10_000  # a hundred million steps, half a second, for what takes the square of it
Pattern = re.Pattern[Any]
# Patterns that a function makes of what somebody asks, one of each; and those that a name stands for.
MADE: dict[str, Pattern] = {
    "app/insights/words.py": words.pattern(["a", "aa", "a1", "é"]),
    "app/writing/checks/language_names.py": language_names.naming([*language_names.NAMED]),
}


def patterns() -> dict[str, Pattern]:
    """Every pattern in our code by where it stands: literals as they are, others as the module has compiled them."""
    found: dict[str, Pattern] = {}
    for path in sorted((ROOT / "app").rglob("*.py")):
        source = path.read_text("utf-8")
        has_some = path != NO_INPUT and ("import re" in source or "pattern=" in source)
        for call, name in calls(ast.parse(source)) if has_some else ():  # to parse all of them takes seconds
            place = f"{path.relative_to(ROOT)}:{call.lineno}"
            given = call.args[0]
            if isinstance(given, ast.Constant):
                flags = ast.unparse(call.args[1]) if is_compile(call) and len(call.args) > 1 else "0"
                found[place] = re.compile(given.value, eval(flags, {"re": re}))  # noqa: S307 - our own source
            elif name:
                module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
                found[place] = getattr(importlib.import_module(module), name)
            else:
                found[place] = MADE[str(path.relative_to(ROOT))]
    found |= {kind.__name__: re.compile(kind.regex) for kind in (IdConvertor, TokenConvertor)}
    return found


def calls(tree: ast.Module) -> Iterator[tuple[ast.Call, str]]:
    """Every call of a function of `re`, and the name at the top of the module to which its value is given, or ""."""
    names = {node.value: str(ast.unparse(node.targets[0])) for node in tree.body if isinstance(node, ast.Assign)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func
            if isinstance(called, ast.Attribute) and ast.unparse(called.value) == "re" and called.attr != "escape":
                yield node, names.get(node, "")
            for keyword in node.keywords:
                if keyword.arg == "pattern":
                    yield ast.Call(node.func, [keyword.value], [], lineno=node.lineno), ""


def is_compile(call: ast.Call) -> bool:
    """Whether a call's second argument is flags."""
    return ast.unparse(call.func) == "re.compile"


PATTERNS = patterns()
UNITS = [
    *"a1 \"\\(-@.<>%/_\n\t`~#*[]{}:;,+é\0\u200b😀", "a.", "a@", "@a.", "a-", "1 ", "1-", "\\\"", "\"a", "()",
    "a1", "/a", "-a1", " \n", "\r\n", "```", "~~~\n", "bytes=1", "a=b&", "%4", "%zz",
]  # fmt: skip


def seconds(work: Callable[[], object]) -> float:
    """How long this takes at best of a few tries; what is quick, or hopeless, is not tried again."""
    best = 10.0
    for _ in range(3):
        began = process_time()
        work()
        best = min(best, process_time() - began)
        if best < 0.02 or best > 0.3:
            break
    return best


def ways(pattern: Pattern, text: Any) -> dict[str, Callable[[], object]]:
    """How a pattern is put to a text; a search is the first step of the second."""
    return {
        "fullmatch": lambda: pattern.fullmatch(text),
        "finditer": lambda: sum(1 for _ in pattern.finditer(text)),
    }


def hostile(pattern: Pattern, unit: str, length: int) -> Any:
    """A text of this length that repeats, and ends as nothing expects."""
    text = (unit * (length // len(unit))) + "\x01"
    return text.encode() if isinstance(pattern.pattern, bytes) else text


def test_the_patterns_are_found() -> None:
    assert len(PATTERNS) > 20
    assert {"app/core/diff.py", "app/insights/audit_pages.py"} <= {place.split(":")[0] for place in PATTERNS}


@pytest.mark.parametrize("pattern", PATTERNS.values(), ids=PATTERNS)
def test_twice_the_text_takes_at_most_three_times_as_long(pattern: Pattern) -> None:  # I23
    for unit in UNITS:
        few, half, whole = (ways(pattern, hostile(pattern, unit, LONG // share)) for share in (10, 2, 1))
        for way in whole:
            assert seconds(few[way]) < 0.2, f"{way} of {unit!r}"
            longest = seconds(whole[way])
            assert longest < 0.05 or longest <= 3 * seconds(half[way]), f"{way} of {unit!r}"


@pytest.mark.parametrize("pattern", PATTERNS.values(), ids=PATTERNS)
def test_nothing_endless_repeats_without_end(pattern: Pattern) -> None:  # I23
    for body in endless(parser.parse(pattern.pattern, pattern.flags)):
        inner = list(endless(body))
        assert not inner or begins_with_a_mark(body), pattern.pattern


def endless(parsed: Any) -> Iterator[Any]:
    """What stands in a pattern under a quantifier without a limit."""
    for code, value in parsed:
        for part in value if isinstance(value, tuple) else ():
            for one in part if isinstance(part, list) else [part]:
                if isinstance(one, parser.SubPattern):
                    if code in (codes.MAX_REPEAT, codes.MIN_REPEAT) and value[1] is codes.MAXREPEAT:
                        yield one
                    yield from endless(one)


def begins_with_a_mark(body: Any) -> bool:
    """Whether each round begins with a character that no inner repetition takes, so that rounds cannot be recut."""
    code, mark = body[0]
    if code is not codes.LITERAL:
        return False
    return all(not takes(inner, chr(mark)) for inner in endless(body))


def takes(parsed: Any, character: str) -> bool:
    """Whether one class of characters, which is all that an inner repetition may be, holds this one."""
    ((code, items),) = parsed
    assert code is codes.IN, "a repetition of more than a class: look at it by hand"
    for kind, value in items:
        if (kind is codes.LITERAL and chr(value) == character) or (
            kind is codes.RANGE and value[0] <= ord(character) <= value[1]
        ):
            return True
    return False


@pytest.mark.parametrize("bad", [r"(a+)+b", r"(\s*a*)*", r"(?:/[a-z/]*)*", r"(?:a*b)*"])
def test_a_nested_quantifier_would_be_found(bad: str) -> None:
    bodies = list(endless(parser.parse(bad)))
    assert any(list(endless(body)) and not begins_with_a_mark(body) for body in bodies)


def test_a_pattern_that_takes_long_would_be_found() -> None:
    with pytest.raises(AssertionError):
        test_twice_the_text_takes_at_most_three_times_as_long(re.compile(r"\s+$"))
