"""What did a form send that was not taken, since its sender is signed in no more? Its texts, and how to send it again.

Which fields hold a text is said by the route's form: those of `FormText` and `Line`. Passwords and codes are of
other types.
"""

import inspect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel
from starlette.requests import Request

from app.core.text import check_line, line_ends


@dataclass(frozen=True)
class PostedText:
    """A text as it was sent, and the name of its field in words."""

    label: str
    text: str


@dataclass(frozen=True)
class Posted:
    """The texts of a form that are not blank; `fields`: all of it, to be sent to `action` again by the same person."""

    texts: Sequence[PostedText]
    action: str
    fields: Sequence[tuple[str, str]]


def posted(request: Request) -> Posted | None:
    """What this request's form sent, or None where there is no text in it. htmx leaves the page as it is: None too.

    It can be sent again where it says whom it was drawn for, so that nobody else sends it, and holds nothing but what
    people may see.
    """
    form = getattr(request, "_form", None)  # what the route has read already
    if form is None or "HX-Request" in request.headers:
        return None
    names = text_fields(request.scope["route"].dependant.body_params)
    sent = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
    texts = [PostedText(_label(name), value) for name, value in sent if name in names and value.strip()]
    if not texts:
        return None
    action = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    again = "user_id" in form and len(sent) == len(form.multi_items()) and not any("password" in name for name in form)
    return Posted(texts, action, sent if again else ())


def text_fields(body: Sequence[Any]) -> set[str]:
    """The names of the fields of a route's form that hold a text."""
    return set(_texts_in(body))


def _texts_in(body: Sequence[Any]) -> Iterator[str]:
    for parameter in body:
        model = parameter.field_info.annotation
        if inspect.isclass(model) and issubclass(model, BaseModel):
            for name, info in model.model_fields.items():
                if _is_text(info.annotation, info.metadata):
                    yield info.alias or name
        elif _is_text(model, parameter.field_info.metadata):
            yield parameter.alias


def _is_text(annotation: Any, metadata: Sequence[Any] = ()) -> bool:
    """Whether it is a FormText or a Line, one or none, or a list of them."""
    if any(getattr(one, "func", None) in (line_ends, check_line) for one in metadata):
        return True
    if get_origin(annotation) is Annotated:
        inner, *more = get_args(annotation)
        return _is_text(inner, more)
    return any(_is_text(one) for one in get_args(annotation))


def _label(name: str) -> str:
    return name.replace("_", " ").capitalize()
