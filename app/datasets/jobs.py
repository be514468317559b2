"""The job that publishes a version."""

from sqlalchemy import update

from app.core.database import set_statement_timeout
from app.core.jobs import JOB_STATEMENT_MS, job_session, surroundings, task
from app.core.logs import logger
from app.core.storage import StorageError
from app.datasets import publishing
from app.datasets.models import Version

log = logger("penset.datasets")


@task("datasets.publish")
def publish(version_id: int) -> None:
    """Publish one version. Run twice, or again after a kill, it ends with the same one version."""
    with job_session() as session:
        if publishing.begin(session, version_id) is None:
            return
    try:
        with surroundings.sessions() as session, session.begin():
            session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            set_statement_timeout(session, JOB_STATEMENT_MS)
            made = publishing.make(session, surroundings.storage, version_id, lambda words: tell(version_id, words))
        with job_session() as session:
            publishing.publish(session, version_id, made)
    except (StorageError, OSError) as why:
        log.warning("publish_failed", version_id=version_id, kind=type(why).__name__)
        with job_session() as session:
            publishing.fail(session, version_id, f"The files could not be written: {why}.")


def tell(version_id: int, words: str) -> None:
    """Say on the page what is being done, in a transaction of its own."""
    with job_session() as session:
        session.execute(update(Version).where(Version.id == version_id).values(progress=words))
