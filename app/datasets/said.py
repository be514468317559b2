"""What reviewers and writers said of a version's rows, as a file beside it: a JSON object a row, with their comments.

It is made when it is asked for, so what was withdrawn or erased since is not in it. The version itself never changes.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import StreamingResponse

from app.core.batches import send_batches
from app.core.errors import Conflict
from app.datasets.models import DatasetKind, Version, VersionRow, VersionStatus
from app.datasets.publish.rows import line_of
from app.review.comments.gathered import Talk, pseudonyms, speakers, talks_of
from app.review.models import Comment, Opinion, Review
from app.writing.models import Revision, Submission, SubmissionStatus

BATCH = 200
NAME = "comments.jsonl"


def require_responses(version: Version) -> None:
    """Conflict for a version of preferences, since nobody comments on pairs, and for one that is not there yet."""
    if version.status is not VersionStatus.PUBLISHED:
        raise Conflict("datasets.not_published", "This version is not published, so there is nothing to make of it.")
    if version.dataset.kind is not DatasetKind.RESPONSES:
        raise Conflict("datasets.no_comments", "This version holds what people prefer; nobody comments on that.")


def send_comments(request: Request, version: Version) -> StreamingResponse:
    """The file, read while it is sent, in the order of the version."""
    version_id, project_id = version.id, version.project_id
    return send_batches(
        request.app.state,
        f"comments-on-{version_id}.jsonl",
        0,
        lambda session, after: read(session, version_id, project_id, after),
    )


def read(session: Session, version_id: int, project_id: int, after: int) -> tuple[bytes, int | None]:
    """The lines of one batch past a position, and the position behind which the next begins; None behind the last."""
    found = (
        select(VersionRow, Revision)
        .join(Revision, Revision.id == VersionRow.revision_id)
        .join(Submission, Submission.id == VersionRow.submission_id)
        .where(VersionRow.version_id == version_id, VersionRow.position > after)
        .where(Submission.status == SubmissionStatus.APPROVED)
        .order_by(VersionRow.position)
        .limit(BATCH)
    )
    rows = session.execute(found).all()
    talks = talks_of(session, {row.submission_id: revision for row, revision in rows})
    names = pseudonyms(session, project_id, sorted(speakers(talks.values())))
    lines = [line_of(row_of(one, talks[one[0].submission_id], names)) for one in spoken_of(rows, talks)]
    return b"".join(lines), rows[-1][0].position if len(rows) == BATCH else None


def spoken_of(rows: Sequence[Row[VersionRow, Revision]], talks: Mapping[int, Talk]) -> list[Row[VersionRow, Revision]]:
    """The rows of which somebody said a word."""
    return [one for one in rows if not talks[one[0].submission_id].is_silent]


def row_of(found: Row[VersionRow, Revision], talk: Talk, names: Mapping[int, str]) -> dict[str, Any]:
    """What was said of one row. Every key stands in every row, with one type."""
    row, revision = found
    return {
        "id": f"s{row.submission_id}-r{revision.number}",
        "file": row.part.value,
        "prompt_id": str(row.prompt_id),
        "submission_id": str(row.submission_id),
        "reviews": [decision(one, names) for one in talk.reviews],
        "comments": [comment(one, talk, names) for one in talk.comments],
    }


def decision(one: Review | Opinion, names: Mapping[int, str]) -> dict[str, Any]:
    """A decision, or one of two opinions that agreed. Ratings are a list, for criteria differ."""
    return {
        "revision": one.revision.number,
        "decision": one.decision.value,
        "reviewer": names.get(one.reviewer_id, ""),
        "note": one.note,
        "missed": one.missed,
        "ratings": [{"criterion": key, "rating": float(value)} for key, value in one.ratings.items()],
        "at": one.created_at.isoformat(),
    }


def comment(one: Comment, talk: Talk, names: Mapping[int, str]) -> dict[str, Any]:
    """A comment with its answers. `place`: where its words stand in the published row, code points of that turn."""
    place = talk.places[one.id]
    return {
        "revision": one.revision.number,
        "part": one.part.value,
        "quote": one.quote,
        "place": {"turn": place.turn, "starts_at": place.starts_at, "ends_at": place.ends_at} if place else None,
        "who": names.get(one.author_id, ""),
        "body": one.body,
        "settled": one.resolved_at is not None,
        "at": one.created_at.isoformat(),
        "answers": [
            {"who": names.get(other.author_id, ""), "body": other.body, "at": other.created_at.isoformat()}
            for other in talk.answers[one.id]
        ],
    }
