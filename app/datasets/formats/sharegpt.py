"""ShareGPT: a conversation of `from` and `value`.

LLaMA-Factory documents the tags (https://github.com/hiyouga/LLaMA-Factory/blob/main/data/README.md), Axolotl reads
them as `chat_template` with the names of the fields
(https://github.com/axolotl-ai-cloud/axolotl/blob/main/docs/dataset-formats/conversation.qmd).
"""

from typing import Any

from app.datasets.formats.form import Form, Row

SPEAKERS = {"system": "system", "user": "human", "assistant": "gpt"}


def shape(row: Row) -> dict[str, Any]:
    """The same turns under ShareGPT's names; a system message is the first of them."""
    turns = [{"from": SPEAKERS[turn["role"]], "value": turn["content"]} for turn in row["messages"]]
    return {"conversations": turns}


SHAREGPT = Form(
    name="sharegpt",
    title="ShareGPT",
    columns=[
        {
            "name": "conversations",
            "list": [{"name": "from", "dtype": "string"}, {"name": "value", "dtype": "string"}],
        }
    ],
    shape=shape,
    rows="One JSON object a line: `conversations` (`from`, one of `system`, `human`, `gpt`, and `value`), `id`, "
    "`metadata`. LLaMA-Factory skips a row whose turns are not the user's and the assistant's by turns.",
    llama_factory={
        "formatting": "sharegpt",
        "columns": {"messages": "conversations"},
        "tags": {
            "role_tag": "from",
            "content_tag": "value",
            "user_tag": "human",
            "assistant_tag": "gpt",
            "system_tag": "system",
        },
    },
)
