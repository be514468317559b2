"""The JSON door for a file of pairs: larger than what a body of JSON may be, and read line by line."""

from typing import Annotated

from fastapi import Query

from app.accounts.doors import CurrentActor
from app.core.database import DB
from app.core.idempotency import repeatable
from app.core.web import api
from app.preferences.api import as_shown
from app.preferences.lines import read_pairs
from app.preferences.making.sets import Wish, make_set
from app.preferences.schemas import SetOfFileIn, SetOut
from app.prompts.file_kinds import LINES
from app.prompts.upload import LinesAlone

router = api("preferences")
FILE = {"content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in LINES[:1]}}


@router.post(
    "/projects/{project_id:id}/comparison-sets/import",
    name="api.preferences.import_pairs",
    response_model=SetOut,
    status_code=201,
    openapi_extra={"requestBody": FILE},
)
@repeatable("A file of up to 64 MiB: sent again, its name is taken.")
def import_pairs(
    upload: LinesAlone, session: DB, actor: CurrentActor, project_id: int, given: Annotated[SetOfFileIn, Query()]
) -> SetOut:
    """Make a comparison set of a file of JSON lines, a pair each, up to 64 MiB; the rest stands in the query. A job
    fills it: see its `making`. Sent again under the same name it is refused."""
    wish = Wish(**given.model_dump() | {"ranks": int(given.ranks)}, pairs=read_pairs(upload.file))
    found = make_set(session, actor, project_id, wish)
    session.refresh(found)
    return as_shown(session, actor, found)[0]
