"""A person is erased: nothing that they wrote is left in any table or file, and what learned from it is retired."""

from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.accounts.models import Membership, User
from app.core.audit import AuditEntry
from app.core.database import Base
from app.core.errors import Conflict
from app.core.storage import Storage
from app.datasets.files import folder_of
from app.prompts.models import PromptStatus
from app.training.artefacts import model_key
from app.training.base_models import TINY
from app.training.erasing import Learned, erase, remove_files
from app.training.models import RunEvent
from app.training.service import start_run
from tests import factories
from tests.cast import Cast
from tests.datasets.made import approve, published
from tests.writing import work

MARK = "quetzalcoatlus"


def tables_with(session: Session, mark: str) -> list[str]:
    """The tables in which a row holds these letters, in any column."""
    asked = 'SELECT EXISTS (SELECT FROM {0} WHERE "{0}"::text ILIKE :mark)'
    names = sorted(table.name for table in Base.metadata.tables.values())
    return [name for name in names if session.scalar(text(asked.format(name)), {"mark": f"%{mark}%"})]


def write_everywhere(cast: Cast, session: Session) -> None:
    """The author writes the mark wherever an author can; so does the reviewer in a review of another's text."""
    author, other = cast.author.user, cast.second_author.user
    assert author
    assert other
    assert cast.reviewer.user
    author.name, author.email = f"Ann {MARK}", f"{MARK}@example.org"
    own = factories.prompt(session, cast.project, author, f"Why a {MARK}?", status=PromptStatus.APPROVED)
    for writer in (author, other):
        submission = factories.submission(session, own, writer, f"A {MARK} it is." if writer is author else "Because.")
        factories.review(session, submission, cast.reviewer.user)
    approve(session, cast, 20)
    for number in (2, 4):
        text_of = f"Answer {MARK} {number}."
        prompt = factories.prompt(session, cast.project, other, f"What of {number}?", status=PromptStatus.APPROVED)
        factories.review(session, factories.submission(session, prompt, author, text_of), cast.reviewer.user)
    prompt = factories.prompt(session, cast.project, other, "And what else is there?", status=PromptStatus.APPROVED)
    session.commit()
    cast.author.post(f"/prompts/{prompt.id}/questions", data={"body": f"Which {MARK}?"})
    taken = work.take(cast.author, cast)
    work.save(cast.author, taken, f"A draft of {MARK}")


def test_a_marker_in_every_text_of_a_person_is_found_nowhere_afterwards(
    cast: Cast, session: Session, storage: Storage, tmp_path: Path
) -> None:  # S102
    write_everywhere(cast, session)
    version = published(cast, session)
    run = start_run(session, cast.admin.actor, version.id, base_model=TINY.name, models_root=Path("/nowhere"))
    session.add(RunEvent(run_id=run.id, sequence=1, data={"sample": MARK}))
    storage.put_new(model_key(run, "model.safetensors"), [MARK.encode()])
    runs = tmp_path / "runs"
    (runs / run.folder).mkdir(parents=True)
    (runs / run.folder / "train.jsonl").write_text(MARK)
    session.commit()
    assert {"drafts", "prompts", "revisions", "run_events", "users"} <= set(tables_with(session, MARK))
    learned = erase(session, cast.author.actor.user_id, actor_id=None)
    session.commit()
    remove_files(storage, runs, learned)
    assert tables_with(session, MARK) == []
    assert (learned.versions, [one.id for one in learned.runs]) == ([version.id], [run.id])
    assert list(storage.list(folder_of(version.id))) == []
    assert list(runs.iterdir()) == []
    assert cast.reviewer.get(f"/api/v1/versions/{version.id}/files/train.jsonl").status_code == 410
    assert cast.reviewer.get(f"/api/v1/runs/{run.id}/model/model.safetensors").status_code == 410
    told = cast.reviewer.get(f"/api/v1/versions/{version.id}/withdrawn").json()
    assert (told["retired"], [one["id"] for one in told["runs"]]) == (True, [run.id])


def test_a_later_version_holds_no_row_of_theirs_and_other_rows_stay(cast: Cast, session: Session) -> None:  # S102
    submissions = approve(session, cast, 20)
    published(cast, session)
    erase(session, cast.author.actor.user_id, actor_id=None)
    session.commit()
    later = published(cast, session)
    assert (later.status, sum(later.counts.values())) == ("published", 10)
    assert cast.reviewer.get(f"/versions/{later.id}").status_code == 200
    assert cast.reviewer.get(f"/submissions/{submissions[1].id}").status_code == 200


def test_the_pseudonym_and_the_audit_row_stay(cast: Cast, session: Session) -> None:  # S102
    person = cast.author.actor.user_id
    pseudonym = select(Membership.pseudonym).where(Membership.user_id == person)
    before = session.scalars(pseudonym).all()
    erase(session, person, actor_id=cast.operator.actor.user_id)
    session.commit()
    assert session.scalars(pseudonym).all() == before
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "accounts.erased")).one()
    assert (entry.subject_id, entry.actor_id) == (person, cast.operator.actor.user_id)
    assert cast.author.get("/account").status_code in (302, 303)
    assert session.scalars(select(User.name).where(User.id == person)).one() == "Erased"


def test_nobody_is_erased_twice_nor_while_they_run_this_penset(cast: Cast, session: Session) -> None:
    with pytest.raises(Conflict, match="erases_administrator"):
        erase(session, cast.operator.actor.user_id, actor_id=None)
    erase(session, cast.author.actor.user_id, actor_id=None)
    with pytest.raises(Conflict, match="already_erased"):
        erase(session, cast.author.actor.user_id, actor_id=None)


def test_after_an_erasure_history_refuses_changes_as_before(cast: Cast, session: Session) -> None:  # S92
    approve(session, cast, 2)
    erase(session, cast.author.actor.user_id, actor_id=None)
    for statement in ("UPDATE revisions SET number = 9", "DELETE FROM reviews"):
        for erasing in ("off", "on"):
            session.execute(text(f"SELECT set_config('penset.erasing', '{erasing}', true)"))
            with pytest.raises(DBAPIError), session.begin_nested():
                session.execute(text(statement))


def test_files_that_are_gone_already_are_no_error(storage: Storage, tmp_path: Path) -> None:
    remove_files(storage, tmp_path, Learned([999], []))
