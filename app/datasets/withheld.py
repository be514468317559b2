"""May the files of a version be given away now? Its kind knows what they tell that nobody must know yet."""

from sqlalchemy.orm import Session

from app.core.errors import Conflict
from app.datasets.models import Version
from app.datasets.registry import kind_of


def require_told(session: Session, version: Version, person_id: int) -> None:
    """Conflict while the files of a version would tell judges, or this one, what they must not know."""
    if why := kind_of(version).withheld(session, version, person_id):
        raise Conflict("datasets.withheld", why)
