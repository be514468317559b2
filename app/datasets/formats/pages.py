"""The browser's door to the formats of a version."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from app.accounts.doors import CurrentActor
from app.core.database import DB
from app.core.web import pages, render
from app.datasets import queries
from app.datasets.formats import asked
from app.datasets.formats.api import download_format
from app.datasets.formats.asked import Offer
from app.datasets.models import Version, WorkStatus

router = pages("/versions/{version_id:id}/formats")


@dataclass(frozen=True)
class FormatsPart:
    """The part of a version's page that tells its formats, which changes while one is made."""

    version: Version
    formats: Sequence[Offer]
    making: bool


@router.get("", name="datasets.formats")
def formats(request: Request, session: DB, actor: CurrentActor, version_id: int) -> Response:
    """How far is it?"""
    version = queries.get_version_for(session, actor, version_id)
    found = asked.offers(session, version)
    return render(request, FormatsPart(version, found, is_making(found)), template="datasets/_formats.html")


def is_making(found: Sequence[Offer]) -> bool:
    """Whether one of these formats is on its way."""
    return any(one.status == WorkStatus.QUEUED for one in found)


@router.post("/{format}", name="datasets.make_format")
def make_format(request: Request, session: DB, actor: CurrentActor, version_id: int, format: str) -> Response:  # noqa: A002 - named like the field
    """Have a format made."""
    asked.ask_for_format(session, actor, version_id, format)
    there = request.url_for("datasets.version", version_id=version_id).path
    return RedirectResponse(f"{there}#formats", status_code=303)


@router.get("/{format}/{name}", name="datasets.format_file")
def file(request: Request, session: DB, actor: CurrentActor, version_id: int, format: str, name: str) -> Response:  # noqa: A002
    """Download one file of a format."""
    return download_format(request, session, actor, version_id, format, name)
