"""Guidelines as HTML: parsed with raw HTML off, then sanitised. The one place that makes Markup from text."""

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

from app.core.errors import Invalid, Place

NESTING_LIMIT = 20
TAGS = {
    "p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "strong", "em", "s", "code", "pre", "blockquote",
    "ul", "ol", "li", "a", "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
_parser = MarkdownIt("commonmark", {"html": False, "linkify": False, "maxNesting": NESTING_LIMIT}).enable(
    ["table", "strikethrough"]
)


def render_markdown(text: str) -> Markup:
    """Safe HTML. Links lead to http, https and mailto only; nothing is loaded from elsewhere."""
    html = nh3.clean(
        _parser.render(text),
        tags=TAGS,
        attributes={"a": {"href", "title"}, "ol": {"start"}},
        url_schemes={"http", "https", "mailto"},
        attribute_filter=_no_relative_link,
        link_rel="noopener noreferrer nofollow",
    )
    return Markup(html)  # noqa: S704 - sanitised by nh3 on the line above


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
