"""A response is found by another that says nearly the same, for as long as it stands."""

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.projects.models import Project
from app.prompts.models import Compared, Fingerprint, Prompt
from app.writing import service
from app.writing.jobs import remember_response, remember_responses
from app.writing.likeness import remember_projects, responses_like
from app.writing.models import Submission, SubmissionStatus
from tests.cast import Cast
from tests.jobs import do_jobs
from tests.writing import work

SAID = "The sky is blue because air scatters short waves of light far more than long ones."
AGAIN = "The sky is blue, because the air scatters short waves of light far more than long ones"


def like(session: Session, cast: Cast, text: str = AGAIN) -> list[int]:
    return [identity for identity, _ in responses_like(session, cast.project.id, text)]


def handed_in(session: Session, cast: Cast) -> int:
    submission = work.written(cast.author, cast, SAID)
    do_jobs(session)
    return int(submission["id"])


def test_a_response_is_found_once_it_is_handed_in(cast: Cast, session: Session, asked: Prompt) -> None:
    assignment_id = work.take(cast.author, cast)
    work.save(cast.author, assignment_id, SAID)
    do_jobs(session)
    assert like(session, cast) == [], "drafts are nobody's business"
    revision = work.stored(cast.author, assignment_id)["revision"]
    submission = work.hand_in(cast.author, assignment_id, revision).json()
    do_jobs(session)
    assert like(session, cast) == [submission["id"]]
    assert responses_like(session, cast.project.id, AGAIN, but=submission["id"]) == []


def test_what_was_taken_back_is_found_no_longer(cast: Cast, session: Session, asked: Prompt) -> None:
    submission_id = handed_in(session, cast)
    service.withdraw(session, cast.author.actor, submission_id)
    assert like(session, cast) == []
    session.commit()
    do_jobs(session)
    assert session.scalar(select(func.count()).where(Fingerprint.kind == Compared.RESPONSE)) == 0


def test_what_was_rejected_is_found_no_longer(cast: Cast, session: Session, asked: Prompt) -> None:
    submission_id = handed_in(session, cast)
    reviewer = cast.reviewer.actor.user_id
    service.record_decision(session, submission_id, revision=1, status=SubmissionStatus.REJECTED, decided_by=reviewer)
    session.commit()
    do_jobs(session)
    assert session.scalar(select(func.count()).where(Fingerprint.kind == Compared.RESPONSE)) == 0


def test_a_new_revision_is_what_is_found(cast: Cast, session: Session, asked: Prompt) -> None:
    submission_id = handed_in(session, cast)
    reviewer = cast.reviewer.actor.user_id
    changes = SubmissionStatus.CHANGES_REQUESTED
    service.record_decision(session, submission_id, revision=1, status=changes, decided_by=reviewer)
    session.commit()
    assignment_id = session.scalars(select(Submission.assignment_id)).one()
    assert assignment_id
    other = "Quite another answer than before, in other words."
    mended = work.save(cast.author, assignment_id, other, revision=1)
    work.hand_in(cast.author, assignment_id, mended.json()["revision"])
    do_jobs(session)
    assert like(session, cast) == []
    assert like(session, cast, "Quite another answer than before in other words") == [submission_id]


def test_a_job_that_runs_twice_keeps_one_fingerprint(cast: Cast, session: Session, asked: Prompt) -> None:  # R8
    submission_id = handed_in(session, cast)
    for _ in range(2):
        remember_response(submission_id=submission_id)
        remember_responses(project_id=cast.project.id)
    session.expire_all()
    assert session.scalar(select(func.count()).where(Fingerprint.kind == Compared.RESPONSE)) == 1
    assert like(session, cast) == [submission_id]


def test_all_can_be_kept_anew(cast: Cast, session: Session, asked: Prompt) -> None:
    submission_id = handed_in(session, cast)
    session.execute(delete(Fingerprint))
    session.commit()
    assert like(session, cast) == []
    assert remember_projects(session) == session.scalar(select(func.count()).select_from(Project))
    session.commit()
    do_jobs(session)
    assert like(session, cast) == [submission_id]
    assert session.scalar(select(func.count()).where(Fingerprint.kind == Compared.PROMPT)) == 1
