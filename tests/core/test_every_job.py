"""Each job of ours, done twice, has one effect: the table of where that is shown, and what no room shows itself."""

import ast
import asyncio
from datetime import timedelta
from pathlib import Path

from procrastinate.testing import InMemoryConnector
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app.core.idempotency import GivenAnswer
from app.core.storage import Storage
from app.core.sweep import forget_answers
from app.core.tasks import jobs
from app.core.worker import rescue
from app.datasets.models import Version
from app.training.jobs import train
from app.training.models import Run, RunEvent
from tests.cast import Cast
from tests.factories import stored
from tests.training.made import done, started

ROOT = Path(__file__).resolve().parents[2]
# A job that is not here fails the build: who adds one shows that it may run twice, in a row and at once.
TWICE = {
    "accounts.mail_notices": "tests/accounts/test_digests.py::test_what_was_mailed_is_not_mailed_again",
    "accounts.send_mail": "tests/accounts/test_jobs.py::test_a_letter_that_is_sent_twice_lets_somebody_in_once",
    "accounts.tidy": "tests/accounts/test_jobs.py::test_what_has_ended_goes_however_often_the_job_runs",
    "core.forget_answers": "tests/core/test_every_job.py::test_answers_of_yesterday_are_forgotten_however_often",
    "core.rescue_jobs": "tests/core/test_every_job.py::test_a_rescue_with_nothing_left_to_rescue_changes_nothing",
    "datasets.make_format": "tests/datasets/formats/test_formats.py::test_a_job_that_runs_twice_makes_a_format_once",
    "datasets.publish": "tests/faults/test_publish_twice.py::test_the_same_job_three_times_at_once_has_one_effect",
    "preferences.generate": "tests/preferences/test_generate.py::"
    "test_after_a_kill_the_retry_ends_with_each_answer_once",
    "preferences.make": "tests/preferences/test_make.py::test_a_set_is_made_by_a_job_all_at_once_and_its_page_says_so",
    "preferences.end_lost": "tests/preferences/test_make.py::test_what_passes_is_tried_again_until_no_job_is_left",
    "preferences.renew_figures": "tests/preferences/test_index.py::"
    "test_the_job_keeps_the_figures_and_puts_open_pairs_in_order",
    "prompts.remember": "tests/prompts/test_fingerprints.py::test_a_job_that_runs_twice_keeps_one_fingerprint",
    "prompts.remember_all": "tests/prompts/test_fingerprints.py::test_a_job_that_runs_twice_keeps_one_fingerprint",
    "datasets.push_to_hub": "tests/datasets/push/test_hub.py::test_the_same_version_again_makes_no_second_commit",
    "review.settle": "tests/review/deciding/test_undo.py::test_when_the_time_is_over_the_job_carries_it_out_once",
    "review.settle_due": "tests/review/deciding/test_undo.py::test_a_lost_job_leaves_no_decision_hanging",
    "writing.remember": "tests/writing/test_likeness.py::test_a_job_that_runs_twice_keeps_one_fingerprint",
    "writing.withdraw_all": "tests/writing/test_take_consent_back.py::"
    "test_killed_in_between_the_next_try_goes_on_and_counts_each_once",
    "writing.remember_all": "tests/writing/test_likeness.py::test_a_job_that_runs_twice_keeps_one_fingerprint",
    "training.erase": "tests/training/test_erase.py::test_an_erasure_that_runs_twice_has_one_effect",
    "training.put_silent_back": "tests/training/test_show.py::"
    "test_a_run_of_which_nobody_has_heard_for_two_minutes_waits_for_a_trainer",
    "training.train": "tests/core/test_every_job.py::test_a_run_that_is_done_is_not_done_again",
}
# A job that makes something in several steps is killed between them. The others are one transaction, or one letter.
KILLED = {
    "datasets.make_format": "tests/faults/test_format_killed.py::test_after_a_kill_the_retry_ends_with_the_same_files",
    "datasets.publish": "tests/faults/test_publish_killed.py::"
    "test_after_a_kill_the_retry_ends_with_one_version_of_the_same_number_and_bytes",
    "datasets.push_to_hub": "tests/datasets/push/test_hub.py::"
    "test_after_a_kill_between_the_files_the_next_push_is_whole",
    "preferences.generate": "tests/preferences/test_generate.py::"
    "test_after_a_kill_the_retry_ends_with_each_answer_once",
    "training.erase": "tests/faults/test_erase_killed.py::test_after_a_kill_the_next_try_removes_everything",
    "writing.withdraw_all": "tests/writing/test_take_consent_back.py::"
    "test_killed_in_between_the_next_try_goes_on_and_counts_each_once",
    "training.train": "tests/training/test_launch.py::"
    "test_a_worker_left_by_a_dead_trainer_is_ended_before_another_begins",
}
ONE_STEP = {
    "accounts.mail_notices", "accounts.send_mail", "accounts.tidy", "core.forget_answers", "core.rescue_jobs",
    "preferences.end_lost", "preferences.make", "preferences.renew_figures", "prompts.remember", "prompts.remember_all",
    "review.settle", "review.settle_due", "training.put_silent_back", "writing.remember", "writing.remember_all",
}  # fmt: skip


def test_every_job_stands_in_the_table() -> None:  # R8
    jobs.perform_import_paths()  # type: ignore[no-untyped-call]
    ours = {name for name in jobs.tasks if not name.startswith("builtin:")}
    kept = {name for name in ours if jobs.tasks[name].func.__module__.startswith("app.")}
    assert kept == set(TWICE)
    assert kept == ONE_STEP | set(KILLED)


def test_every_proof_of_the_table_is_a_test() -> None:  # R8
    for proof in (*TWICE.values(), *KILLED.values()):
        path, name = proof.split("::")
        tree = ast.parse((ROOT / path).read_text("utf-8"))
        assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, proof


def test_answers_of_yesterday_are_forgotten_however_often(cast: Cast, session: Session) -> None:  # R8
    for key, age in (("old", timedelta(days=1, minutes=1)), ("new", timedelta(hours=23))):
        answer = GivenAnswer(user_id=1, key=key, request_hash=b"", status=200, body="", created_at=func.now() - age)
        stored(session, answer)
    session.commit()
    for _ in range(2):
        forget_answers(timestamp=0)
        assert session.scalars(select(GivenAnswer.key)).all() == ["new"]


def test_a_rescue_with_nothing_left_to_rescue_changes_nothing() -> None:  # R8
    with jobs.replace_connector(InMemoryConnector()) as app:
        assert [asyncio.run(rescue(app)) for _ in range(2)] == [0, 0]


def test_a_run_that_is_done_is_not_done_again(
    cast: Cast, session: Session, storage: Storage, tmp_path: Path, first_version: Version
) -> None:  # R8
    run_id = started(cast.admin, first_version)
    assert session.scalar(text("SELECT lock FROM procrastinate_jobs ORDER BY id DESC LIMIT 1")) == f"run-{run_id}"
    done(session, storage, run_id, tmp_path / "model")
    before = told(session, run_id)
    train(run_id=run_id)
    assert told(session, run_id) == before


def told(session: Session, run_id: int) -> tuple[object, ...]:
    """What is stored of a run."""
    session.expire_all()
    run = session.get_one(Run, run_id)
    events = session.scalar(select(func.count()).select_from(RunEvent).where(RunEvent.run_id == run_id))
    return run.status, run.started_at, run.heartbeat_at, events
