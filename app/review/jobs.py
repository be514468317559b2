"""What review does later: carry out the decisions that nobody has taken back."""

from app.core.jobs import job_session
from app.core.tasks import jobs, task
from app.review.deciding import held


@task("review.settle")
def settle(submission_id: int) -> None:
    """Carry out one held decision, once its time has come."""
    with job_session() as session:
        held.settle(session, submission_id)


@jobs.periodic(cron="* * * * *")
@jobs.task(name="review.settle_due", queue="default")
def settle_due(timestamp: int) -> None:
    """Carry out what the job of its own has not: it was lost, or failed. Each in a transaction of its own."""
    with job_session() as session:
        due = held.list_due(session)
    for submission_id in due:
        with job_session() as session:
            held.settle(session, submission_id, wait=False)
