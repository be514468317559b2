"""What is tidied every few minutes: jobs of dead workers. No lock of its own that could be left behind."""

from datetime import timedelta

from procrastinate import JobContext
from sqlalchemy import delete, func

from app.core.idempotency import GivenAnswer
from app.core.jobs import job_session
from app.core.tasks import jobs
from app.core.worker import rescue


@jobs.periodic(cron="*/2 * * * *")
@jobs.task(name="core.rescue_jobs", queue="default", pass_context=True)
async def rescue_jobs(context: JobContext, timestamp: int) -> None:
    """Find jobs whose worker is gone and try them again."""
    await rescue(context.app)


@jobs.periodic(cron="17 * * * *")
@jobs.task(name="core.forget_answers", queue="default")
def forget_answers(timestamp: int) -> None:
    """Drop the kept answers of repeated requests after a day. Hourly: a machine that is off at night forgets, too."""
    with job_session() as session:
        session.execute(delete(GivenAnswer).where(GivenAnswer.created_at < func.now() - timedelta(days=1)))
