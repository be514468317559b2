"""Publishing twice, at once, or while people go on approving: one version, one snapshot, one effect."""

import threading
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session, sessionmaker

from app.core.jobs import surround
from app.core.storage_local import LocalStorage
from app.datasets import jobs
from app.datasets.models import PromptSplit, Version, VersionStatus
from app.datasets.service import create_dataset, publish
from app.projects.models import Project
from app.prompts.models import PromptStatus
from tests import factories
from tests.datasets.questions import question
from tests.faults.site_of_versions import Site, is_readable, lay_out, only_version, row_count
from tests.faults.trying import admin_of

TONE = {"key": "tone", "name": "Tone", "description": "Is it friendly?"}


@pytest.fixture
def site(own_database: str, own_sessions: sessionmaker[Session], tmp_path: Path) -> Site:
    laid = lay_out(own_database, tmp_path, own_sessions)
    surround(laid.settings, own_sessions, storage_of(laid))
    return laid


def storage_of(site: Site) -> LocalStorage:
    """The storage of this site."""
    return LocalStorage(site.settings.files_folder)


def test_the_same_job_twice_in_a_row_has_one_effect(site: Site) -> None:  # R8
    jobs.publish(site.version_id)
    first = only_version(site)
    jobs.publish(site.version_id)
    again = only_version(site)
    assert (again.content_hash, again.published_at, row_count(site)) == (first.content_hash, first.published_at, 30)


def test_the_same_job_three_times_at_once_has_one_effect(site: Site) -> None:  # R8
    together = threading.Barrier(3)
    wrong: list[BaseException] = []

    def run() -> None:
        together.wait()
        try:
            jobs.publish(site.version_id)
        except BaseException as why:
            wrong.append(why)

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    version = only_version(site)
    assert (wrong, version.status, version.number, row_count(site)) == ([], VersionStatus.PUBLISHED, 1, 30)
    assert is_readable(storage_of(site), version)


def test_two_datasets_published_at_once_agree_on_every_split(site: Site) -> None:
    with site.sessions.begin() as session:
        admin = admin_of(session)
        (project_id,) = admin.roles
        other = publish(session, admin, create_dataset(session, admin, project_id, name="Another").id)
    threads = [threading.Thread(target=jobs.publish, args=[one]) for one in (site.version_id, other.id)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    with site.sessions() as session:
        versions = session.scalars(select(Version)).all()
        assert {version.status for version in versions} == {VersionStatus.PUBLISHED}
        assert versions[0].counts == versions[1].counts
        assert len(session.scalars(select(PromptSplit)).all()) == 30


def test_what_is_asked_and_approved_while_a_version_is_read_belongs_to_the_next_one(site: Site) -> None:  # R15
    engine = site.sessions.kw["bind"]
    approved: list[int] = []

    @event.listens_for(engine, "after_cursor_execute")
    def meanwhile(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if statement.startswith("SELECT guidelines.rubric") and not approved:  # the first of all that is gathered
            with site.sessions.begin() as session:
                project = session.scalars(select(Project)).one()
                person = factories.user(session, "Late Writer")
                factories.guidelines(session, project, person, version=2, rubric=[TONE])
                prompt = factories.prompt(session, project, person, question(99), status=PromptStatus.APPROVED)
                submission = factories.submission(session, prompt, person)
                approved.append(submission.id)
                factories.review(session, submission, factories.user(session, "Late Reviewer"), ratings={"tone": 2})

    jobs.publish(site.version_id)
    version = only_version(site)
    assert approved
    assert (sum(version.counts.values()), row_count(site)) == (30, 30)
    assert version.manifest
    assert version.manifest["rows"] == version.counts
    assert version.manifest["rating_keys"] == ["correct", "helpful"]
    with site.sessions.begin() as session:
        newer = publish(session, admin_of(session), version.dataset_id)
    jobs.publish(newer.id)
    with site.sessions() as session:
        later = session.get_one(Version, newer.id)
        assert later.manifest
        assert (sum(later.counts.values()), later.manifest["rating_keys"]) == (31, ["correct", "helpful", "tone"])
