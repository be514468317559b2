"""What writing does later: keep what each response is found by, and withdraw what lost its consent."""

from app.core.jobs import enqueue, job_session
from app.core.tasks import task
from app.writing.consent import withdraw_next
from app.writing.likeness import remember_next_responses
from app.writing.likeness import remember_response as keep


@task("writing.remember")
def remember_response(submission_id: int) -> None:
    """Keep what a submission is found by as it is now."""
    with job_session() as session:
        keep(session, submission_id)


@task("writing.remember_all")
def remember_responses(project_id: int, after: int = 0) -> None:
    """Keep it for the next submissions of a project; the rest is another job's."""
    with job_session() as session:
        last = remember_next_responses(session, project_id, after)
        if last is not None:
            enqueue(session, "writing.remember_all", project_id=project_id, after=last)


@task("writing.withdraw_all")
def withdraw_all(consent_id: int) -> None:
    """Withdraw all that lost its consent, some at a time: killed anywhere, the next try goes on."""
    left = True
    while left:
        with job_session() as session:
            left = withdraw_next(session, consent_id)
