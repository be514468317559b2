"""Taking in a file of prompts before any connection is held: as it is, or as the one file of a form."""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from tempfile import SpooledTemporaryFile
from typing import IO, Annotated

from fastapi import Depends, Request
from starlette.datastructures import UploadFile

from app.core.errors import Invalid, Place, TooLarge, WrongMediaType
from app.prompts.file_kinds import AS_LINES, AS_TABLE, LINES, is_table, wrong_kind
from app.prompts.import_tables import NAMES

TABLE = "text/csv"
FORM = "multipart/form-data"
COLUMN = "column-"
KNOWN = ("file", "step", "user_id", "open", "every-source", "every-licence", *(COLUMN + field for field in NAMES))
FILE_LIMIT = 64 << 20
HELD = 1 << 20  # bytes of a file that are held in memory; more of it waits on disk


@dataclass(frozen=True)
class Upload:
    """The file, of so many bytes, and from a form its name and the form's other fields. Gone when the request is."""

    file: IO[bytes]
    name: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    kind: str = ""

    @property
    def data(self) -> bytes:
        """All of it at once."""
        self.file.seek(0)
        return self.file.read()

    @property
    def is_table(self) -> bool:
        """Whether this is a CSV file, by what was said of it or by its name."""
        return self.kind == TABLE or is_table(self.name)

    @property
    def mapping(self) -> dict[str, str]:
        """The columns that a form names for fields; one left empty says that no column is the field's."""
        given = {name.removeprefix(COLUMN): value for name, value in self.fields.items() if name.startswith(COLUMN)}
        return {name: value for name, value in given.items() if value}


async def lines_or_form(request: Request) -> AsyncIterator[Upload]:
    """JSON lines or CSV as the body, or a form with one file."""
    kind = media_type(request)
    if kind in (*LINES, TABLE):
        async with whole_body(request) as held:
            yield Upload(held, kind=kind)
    elif kind == FORM:
        async with read_form(request, KNOWN, (*AS_LINES, *AS_TABLE)) as upload:
            yield upload
    else:
        sentence = "Send JSON lines as application/x-ndjson, CSV as text/csv, or a form with one file."
        raise WrongMediaType("prompts.not_json_lines", sentence)


async def lines_alone(request: Request) -> AsyncIterator[Upload]:
    """JSON lines as the body, and nothing else."""
    if (kind := media_type(request)) not in LINES:
        raise WrongMediaType("prompts.not_lines", "Send JSON lines as application/x-ndjson.")
    async with whole_body(request) as held:
        yield Upload(held, kind=kind)


@asynccontextmanager
async def whole_body(request: Request) -> AsyncIterator[IO[bytes]]:
    """What a request sends, of which only some is held in memory."""
    with SpooledTemporaryFile(HELD) as held:
        async for portion in request.stream():
            held.write(portion)
        yield require_small(held)


async def form_with_file(request: Request) -> AsyncIterator[Upload]:
    """The form of an import of prompts."""
    async with read_form(request, KNOWN, (*AS_LINES, *AS_TABLE)) as upload:
        yield upload


@asynccontextmanager
async def read_form(request: Request, known: Collection[str], endings: Collection[str]) -> AsyncIterator[Upload]:
    """A form whose field `file` is the file. Invalid for a field that is not known here, and for another kind of file.

    A field in which no file was chosen comes as one of no name and no bytes: whether one is needed, the caller knows.
    """
    if media_type(request) != FORM:
        raise WrongMediaType("input.not_a_form", "Send this as a form.")
    async with request.form(max_files=1, max_fields=14) as form:
        given = list(form.multi_items())
        sent = next((value for key, value in given if key == "file" and isinstance(value, UploadFile)), None)
        wrong = [Place(f"/{key[:40]}", "is not a field that can be given here") for key, _ in given if key not in known]
        if sent is None:
            wrong.append(Place("/file", "is missing: choose a file"))
        elif "\0" in (sent.filename or ""):
            wrong.append(Place("/file", "has a NUL character in its name"))
        elif (sent.filename or sent.size) and (
            why := wrong_kind(sent.filename or "", sent.content_type or "", endings)
        ):
            wrong.append(Place("/file", why))
        if wrong or sent is None:
            raise Invalid("prompts.upload", "This upload was not accepted; nothing was stored.", *wrong)
        fields = {key: value for key, value in given if isinstance(value, str)}
        yield Upload(require_small(sent.file), sent.filename or "", fields)


def require_small(file: IO[bytes]) -> IO[bytes]:
    """The file itself. TooLarge for one that is longer than an import takes."""
    if file.seek(0, 2) > FILE_LIMIT:
        raise TooLarge("prompts.file_too_large", "A file of prompts has at most 64 MiB.")
    return file


def media_type(request: Request) -> str:
    """The content type without its parameters."""
    return request.headers.get("content-type", "").split(";")[0].strip().lower()


LinesOrForm = Annotated[Upload, Depends(lines_or_form, scope="function")]
LinesAlone = Annotated[Upload, Depends(lines_alone, scope="function")]
FileOfForm = Annotated[Upload, Depends(form_with_file, scope="function")]
