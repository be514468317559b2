"""A person is erased: nothing that they wrote is left in any table or file, and what learned from it is retired."""

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from app.accounts.models import Erasure, Membership, Role, User
from app.core.audit import AuditEntry
from app.core.database import Base
from app.core.settings import Settings
from app.core.storage import Storage
from app.datasets.files import folder_of
from app.datasets.formats.making import folder_of as formats_of
from app.datasets.models import Version
from app.datasets.publish import publishing
from app.datasets.publish.gather import gather
from app.prompts.imports import AS_PROMPTS, import_jsonl
from app.prompts.models import Prompt, PromptStatus
from app.training import jobs, service
from app.training.artefacts import model_key
from app.training.base_models import TINY
from app.training.erasing import empty_tables
from app.training.learned import learned_from
from app.training.models import MADE_FROM, Report, Run, RunEvent, RunStatus
from app.training.service import start_run
from app.writing.models import Submission
from app.writing.service import withdraw_for
from tests import factories
from tests.accounts.asking import audited
from tests.cast import Cast, Client
from tests.datasets.made import approve, dataset, published
from tests.jobs import do_jobs
from tests.training.made import a_report, began, descend, done, started, told
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
    author.name, author.email, author.email_key = f"Ann {MARK}", f"{MARK}@example.org", f"{MARK}@example.org"
    own = factories.prompt(session, cast.project, author, f"Why a {MARK}?", status=PromptStatus.APPROVED)
    for writer in (author, other):
        submission = factories.submission(session, own, writer, f"A {MARK} it is." if writer is author else "Because.")
        factories.review(session, submission, cast.reviewer.user)
    approve(session, cast, 20)
    for number in (2, 4):
        text_of = f"Answer {MARK} {number}."
        prompt = factories.prompt(session, cast.project, other, f"What of {number}?", status=PromptStatus.APPROVED)
        factories.review(session, factories.submission(session, prompt, author, text_of), cast.reviewer.user)
    last = session.scalars(select(Submission.id).order_by(Submission.id.desc()).limit(1)).one()
    withdraw_for(session, cast.admin.actor, last, reason=f"They asked: {MARK}.")
    prompt = factories.prompt(session, cast.project, other, "And what else is there?", status=PromptStatus.APPROVED)
    session.commit()
    asked = {"body": f"Which {MARK}?", "user_id": str(author.id)}
    assert cast.author.post(f"/prompts/{prompt.id}/questions", data=asked).status_code == 303
    taken = work.take(cast.author, cast)
    work.save(cast.author, taken, f"A draft of {MARK}")
    keyed = {"Idempotency-Key": "k1"}
    asked_too = f"/api/v1/prompts/{prompt.id}/questions"
    assert MARK in cast.second_author.post(asked_too, json={"body": "Is it?"}, headers=keyed).text


def address(person: Client) -> str:
    """The page on which they are erased."""
    return f"/admin/people/{person.actor.user_id}/erasure"


def asks(cast: Cast, person: Client, *, email: str = "", by: Client | None = None) -> Any:
    """Who runs this Penset, or somebody else, has a person erased; the jobs wait."""
    assert person.user
    asking = by or cast.operator
    form = {"user_id": str(asking.actor.user_id), "email": email or person.user.email}
    return asking.post(address(person), data=form)


def erased(cast: Cast, session: Session, person: Client) -> None:
    """The person, erased by the page and the job."""
    for one in (person, cast.operator):
        assert one.user
        session.add(one.user)  # the jobs let go of them
    answer = asks(cast, person)
    assert answer.status_code == 303, answer.text
    do_jobs(session)


def test_a_marker_in_every_text_of_a_person_is_found_nowhere_afterwards(
    cast: Cast, session: Session, storage: Storage, settings: Settings
) -> None:  # S102
    write_everywhere(cast, session)
    version = published(cast, session)
    run = start_run(session, cast.admin.actor, version.id, base_model=TINY.name, models_root=Path("/nowhere"))
    run.status = RunStatus.DONE
    session.execute(text("UPDATE procrastinate_jobs SET status = 'succeeded' WHERE status = 'todo'"))
    session.add(RunEvent(run_id=run.id, sequence=1, data={"sample": MARK}))
    storage.put_new(model_key(run, "model.safetensors"), [MARK.encode()])
    folder = settings.runs_root / run.folder
    folder.mkdir(parents=True)
    (folder / "train.jsonl").write_text(MARK)
    session.commit()
    held = set(tables_with(session, MARK))
    assert {"drafts", "prompt_questions", "prompts", "revisions", "run_events", "users", "withdrawals"} <= held
    page = cast.operator.get(address(cast.author)).text
    assert "Erase this person for ever" in page
    assert f"Run {run.number} " in page
    erased(cast, session, cast.author)
    assert tables_with(session, MARK) == []
    assert list(storage.list(folder_of(version.id))) == []
    assert list(settings.runs_root.iterdir()) == []
    assert "Everything is gone" in cast.operator.get(address(cast.author)).text
    assert cast.reviewer.get(f"/api/v1/versions/{version.id}/files/train.jsonl").status_code == 410
    assert cast.reviewer.get(f"/api/v1/runs/{run.id}/model/model.safetensors").status_code == 410
    shown = cast.admin.get(f"/versions/{version.id}").text
    assert ("Retired: " in shown, "Train on it" in shown, "Other formats" in shown) == (True, False, False)
    told = cast.reviewer.get(f"/api/v1/versions/{version.id}/withdrawn").json()
    assert (told["retired"], [one["id"] for one in told["runs"]]) == (True, [run.id])
    assert cast.reviewer.get(f"/api/v1/versions/{version.id}").json()["retired"] is True
    assert '<p class="meta">Retired: ' in cast.reviewer.get(f"/datasets/{version.dataset_id}").text


def test_a_program_of_who_runs_this_penset_erases_and_hears_how_far_it_is(
    cast: Cast, session: Session, version: Version
) -> None:
    path = f"/api/v1/people/{cast.author.actor.user_id}/erasure"
    before = cast.operator.get(path).json()
    assert (before["asked_at"], before["responses"]) == (None, 10)
    assert [(one["id"], one["dataset"]) for one in before["versions"]] == [(version.id, "Everything")]
    asked = cast.operator.api("POST", path, email="ann.author@example.org")
    assert (asked.status_code, asked.json()["finished_at"]) == (202, None)
    do_jobs(session)
    assert cast.operator.get(path).json()["finished_at"] is not None


def test_a_later_version_holds_no_row_of_theirs_and_other_rows_stay(cast: Cast, session: Session) -> None:  # S102
    submissions = approve(session, cast, 20)
    published(cast, session)
    erased(cast, session, cast.author)
    later = published(cast, session)
    assert (later.status, sum(later.counts.values())) == ("published", 10)
    assert cast.reviewer.get(f"/versions/{later.id}").status_code == 200
    assert cast.reviewer.get(f"/submissions/{submissions[1].id}").status_code == 200


def test_what_a_person_imported_is_its_source_s_and_stays(cast: Cast, session: Session) -> None:  # S102
    person, other = cast.author.user, cast.second_author.user
    assert person
    assert other
    assert cast.reviewer.user
    line = json.dumps({"prompt": "Why is the sea salty?", "source": "A book", "response": "Of rivers."}).encode()
    session.execute(update(Membership).where(Membership.user_id == person.id).values(role=Role.ADMIN))
    import_jsonl(session, cast.author.actor, cast.project.id, BytesIO(line), AS_PROMPTS)
    brought = session.scalars(select(Prompt)).one()
    factories.review(session, factories.submission(session, brought, other, "Salt dissolves."), cast.reviewer.user)
    own = factories.prompt(session, cast.project, person, "Why is my tea salty?", status=PromptStatus.APPROVED)
    factories.review(session, factories.submission(session, own, other, "Sugar was out."), cast.reviewer.user)
    session.commit()
    assert "of 1 prompt;" in cast.operator.get(address(cast.author)).text
    erased(cast, session, cast.author)
    session.refresh(brought)
    assert (brought.messages[0]["content"], brought.source) == ("Why is the sea salty?", "A book")
    assert brought.imported_response == factories.answered("Of rivers.")
    states = select(Submission.prompt_id, Submission.status).order_by(Submission.id)
    assert session.execute(states).all() == [(brought.id, "approved"), (own.id, "withdrawn")]
    assert sum(published(cast, session).counts.values()) == 1


def test_the_pseudonym_and_the_audit_rows_stay(cast: Cast, session: Session) -> None:  # S98 S102
    person = cast.author.actor.user_id
    pseudonym = select(Membership.pseudonym).where(Membership.user_id == person)
    before = session.scalars(pseudonym).all()
    erased(cast, session, cast.author)
    assert session.scalars(pseudonym).all() == before
    entries = session.scalars(
        select(AuditEntry).where(AuditEntry.action.like("accounts.eras%")).order_by(AuditEntry.id)
    )
    assert [(one.action, one.subject_id, one.actor_id) for one in entries] == [
        ("accounts.erasure_asked", person, cast.operator.actor.user_id),
        ("accounts.erased", person, cast.operator.actor.user_id),
    ]
    assert session.scalars(select(User.name).where(User.id == person)).one() == "Erased"


def test_another_address_than_the_person_s_erases_nobody(cast: Cast, session: Session) -> None:
    answer = asks(cast, cast.author, email="ben.author@example.org")
    assert answer.status_code == 422
    assert "nobody was erased" in answer.text
    assert "Erase this person for ever</button>" in answer.text, "they may look again"
    assert session.scalars(select(Erasure)).all() == []


def test_who_runs_this_penset_is_not_erased(cast: Cast, session: Session) -> None:
    assert asks(cast, cast.operator).status_code == 409
    assert session.scalars(select(Erasure)).all() == []


def test_who_is_to_be_erased_is_kept_out_at_once_and_for_ever(cast: Cast, session: Session) -> None:  # S22
    person = cast.author.actor.user_id
    assert asks(cast, cast.author).status_code == 303
    assert cast.author.get("/account").status_code == 303
    form = {"user_id": str(cast.operator.actor.user_id)}
    for button in ("enable", "make-administrator"):
        answer = cast.operator.post(f"/admin/people/{person}/{button}", data=form)
        assert (answer.status_code, "cannot be taken back" in answer.text) == (409, True)


def test_who_asks_twice_has_asked_once(cast: Cast, session: Session) -> None:
    asks(cast, cast.author)
    assert asks(cast, cast.author).status_code == 303
    assert do_jobs(session) == ["training.erase"]
    assert asks(cast, cast.author, email="whatever@example.org").status_code == 303
    assert do_jobs(session) == []
    assert audited(session).count("accounts.erasure_asked") == 1


def test_an_erasure_that_runs_twice_has_one_effect(cast: Cast, session: Session) -> None:  # R8
    erased(cast, session, cast.author)
    finished = session.scalars(select(Erasure.finished_at)).one()
    jobs.erase(cast.author.actor.user_id)
    session.expire_all()
    assert session.scalars(select(Erasure.finished_at)).one() == finished
    assert audited(session).count("accounts.erased") == 1


def test_whoever_has_the_id_of_somebody_erased_in_another_database_is_left_alone(
    cast: Cast, app: FastAPI, session: Session, storage: Storage
) -> None:  # S103
    storage.put_new(f"erasures/{cast.author.actor.user_id}-1", [b"erased"])
    with TestClient(app):
        assert session.scalars(select(Erasure)).all() == []


def test_a_run_at_work_stops_and_nothing_that_it_tells_or_leaves_is_kept(
    cast: Cast, session: Session, storage: Storage, settings: Settings, version: Version
) -> None:  # S102
    run = began(session, started(cast.admin, version))
    empty_tables(session, cast.author.actor.user_id)
    session.commit()
    service.keep_events(session, run.id, told())
    service.keep_report(session, run, a_report())
    storage.put_new(model_key(run, "model.safetensors"), [b"weights"])
    (settings.runs_root / run.folder).mkdir(parents=True)
    session.commit()
    jobs.clear_if_retired(run)
    session.expire_all()
    assert session.get_one(Run, run.id).status == RunStatus.STOPPING
    assert not session.scalars(select(RunEvent)).all()
    assert not session.scalars(select(Report)).all()
    assert not list(storage.list("runs"))
    assert not list(settings.runs_root.iterdir())
    service.settle(session, run.id, RunStatus.STOPPED)
    session.commit()
    assert cast.admin.post(f"/runs/{run.id}/resume").status_code == 410


def test_a_run_that_was_made_from_one_that_saw_a_text_goes_with_it(  # S102
    cast: Cast, session: Session, storage: Storage, settings: Settings, tmp_path: Path, version: Version
) -> None:
    saw = started(cast.admin, version)
    without = published(cast, session, name="Others", categories="Plan")
    later, led, last, stranger = (started(cast.admin, without) for _ in range(4))
    for before, by, run_id in zip((saw, later, led), MADE_FROM, (later, led, last), strict=True):
        descend(session, before, run_id, by=by)
    session.execute(text("UPDATE procrastinate_jobs SET status = 'succeeded' WHERE status = 'todo'"))
    done(session, storage, last, tmp_path / "model")
    (settings.runs_root / session.get_one(Run, last).folder).mkdir(parents=True)
    assert [run.id for run in learned_from(session, cast.author.actor.user_id).runs] == [saw, later, led, last]
    erased(cast, session, cast.author)
    assert not session.scalars(select(Report)).all()
    assert not list(storage.list("runs"))
    assert not list(settings.runs_root.iterdir())
    assert session.get_one(Run, later).status == RunStatus.STOPPING
    assert session.get_one(Run, stranger).status == RunStatus.QUEUED
    assert cast.reviewer.get(f"/api/v1/runs/{last}/model/model.safetensors").status_code == 410
    assert "was erased, with a person" in cast.reviewer.get(f"/projects/{cast.project.id}/playground?run={last}").text


def test_a_version_that_was_read_before_an_erasure_is_not_listed_after_it(
    cast: Cast, session: Session, storage: Storage
) -> None:  # S102
    approve(session, cast, 20)
    version_id = cast.admin.api("POST", f"/api/v1/datasets/{dataset(cast, session).id}/versions").json()["id"]
    work_of_it = publishing.begin(session, version_id)
    assert work_of_it
    gathered = gather(session, work_of_it.version)
    made = publishing.make(work_of_it, gathered, storage, lambda words: None)
    empty_tables(session, cast.author.actor.user_id)
    with pytest.raises(publishing.SplitsMoved), session.begin_nested():
        publishing.publish(session, version_id, made)
    gathered.spool.close()


def test_a_format_that_was_made_during_an_erasure_goes_too(
    cast: Cast, session: Session, storage: Storage, settings: Settings, version: Version
) -> None:  # S102
    cast.reviewer.post(f"/versions/{version.id}/formats/alpaca")
    empty_tables(session, cast.author.actor.user_id)
    session.commit()
    assert do_jobs(session) == ["datasets.make_format"]
    assert list(storage.list(formats_of(version.id))) == []
    formats = f"/api/v1/versions/{version.id}/formats"
    assert cast.reviewer.get(f"{formats}/alpaca/train.jsonl").status_code == 410
    assert cast.reviewer.post(f"{formats}/parquet").status_code == 410
    assert do_jobs(session) == []


def test_after_an_erasure_history_refuses_changes_as_before(cast: Cast, session: Session) -> None:  # S92
    approve(session, cast, 2)
    empty_tables(session, cast.author.actor.user_id)
    for statement in ("UPDATE revisions SET number = 9", "DELETE FROM reviews"):
        for erasing in ("off", "on"):
            session.execute(text(f"SELECT set_config('penset.erasing', '{erasing}', true)"))
            with pytest.raises(DBAPIError), session.begin_nested():
                session.execute(text(statement))
