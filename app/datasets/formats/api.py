"""The JSON door to the formats of a version."""

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import Response, StreamingResponse

from app.accounts.actor import Actor
from app.core.audit import record
from app.core.database import DB
from app.core.openapi import ASKED_OF_FILE, SENDS_FILE
from app.core.web import api
from app.datasets import queries
from app.datasets.api import Reader, say_withdrawn
from app.datasets.download import send_fact
from app.datasets.formats import asked
from app.datasets.formats.schemas import FormatList, FormatOut, shown

router = api("datasets", "/versions/{version_id:id}/formats")


@router.get("", name="api.datasets.formats")
def formats(session: DB, actor: Reader, version_id: int) -> FormatList:
    """Every format in which the version can be had, and what is there of it."""
    version = queries.get_version_for(session, actor, version_id)
    return FormatList(formats=[shown(offer) for offer in asked.offers(session, version)])


@router.post("/{format}", name="api.datasets.make_format", status_code=202, response_model=FormatOut)
def make_format(session: DB, actor: Reader, version_id: int, format: str) -> FormatOut:  # noqa: A002 - named like the field
    """Have a format made: a job. What is made already is answered as it is."""
    return shown(asked.ask_for_format(session, actor, version_id, format))


@router.get(
    "/{format}/{name}",
    name="api.datasets.format_file",
    response_class=StreamingResponse,
    responses=SENDS_FILE,
    openapi_extra=ASKED_OF_FILE,
)
def file(request: Request, session: DB, actor: Reader, version_id: int, format: str, name: str) -> Response:  # noqa: A002
    """One file of a format that is made: streamed, with ETag, SHA-256 and one range."""
    return download_format(request, session, actor, version_id, format, name)


def download_format(
    request: Request, session: Session, actor: Actor, version_id: int, form: str, name: str
) -> Response:
    """Send a file of a format and write down who took it."""
    version = queries.get_version_for(session, actor, version_id)
    fact = asked.file_of(session, version, form, name)
    storage = request.app.state.storage
    answer = send_fact(request, fact, lambda span: asked.opened(storage, version, fact, span))
    say_withdrawn(session, version, answer)
    record(
        session, "datasets.downloaded", "version", version.id, actor_id=actor.user_id, origin=actor.origin,
        project_id=version.project_id, file=name, format=form,
    )  # fmt: skip
    return answer
