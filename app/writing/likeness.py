"""Which responses of a project are much like this one? What people handed in and nobody turned down or took back."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import BigInteger, Select, Text, and_, any_, bindparam, cast, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from app.core.database import built_once
from app.core.hot import ask
from app.core.jobs import enqueue
from app.projects.models import Project
from app.prompts.fingerprints import BATCH, find_like, first_batch, forget, remember
from app.prompts.models import Compared
from app.writing.models import Revision, Submission, SubmissionStatus

GONE = (SubmissionStatus.REJECTED, SubmissionStatus.WITHDRAWN)
NEWEST = and_(Revision.submission_id == Submission.id, Revision.number == Submission.current_revision)


def said(messages: Sequence[Mapping[str, Any]]) -> str:
    """What a response says, as it is compared: the assistant's turns."""
    return "\n".join(one["content"] for one in messages if one["role"] == "assistant")


def responses_like(session: Session, project_id: int, text: str, *, but: int | None = None) -> list[tuple[int, float]]:
    """Ids of the project's submissions that say nearly the same, with the score, most alike first, without `but`."""
    return find_like(session, project_id, Compared.RESPONSE, text, texts_of=response_texts, but=but)


def response_texts(session: Session, submission_ids: Sequence[int]) -> dict[int, str]:
    """What the newest revisions of those of these submissions say that still stand."""
    newest = ask(session, _standing(), {"submissions": list(submission_ids)}) if submission_ids else []
    return {row.id: said(row.messages) for row in newest}


def remember_response(session: Session, submission_id: int) -> None:
    """Keep what a submission is found by as it is now; nothing once it was turned down or taken back."""
    where = select(Submission.project_id).where(Submission.id == submission_id).with_for_update(read=True)
    project_id = session.scalar(where)
    texts = response_texts(session, [submission_id])
    if project_id is not None and texts:
        remember(session, project_id, Compared.RESPONSE, texts)
    else:
        forget(session, Compared.RESPONSE, submission_id)


def remember_next_responses(session: Session, project_id: int, after: int = 0) -> int | None:
    """Keep what the next submissions of a project past id `after` are found by. The last one's id; None at the end."""
    sized = select(Submission.id, func.length(cast(Revision.messages, Text))).join(Revision, NEWEST)
    there = sized.where(Submission.project_id == project_id, Submission.id > after).order_by(Submission.id).limit(BATCH)
    ids = first_batch(session.execute(there.with_for_update(read=True, of=Submission)))
    remember(session, project_id, Compared.RESPONSE, response_texts(session, ids))
    return ids[-1] if ids else None


def remember_projects(session: Session) -> int:
    """Let jobs keep anew what every text of every project is found by. How many projects there are."""
    projects = session.scalars(select(Project.id).order_by(Project.id)).all()
    for project_id in projects:
        enqueue(session, "prompts.remember_all", project_id=project_id)
        enqueue(session, "writing.remember_all", project_id=project_id)
    return len(projects)


@built_once
def _standing() -> Select[int, list[dict[str, Any]]]:
    these = (
        select(Submission.id, Revision.messages)
        .join(Revision, NEWEST)
        .where(*(Submission.status != one for one in GONE))
    )
    return these.where(Submission.id == any_(bindparam("submissions", type_=ARRAY(BigInteger))))
