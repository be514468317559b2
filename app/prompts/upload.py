"""Taking in a file of prompts before any connection is held: as it is, or as the one file of a form."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import UploadFile

from app.core.errors import Invalid, Place, WrongMediaType
from app.prompts.import_tables import NAMES

LINES = ("application/x-ndjson", "application/jsonl", "application/jsonlines")
TABLE = "text/csv"
FORM = "multipart/form-data"
COLUMN = "column-"
KNOWN = ("file", "step", "user_id", *(COLUMN + field for field in NAMES))


@dataclass(frozen=True)
class Upload:
    """The file's bytes and, from a form, its name and the form's other fields."""

    data: bytes
    name: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    kind: str = ""

    @property
    def is_table(self) -> bool:
        """Whether this is a CSV file, by what was said of it or by its name."""
        return self.kind == TABLE or self.name.lower().endswith((".csv", ".tsv"))

    @property
    def mapping(self) -> dict[str, str]:
        """The columns that a form names for fields; one left empty says that no column is the field's."""
        given = {name.removeprefix(COLUMN): value for name, value in self.fields.items() if name.startswith(COLUMN)}
        return {name: value for name, value in given.items() if value}


async def lines_or_form(request: Request) -> Upload:
    """JSON lines or CSV as the body, or a form with one file."""
    kind = media_type(request)
    if kind in (*LINES, TABLE):
        return Upload(await request.body(), kind=kind)
    if kind == FORM:
        return await form_with_file(request)
    raise WrongMediaType(
        "prompts.not_json_lines", "Send JSON lines as application/x-ndjson, CSV as text/csv, or a form with one file."
    )


async def form_with_file(request: Request) -> Upload:
    """The form of an import of prompts."""
    return await read_form(request, KNOWN)


async def read_form(request: Request, known: Collection[str]) -> Upload:
    """A form whose field `file` is the file. Invalid for any field that is not known here."""
    if media_type(request) != FORM:
        raise WrongMediaType("input.not_a_form", "Send this as a form.")
    async with request.form(max_files=1, max_fields=12) as form:
        given = list(form.multi_items())
        sent = next((value for key, value in given if key == "file" and isinstance(value, UploadFile)), None)
        wrong = [Place(f"/{key[:40]}", "is not a field that can be given here") for key, _ in given if key not in known]
        if sent is None:
            wrong.append(Place("/file", "is missing: choose a file"))
        elif "\0" in (sent.filename or ""):
            wrong.append(Place("/file", "has a NUL character in its name"))
        if wrong or sent is None:
            raise Invalid("prompts.upload", "This upload was not accepted; nothing was stored.", *wrong)
        fields = {key: value for key, value in given if isinstance(value, str)}
        return Upload(await sent.read(), sent.filename or "", fields)


def media_type(request: Request) -> str:
    """The content type without its parameters."""
    return request.headers.get("content-type", "").split(";")[0].strip().lower()


LinesOrForm = Annotated[Upload, Depends(lines_or_form)]
FileOfForm = Annotated[Upload, Depends(form_with_file)]
