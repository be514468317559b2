"""Which submissions does a list for programs show? Lines of JSON, as PostgreSQL writes them. Nothing here writes."""

from typing import Any

from sqlalchemy import ARRAY, BigInteger, Select, any_, bindparam, false, select, true
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Membership
from app.core.database import built_once, rows_of
from app.core.hot import ask
from app.core.lines import as_lines
from app.core.paging import PAGE_SIZE
from app.writing.models import Submission, SubmissionStatus
from app.writing.queries import own_or_reviewed
from app.writing.schemas import SubmissionLine

PROJECTS = ARRAY(BigInteger)
# Where the actor reviews, of all that is listed: everywhere, nowhere or in some projects.
SEEN = {
    "all": true(),
    "own": false(),
    "some": Submission.project_id == any_(bindparam("reviewed", type_=PROJECTS)),
}
NARROWED = {
    "project": Submission.project_id == bindparam("project"),
    "projects": Submission.project_id == any_(bindparam("projects", type_=PROJECTS)),
    "status": Submission.status == bindparam("status"),
    "writer": Membership.pseudonym == bindparam("writer"),
    "before": Submission.id < bindparam("before"),
}
# With one of these PostgreSQL plans for what is asked, since it decides how many rows there are.
DECIDING = {"projects", "writer"}


def list_lines(
    session: Session,
    actor: Actor,
    *,
    project_id: int | None = None,
    status: SubmissionStatus | None = None,
    writer: str = "",
    before: int | None = None,
) -> list[Any]:
    """Up to one more than a page of what the actor may see, newest first, below id `before`: ids and the lines of
    `SubmissionLine`. Of one `writer` by their pseudonym, which is another one in each project."""
    listed = list(actor.roles) if project_id is None else [one for one in actor.roles if one == project_id]
    reviewed = [one for one in listed if actor.reviews(one)]
    chosen = {"status": status, "writer": writer or None, "before": before}
    values: dict[str, Any] = {name: value for name, value in chosen.items() if value is not None}
    values |= {"projects": listed} if len(listed) != 1 else {"project": listed[0]}
    seen = "own" if not reviewed else "all" if reviewed == listed else "some"
    statement = _lines(frozenset(values), seen=seen)
    values |= {"person": actor.user_id, "reviewed": reviewed}
    return ask(session, statement, values, alone=True, anew=not DECIDING.isdisjoint(values))


@built_once
def _lines(names: frozenset[str], *, seen: str) -> Select[Any]:
    listed = select(Submission).where(own_or_reviewed(bindparam("person"), SEEN[seen]))
    if "writer" in names:
        theirs = (Membership.project_id == Submission.project_id) & (Membership.user_id == Submission.author_id)
        listed = listed.join(Membership, theirs)
    for name in sorted(names):
        listed = listed.where(NARROWED[name])
    columns = {column.key: column for column in rows_of(Submission).c}
    return as_lines(listed.order_by(Submission.id.desc()).limit(PAGE_SIZE + 1), SubmissionLine, columns)
