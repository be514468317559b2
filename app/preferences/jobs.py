"""What preferences does later: fill sets, let models answer, and renew figures where something was judged."""

from app.core.jobs import job_session, surroundings
from app.core.tasks import jobs, task
from app.preferences import fitting
from app.preferences.generation import generating
from app.preferences.making import filling
from app.preferences.versions.kind import know_preferences

know_preferences()


@jobs.periodic(cron="* * * * *")
@jobs.task(name="preferences.renew_figures", queue="default")
def renew_figures(timestamp: int) -> None:
    """Each set in a transaction of its own."""
    seconds = surroundings.settings.undo_seconds
    with job_session() as session:
        due = fitting.list_due(session, seconds=seconds)
    failed: list[Exception] = []
    for set_id in due:
        try:
            with job_session() as session:
                fitting.renew_figures(session, set_id, seconds=seconds)
        except Exception as why:  # told below, when the others have had their turn
            failed.append(why)
    if failed:
        raise ExceptionGroup("the figures of some sets were not renewed", failed)


@task("preferences.make")
def make(set_id: int) -> None:
    """Fill a set with what its maker named."""
    filling.carry_out(set_id)


@jobs.periodic(cron="*/5 * * * *")
@jobs.task(name="preferences.end_lost", queue="default")
def end_lost(timestamp: int) -> None:
    """Say so on the page of a set whose job was lost, or has failed at every try."""
    with job_session() as session:
        filling.end_lost(session)


@task("preferences.generate", retry=False)
def generate(set_id: int) -> None:
    """Let models answer the prompts of a set. Where models are trained, one after the other with runs."""
    generating.carry_out(set_id)
