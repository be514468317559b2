"""How is the table behind a picture given to programs?"""

from app.core.web import Out


class TableOut(Out):
    """Numbers in words, as they stand behind a picture; the first cell of a row names it."""

    caption: str
    head: list[str]
    rows: list[list[str]]
