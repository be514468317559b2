"""Who did what, when, from where? The audit log with people's names, read in SQL; nothing here writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.core.paging import PAGE_SIZE

LISTED = text("""
SELECT a.id, a.at, a.action, a.subject, a.subject_id, a.address, a.request_id, a.details,
    u.name AS who, p.name AS project
FROM audit_log a
LEFT JOIN users u ON u.id = a.actor_id
LEFT JOIN projects p ON p.id = a.project_id
WHERE (CAST(:before AS bigint) IS NULL OR a.id < :before) AND (:action = '' OR a.action = :action)
ORDER BY a.id DESC LIMIT :limit
""")


@dataclass(frozen=True)
class Entry:
    """One act. `who` is None for a command, a job or a stranger."""

    id: int
    at: datetime
    action: str
    subject: str
    subject_id: int | None
    address: str | None
    request_id: str | None
    details: dict[str, Any]
    who: str | None
    project: str | None

    @property
    def facts(self) -> str:
        """The details on one line."""
        return ", ".join(f"{name} {value}" for name, value in self.details.items())


def list_entries(session: Session, *, before: int | None, action: str) -> Sequence[Entry]:
    """Up to a page and one of all acts, the newest first; of one kind where `action` is given."""
    given = {"before": before, "action": action, "limit": PAGE_SIZE + 1}
    return [Entry(**row) for row in session.execute(LISTED, given).mappings()]
