"""Taking in a file of prompts before any connection is held: as it is, or as the one file of a form."""

from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import UploadFile

from app.core.errors import Invalid, Place, WrongMediaType

LINES = ("application/x-ndjson", "application/jsonl", "application/jsonlines")
FORM = "multipart/form-data"


@dataclass(frozen=True)
class Upload:
    """The file's bytes and, from a form, its name and the form's other fields."""

    data: bytes
    name: str = ""
    fields: dict[str, str] = field(default_factory=dict)


async def lines_or_form(request: Request) -> Upload:
    """JSON lines as the body, or a form with one file."""
    kind = media_type(request)
    if kind in LINES:
        return Upload(await request.body())
    if kind == FORM:
        return await form_with_file(request)
    raise WrongMediaType("prompts.not_json_lines", "Send JSON lines as application/x-ndjson, or a form with one file.")


async def form_with_file(request: Request) -> Upload:
    """A form whose field `file` is the file. Invalid for any field that is not known here."""
    if media_type(request) != FORM:
        raise WrongMediaType("input.not_a_form", "Send this as a form.")
    async with request.form(max_files=1, max_fields=4) as form:
        given = list(form.multi_items())
        sent = next((value for key, value in given if key == "file" and isinstance(value, UploadFile)), None)
        wrong = [Place(f"/{key[:40]}", "is not a field that can be given here") for key, _ in given if key not in KNOWN]
        if sent is None:
            wrong.append(Place("/file", "is missing: choose a file"))
        elif "\0" in (sent.filename or ""):
            wrong.append(Place("/file", "has a NUL character in its name"))
        if wrong or sent is None:
            raise Invalid("prompts.upload", "This upload was not accepted; nothing was stored.", *wrong)
        fields = {key: value for key, value in given if isinstance(value, str)}
        return Upload(await sent.read(), sent.filename or "", fields)


KNOWN = ("file", "step", "user_id")


def media_type(request: Request) -> str:
    """The content type without its parameters."""
    return request.headers.get("content-type", "").split(";")[0].strip().lower()


LinesOrForm = Annotated[Upload, Depends(lines_or_form)]
FileOfForm = Annotated[Upload, Depends(form_with_file)]
