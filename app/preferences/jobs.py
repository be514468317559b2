"""What preferences does later: renew the figures of sets in which something was judged."""

from app.core.jobs import job_session, jobs, surroundings
from app.preferences import fitting


@jobs.periodic(cron="* * * * *")
@jobs.task(name="preferences.renew_figures", queue="default")
def renew_figures(timestamp: int) -> None:
    """Each set in a transaction of its own."""
    seconds = surroundings.settings.undo_seconds
    with job_session() as session:
        due = fitting.list_due(session, seconds=seconds)
    for set_id in due:
        with job_session() as session:
            fitting.renew_figures(session, set_id, seconds=seconds)
