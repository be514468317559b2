"""What the tags of a prompt may be: names, each once. Pure."""

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from app.core.text import Name, line_ends

TAGS_LIMIT = 20


def check_tags(tags: list[str]) -> list[str]:
    """The tags themselves. Refused: one that stands there twice."""
    if len(set(tags)) < len(tags):
        raise PydanticCustomError("tags", "names a tag twice")
    return tags


def one_a_line(fields: object) -> object:
    """What a form sends, as a text or a list of texts: their lines that say something."""
    texts = fields if isinstance(fields, list) else [fields]
    return [line for text in texts for line in str(line_ends(text)).split("\n") if line]


Tags = Annotated[
    list[Name], Field(max_length=TAGS_LIMIT, json_schema_extra={"uniqueItems": True}), AfterValidator(check_tags)
]
FormTags = Annotated[Tags, BeforeValidator(one_a_line)]
