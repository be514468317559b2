"""The clock of the web process may jump as it likes: what ends, and in which order, the database says."""

import ast
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app.accounts.attempts import TRIES_ON_AN_ACCOUNT
from app.core.audit import AuditEntry
from app.core.settings import Settings
from app.prompts.models import PromptStatus, Slot
from app.review.models import Decision
from app.review.queries import reviews_of
from tests import factories
from tests.accounts.asking import browser, holding, later, session_of, sign_in
from tests.cast import Cast

ROOT = Path(__file__).resolve().parents[2]
# Who reads this machine's clock, and for what: what a page says of times, and a file of this machine.
READERS = {
    "app/core/web.py": "how long ago something was",
    "app/core/secret.py": "how old a file is, by the clock that wrote it",
    "app/accounts/mail.py": "how a mail in the outbox is called",
    "app/insights/pages.py": "which day is today, for what a page says",
    "app/insights/overview_api.py": "the same for a program",
    "app/review/narrowing.py": "whether what lies on a desk has waited for as long as its reader wants to see",
}
JUMPS = {
    "a day ahead": timedelta(days=1),
    "a day back": timedelta(days=-1),
    "an hour, as in spring": timedelta(hours=1),
}
TRUE_TIME = time.time


class Jumped(datetime):
    """A clock that stands elsewhere."""

    by = timedelta()

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]  # the plain class, as callers know it
        """The time that this machine now believes."""
        return datetime.fromtimestamp(TRUE_TIME(), tz) + cls.by


@pytest.fixture(params=list(JUMPS.values()), ids=list(JUMPS))
def jump(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Lets the clock of this process jump: `jump()` in the test."""
    monkeypatch.setattr(Jumped, "by", request.param)
    yield monkeypatch
    monkeypatch.undo()
    time.tzset()


def let_jump(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on, everything of ours in this process sees another time, in another zone."""
    monkeypatch.setattr(time, "time", lambda: TRUE_TIME() + Jumped.by.total_seconds())
    for name, module in list(sys.modules.items()):
        if name.startswith("app.") and getattr(module, "datetime", None) is datetime:
            monkeypatch.setattr(module, "datetime", Jumped)
    monkeypatch.setenv("TZ", "Pacific/Chatham")
    time.tzset()


def clock_readers() -> set[str]:
    """The files of the site that ask this machine for the time of day."""
    found = set()
    for path in (ROOT / "app").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            asked = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
            if asked in (
                "time.time",
                "time.localtime",
                "datetime.now",
                "datetime.utcnow",
                "datetime.today",
                "date.today",
            ):
                found.add(str(path.relative_to(ROOT)))
    return {path for path in found if not path.startswith(("app/demo/", "app/training/worker/"))}


def test_only_what_shows_times_reads_the_clock_of_this_machine() -> None:  # R26
    assert clock_readers() <= set(READERS)


def test_sessions_end_by_the_time_of_the_database(
    app: FastAPI, cast: Cast, session: Session, settings: Settings, jump: pytest.MonkeyPatch
) -> None:  # R26
    person = cast.author.actor.email
    cookie = browser(app)
    sign_in(cookie, person)
    held = cookie.cookies[settings.cookie_name]
    let_jump(jump)
    assert session_of(holding(app, settings.cookie_name, held)) == 200
    sign_in(cookie := browser(app), person)
    again = cookie.cookies[settings.cookie_name]
    jump.undo()
    assert session_of(holding(app, settings.cookie_name, again)) == 200
    later(session, "sign_ins", "used_at", "12 hours 1 minute")
    assert session_of(holding(app, settings.cookie_name, again)) == 401


def test_tries_are_counted_by_the_time_of_the_database(
    app: FastAPI, cast: Cast, session: Session, jump: pytest.MonkeyPatch
) -> None:  # R26
    person = cast.author.actor.email
    for _ in range(TRIES_ON_AN_ACCOUNT):
        assert sign_in(browser(app), person, "guess guess").status_code == 401
    let_jump(jump)
    refused = sign_in(browser(app), person, "guess guess")
    assert (refused.status_code, 0 < int(refused.headers["retry-after"]) <= 900) == (429, True)
    later(session, "attempts", "window_start", "15 minutes 1 second")
    assert sign_in(browser(app), person, "guess guess").status_code == 401


def test_leases_run_out_by_the_time_of_the_database(
    app: FastAPI, cast: Cast, session: Session, jump: pytest.MonkeyPatch
) -> None:  # R26
    assert cast.admin.user
    minutes, following = cast.project.lease_minutes, app.url_path_for("api.writing.next", project_id=cast.project.id)
    factories.prompt(session, cast.project, cast.admin.user, status=PromptStatus.APPROVED)
    session.commit()
    let_jump(jump)
    assert cast.author.post(following).status_code == 201
    left = session.scalars(select(func.extract("epoch", Slot.lease_expires_at - func.now()))).one()
    assert 0 < left <= minutes * 60
    assert cast.second_author.post(following).status_code == 409
    jump.undo()
    assert cast.second_author.post(following).status_code == 409
    later(session, "slots", "lease_expires_at", f"{minutes + 1} minutes")
    assert cast.second_author.post(following).status_code == 201


def test_the_order_of_what_happened_comes_from_its_sequence(cast: Cast, session: Session) -> None:  # R26
    assert cast.author.user
    assert cast.reviewer.user
    begun = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
    prompt = factories.prompt(session, cast.project, cast.author.user, status=PromptStatus.APPROVED)
    submission = factories.submission(session, prompt, cast.author.user)
    rules = factories.guidelines(session, cast.project, cast.reviewer.user, version=2)
    for number, hour in enumerate((9, 5, 1), 2):  # the database's clock goes back too
        when = begun + timedelta(hours=hour)
        factories.review(
            session, submission, cast.reviewer.user, Decision.CHANGES_REQUESTED, note=f"Note {number}", created_at=when
        )
        factories.revision(session, submission, prompt, rules, number, f"Answer {number}")
        session.add(AuditEntry(at=when, action=f"story.step{number}", subject="story", details={}))
        session.flush()
    submission.current_revision = 4
    session.commit()
    assert [review.note for review in reviews_of(session, submission.id)] == ["Note 2", "Note 3", "Note 4"]
    page = cast.reviewer.get(f"/submissions/{submission.id}").text
    assert page.index("Note 2") < page.index("Note 3") < page.index("Note 4")
    log = cast.operator.get("/admin/audit").text.split("<table")[1]
    assert log.index("story.step4") < log.index("story.step3") < log.index("story.step2")
    assert session.scalar(text("SELECT bool_and(at < now()) FROM audit_log WHERE subject = 'story'"))
