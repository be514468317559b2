"""The JSON door to finished pairs."""

from typing import Annotated

from fastapi import Depends, Query

from app.accounts.actor import Actor
from app.accounts.doors import with_scope
from app.core.database import DB
from app.core.idempotency import FILE_ADDS_NOTHING, repeatable
from app.core.web import api
from app.prompts.api import FILE
from app.prompts.import_doors import carry_out, columns_by_name
from app.prompts.schemas import ImportOut
from app.prompts.upload import LinesOrForm
from app.writing.pair_imports import Origin, as_pairs
from app.writing.schemas import PairImportIn

router = api("writing")
Importer = Annotated[Actor, Depends(with_scope("prompts:write"), scope="function")]


@router.post(
    "/projects/{project_id:id}/pairs/import", name="api.writing.import_pairs", openapi_extra={"requestBody": FILE}
)
@repeatable(FILE_ADDS_NOTHING)
def import_pairs(
    upload: LinesOrForm, session: DB, actor: Importer, project_id: int, given: Annotated[PairImportIn, Query()]
) -> ImportOut:
    """Take in every pair of a file of JSON lines or CSV as finished, or nothing of it.

    Nobody writes or reviews them here. Every row has a source and a licence: its own, or those that are given for all
    that say none. With `preview`, only say what would be.
    """
    kind = as_pairs(Origin(given.source, given.licence))
    columns = columns_by_name(upload)
    return ImportOut.model_validate(
        carry_out(session, actor, project_id, upload, columns, kind, keep=not given.preview)
    )
