"""The job that publishes a version."""

from typing import Any

from psycopg.errors import SerializationFailure
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import joinedload

from app.core.errors import DomainError
from app.core.jobs import job_session, snapshot_session, surroundings
from app.core.logs import logger
from app.core.storage import StorageError
from app.core.tasks import task
from app.datasets.contamination.report import BenchmarkLost
from app.datasets.erased import remove_version_files
from app.datasets.files import drop_leftovers
from app.datasets.formats import asked, making
from app.datasets.formats.registry import form_of
from app.datasets.kinds import Task
from app.datasets.models import HubPush, Version, VersionStatus, WorkStatus
from app.datasets.publish import publishing
from app.datasets.publish.gather import Gathered
from app.datasets.publish.progress import Tell
from app.datasets.publish.publishing import NoLongerWanted, NothingToPublish, SplitsMoved
from app.datasets.publish.rows import DamagedRow
from app.datasets.push import hub, pushes
from app.datasets.push.hub import HubRefused
from app.datasets.push.may_go import require_sendable
from app.datasets.registry import kind_of
from app.datasets.withdrawn import is_retired
from app.writing.consent import unfinished
from app.writing.jobs import withdraw_all

log = logger("penset.datasets")
TRIES = 3
MEND = "Make room or mend that, then try again."


@task("datasets.publish")
def publish(version_id: int) -> None:
    """Publish one version. Run twice, at once, or again after a kill, it ends with the same one version."""
    with job_session() as session:
        work = publishing.begin(session, version_id)
    try:
        if work is not None:
            withdraw_first(work.version.project_id)
            carry_out(work)
    except NoLongerWanted:
        log.info("publish_ended_by_others", version_id=version_id)
    except Exception as why:  # the edge of the job: the page says why, the log says what it was
        log.exception("publish_failed", version_id=version_id)
        with job_session() as session:
            publishing.fail(session, version_id, reason(why))
    tidy_up(version_id)


def withdraw_first(project_id: int) -> None:
    """End what a consent was taken back of, so that a version that is asked for after that never holds it."""
    with job_session() as session:
        left = unfinished(session, project_id)
    for consent_id in left:
        withdraw_all(consent_id)


def carry_out(work: Task) -> None:
    """Make the version and list it; make it again where another version of the project came between."""
    for left in reversed(range(TRIES)):
        try:
            make_once(work)
            break
        except SplitsMoved:
            if not left:
                raise


def tidy_up(version_id: int) -> None:
    """Remove what no listed version needs. Whoever wants to begin with this one again waits for that moment."""
    ended = (VersionStatus.PUBLISHED, VersionStatus.FAILED)
    with job_session() as session:
        mine = select(Version).where(Version.id == version_id, Version.status.in_(ended)).with_for_update()
        if (version := session.scalar(mine)) is not None:
            try:
                drop_leftovers(surroundings.storage, version)
            except StorageError as why:  # they do no harm, and the next try removes them
                log.warning("leftovers_stay", version_id=version_id, why=str(why))


def make_once(work: Task) -> None:
    """Read, keep the files, list the version."""

    def tell(words: str) -> None:
        with job_session() as session:
            publishing.say(session, work.version.id, words)

    gathered = read(work, tell)
    try:
        made = publishing.make(work, gathered, surroundings.storage, tell)
        with job_session() as session:
            publishing.publish(session, work.version.id, made)  # what is remembered of its rows lies in the spool
    finally:
        gathered.spool.close()


def read(work: Task, tell: Tell) -> Gathered[Any]:
    """All that the version is made of, from one snapshot. SplitsMoved where it was to write what others just wrote."""
    try:
        with snapshot_session() as session:
            return kind_of(work.version).gather(session, work.version, tell)
    except OperationalError as why:
        if isinstance(why.orig, SerializationFailure):
            raise SplitsMoved from why
        raise


def reason(why: Exception) -> str:
    """Why a version failed, for a person."""
    if isinstance(why, NothingToPublish):
        return str(why)
    if isinstance(why, StorageError):
        return f"The files could not be kept, so nothing was published. {why} {MEND}"
    if isinstance(why, OSError):
        said = f": {why.strerror}" if why.strerror else ""
        return f"The texts could not be set aside, so nothing was published{said}. {MEND}"
    if isinstance(why, BenchmarkLost):
        return (
            f"The file of the benchmark {why} is gone or damaged in storage, so nothing was published. Remove this "
            "benchmark and add its file once more, then try again."
        )
    if isinstance(why, DamagedRow):
        return f"What is stored of {why} is damaged, so nothing was published. Tell who runs this Penset."
    if isinstance(why, SplitsMoved):
        return "Other versions of this project were published at the same time. Try again when they are done."
    return "Something went wrong inside Penset, so nothing was published; the worker's log says what."


@task("datasets.make_format")
def make_format(version_id: int, form: str) -> None:
    """Make a format of a published version. Run twice, or again after a kill, it ends with the same files."""
    with job_session() as session:
        if not asked.is_wanted(session, version_id, form):
            return
        version = session.get_one(Version, version_id)
    made, failure = None, ""
    try:
        made = making.make(surroundings.storage, version, form_of(form))
    except Exception as why:  # the edge of the job: the page says why, the log says what it was
        log.exception("make_format_failed", version_id=version_id, format=form)
        failure = why.sentence if isinstance(why, DomainError) else reason(why)
    with job_session() as session:
        asked.settle(session, version_id, form, made, failure)
        retired = is_retired(session, version_id)
    if retired:  # a person was erased meanwhile
        remove_version_files(surroundings.storage, version_id)


@task("datasets.push_to_hub", retry=False)
def push_to_hub(push_id: int) -> None:
    """Send a version to a hub. Run twice it sends nothing new: what is there already makes no commit."""
    with job_session() as session:
        push = session.get_one(HubPush, push_id)
        version = session.get_one(Version, push.version_id)
    if push.status is not WorkStatus.QUEUED:
        return

    def tell(words: str) -> None:
        with job_session() as session:
            pushes.say(session, push_id, words)

    address, failure = "", ""
    try:
        with job_session() as session:
            # While it waited a set may have been opened, or a row withdrawn.
            found = session.get_one(Version, push.version_id, options=[joinedload(Version.dataset)])
            require_sendable(session, found, push.asked_by)
        address = hub.send(
            surroundings.settings, surroundings.storage, version, push.repository, private=push.is_private, tell=tell
        )
    except HubRefused as why:
        log.warning("push_refused", push_id=push_id, why=str(why))
        failure = str(why)
    except Exception as why:  # the edge of the job: the page says why, the log says what it was
        log.exception("push_failed", push_id=push_id)
        failure = why.sentence if isinstance(why, DomainError) else reason(why)
    with job_session() as session:
        pushes.settle(session, push_id, address=address, failure=failure)
