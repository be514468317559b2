"""What the API says of the formats of a version."""

from app.core.web import Out
from app.datasets.formats.asked import Offer
from app.datasets.schemas import FileOut


class FormatOut(Out):
    """A format of a version: `status` is empty until it is asked for, then queued, done or failed."""

    format: str
    title: str
    status: str
    failure: str
    left_out: int
    files: list[FileOut]


class FormatList(Out):
    """Every format in which a version can be had."""

    formats: list[FormatOut]


def shown(offer: Offer) -> FormatOut:
    """A format with its files."""
    return FormatOut(
        format=offer.form.name,
        title=offer.form.title,
        status=offer.status,
        failure=offer.failure,
        left_out=offer.left_out,
        files=[FileOut.model_validate(fact) for fact in offer.files],
    )
