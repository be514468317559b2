"""A site in a database of its own in which a version waits to be published, and ways to publish it."""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select, text
from sqlalchemy.orm import Session, sessionmaker

from app.accounts.models import Role
from app.accounts.sign_ins import actor_for
from app.core.jobs import surround
from app.core.settings import Settings
from app.core.storage import Storage
from app.datasets.files import folder_of, open_file, version_files
from app.datasets.models import Version, VersionRow
from app.datasets.publish import publishing
from app.datasets.publish.gather import gather
from app.datasets.publish.manifest import content_hash
from app.datasets.service import create_dataset, publish
from app.prompts.models import PromptStatus
from tests import factories
from tests.datasets.questions import question
from tests.jobs import work_off


@dataclass(frozen=True)
class Site:
    """Where the version waits."""

    url: str
    folder: Path
    sessions: sessionmaker[Session]
    version_id: int

    @property
    def settings(self) -> Settings:
        """The settings of its processes."""
        return Settings(data=self.folder)


def lay_out(url: str, folder: Path, sessions: sessionmaker[Session], *, count: int = 30, words: str = "") -> Site:
    """A project with approved responses that go on with these words, and a version of them that was asked for."""
    with sessions.begin() as session:
        admin, writer = factories.user(session, "Ada Admin"), factories.user(session, "Ann Author")
        project = factories.project(session, admin)
        factories.member(session, project, writer, Role.ANNOTATOR)
        for number in range(count):
            prompt = factories.prompt(session, project, admin, question(number), status=PromptStatus.APPROVED)
            factories.review(session, factories.submission(session, prompt, writer, f"Answer {number}.{words}"), admin)
        actor = actor_for(session, admin)
        version = publish(session, actor, create_dataset(session, actor, project.id, name="Everything").id)
    return Site(url, folder, sessions, version.id)


def expected_hash(site: Site, storage: Storage) -> str:
    """The content hash that this state must give, made in another storage and listed nowhere."""
    with site.sessions.begin() as session:
        task = publishing.begin(session, site.version_id)
        assert task
        gathered = gather(session, task.version)
    made = publishing.make(task, gathered, storage, lambda words: None)
    gathered.spool.close()
    return content_hash(made.manifest)


def do_waiting(site: Site, storage: Storage) -> None:
    """A worker starts, finds jobs of dead workers, and does what waits."""
    surround(site.settings, site.sessions, storage)
    with site.sessions.begin() as session:
        session.execute(text("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'"))
    work_off(site.url, "default").join()


def only_version(site: Site) -> Version:
    """The one version that there is, whatever its state."""
    with site.sessions() as session:
        return session.scalars(select(Version)).one()


def row_count(site: Site) -> int:
    """How many rows stand in versions."""
    with site.sessions() as session:
        return len(session.scalars(select(VersionRow.position)).all())


def is_readable(storage: Storage, version: Version) -> bool:
    """Whether each listed file can be read whole, and nothing else lies beside them."""
    facts = version_files(version)
    sizes = [sum(map(len, open_file(storage, version, fact.name))) for fact in facts]
    return sizes == [fact.bytes for fact in facts] and len(list(storage.list(folder_of(version.id)))) == len(facts)
