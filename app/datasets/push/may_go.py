"""May a version be sent to a hub now? Nothing of who was erased goes, nor what was withdrawn or is kept from judges."""

from sqlalchemy.orm import Session

from app.core.errors import Conflict, DomainError
from app.core.settings import Settings
from app.datasets.models import Version
from app.datasets.push import hub
from app.datasets.registry import dropped_of
from app.datasets.withdrawn import require_kept
from app.datasets.withheld import require_told


def require_sendable(session: Session, version: Version, person_id: int) -> None:
    """Gone for a retired version; Conflict while its files are withheld from this person, and once a row of it was
    withdrawn: the hub keeps what it gets, and gives it to others."""
    require_kept(session, version.id)
    require_told(session, version, person_id)
    if dropped := dropped_of(session, version):
        rows = "1 row" if dropped == 1 else f"{dropped:,} rows"
        raise Conflict(
            "datasets.superseded",
            f"Since this version was published, {rows} of it {'was' if dropped == 1 else 'were'} withdrawn, and a hub "
            "keeps what it gets. Publish the next version, which leaves that out, and send it.",
        )


def is_offered(session: Session, settings: Settings, version: Version, person_id: int) -> bool:
    """Whether a page offers this person to send it."""
    if not hub.is_on(settings):
        return False
    try:
        require_sendable(session, version, person_id)
    except DomainError:
        return False
    return True
