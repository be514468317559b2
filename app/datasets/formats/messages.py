"""The default: a conversation as `messages`, which is how a version is stored."""

from typing import Any

from app.datasets.formats.form import TURNS, Form, Row


def shape(row: Row) -> dict[str, Any]:
    """The turns as they are stored."""
    return {"messages": row["messages"]}


MESSAGES = Form(
    name="messages",
    title="Messages",
    columns=[{"name": "messages", **TURNS}],
    shape=shape,
    rows="One JSON object a line: `messages` (`role` and `content` of each turn), `id`, `metadata`. A loss belongs on "
    "the assistant's turns only.",
)
