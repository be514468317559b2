"""Guidelines as HTML: parsed with raw HTML off, then sanitised. The one place that makes Markup from text."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING

import nh3
from markupsafe import Markup

from app.core.errors import Invalid, Place

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

NESTING_LIMIT = 20
KEPT = 32  # texts of which parts and HTML are remembered: guidelines, which stand beside every text
TAGS = {
    "p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "strong", "em", "s", "code", "pre", "blockquote",
    "ul", "ol", "li", "a", "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
LINE_END = re.compile(r"(?<=\n)|(?<=\r)(?!\n)")


@dataclass(frozen=True)
class Part:
    """A part of a text: from its heading to the next heading. `name` is the heading as it reads, `anchor` its id in
    the HTML, `start` and `end` the code points where it begins and ends."""

    name: str
    anchor: str
    start: int
    end: int


@lru_cache(KEPT)
def parts(text: str) -> Sequence[Part]:
    """The parts of a text, in their order. Headings within quotes and lists, and empty ones, begin none."""
    tokens = _parser().parse(text)
    lines = [0]
    for line in LINE_END.split(text):
        lines.append(lines[-1] + len(line))
    found = [(index, lines[tokens[index].map[0]]) for index in _headings(tokens)]  # type: ignore[index]
    ends = [start for _, start in found[1:]] + [len(text)] * bool(found)
    named = (
        Part(_plain(tokens[index + 1]), f"part-{number}", start, end)
        for number, ((index, start), end) in enumerate(zip(found, ends, strict=True), 1)
    )
    return tuple(part for part in named if part.name.strip())


@cache
def _parser() -> "MarkdownIt":
    from markdown_it import MarkdownIt  # most requests show none

    options = {"html": False, "linkify": False, "maxNesting": NESTING_LIMIT}
    return MarkdownIt("commonmark", options).enable(["table", "strikethrough"])


def _headings(tokens: "Sequence[Token]") -> Iterator[int]:
    """Where the headings that stand for themselves begin among the tokens."""
    return (at for at, token in enumerate(tokens) if token.type == "heading_open" and token.level == 0)


def _plain(inline: "Token") -> str:
    """The words of a heading without their marks."""
    said = ((" " if "break" in child.type else child.content) for child in inline.children or ())
    return "".join(said)


def render_markdown(text: str, *, anchors: bool = False) -> Markup:
    """Safe HTML. Links lead to http, https and mailto only; nothing is loaded from elsewhere.

    With `anchors` a heading that stands for itself has the id of its part, so that a link can lead there. For one text
    a page.
    """
    tokens = _parser().parse(text)
    for number, index in enumerate(_headings(tokens) if anchors else (), 1):
        tokens[index].attrSet("id", f"part-{number}")
    html = nh3.clean(
        _parser().renderer.render(tokens, _parser().options, {}),
        tags=TAGS,
        attributes={"a": {"href", "title"}, "ol": {"start"}, **{name: {"id"} for name in HEADINGS}},
        url_schemes={"http", "https", "mailto"},
        attribute_filter=_no_relative_link,
        link_rel="noopener noreferrer nofollow",
    )
    return Markup(html)  # noqa: S704 - sanitised by nh3 on the line above


render_rules = lru_cache(KEPT)(render_markdown)


def _no_relative_link(tag: str, attribute: str, value: str) -> str | None:
    """A link names its scheme, or is no link: what looks like one after decoding must not become one."""
    return value if attribute != "href" or value.lower().startswith(("http:", "https:", "mailto:")) else None


def check_markdown(text: str, pointer: str = "/text") -> str:
    """The text itself. Invalid where quotes or lists nest so deep that no reader would follow."""
    deepest = max((len(line) - len(line.lstrip(" \t>")) for line in text.split("\n")), default=0)
    if deepest > 200:
        raise Invalid(
            "core.markdown_too_deep",
            "The Markdown nests too deep. Use fewer quotes or lists inside each other.",
            Place(pointer, "nests deeper than can be read"),
        )
    return text
