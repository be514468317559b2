"""The people of an installation: who runs it invites, disables, raises; nobody else does, and never the last one."""

import pytest
from fastapi import FastAPI
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from app.accounts import people
from app.accounts.actor import Actor
from app.accounts.models import User
from app.core.errors import Conflict
from app.prompts.models import PromptStatus, Slot
from app.writing.models import Assignment, Draft
from tests import factories
from tests.accounts.asking import audited, browser, link_on, session_of, sign_in
from tests.accounts.test_tokens import asks_with, secret_of
from tests.cast import Cast, Client


def presses(client: Client, person: Client, button: str) -> int:
    """The status of what somebody does to somebody."""
    path = f"/admin/people/{person.actor.user_id}/{button}"
    return client.post(path, data={"user_id": str(client.actor.user_id)}).status_code


BUTTONS = ("disable", "enable", "make-administrator", "withdraw-administrator", "link")


def test_only_who_runs_the_installation_sees_its_people(cast: Cast) -> None:
    page = cast.operator.get("/admin/people")
    assert page.status_code == 200
    assert "Ann Author" in page.text
    person = cast.author.actor.user_id
    for client in (cast.author, cast.reviewer, cast.admin, cast.outsider):
        for path in ("/admin/people", f"/admin/people/{person}", "/admin/people/999999"):
            answer = client.get(path)
            assert answer.status_code == 403
            assert "Ben Author" not in answer.text


@pytest.mark.parametrize("button", BUTTONS)
def test_only_who_runs_the_installation_changes_its_people(button: str, cast: Cast, session: Session) -> None:  # S50
    before = [act for act in audited(session) if act != "access.refused"]
    for client in (cast.author, cast.reviewer, cast.admin, cast.outsider):
        assert presses(client, cast.author, button) == 403
        assert presses(client, client, button) == 403
    assert [act for act in audited(session) if act != "access.refused"] == before


def test_a_project_s_administrator_invites_nobody_on_the_installation_s_page(cast: Cast, session: Session) -> None:
    form = {"user_id": str(cast.admin.actor.user_id), "email": "nia@example.org", "name": "Nia"}
    assert cast.admin.post("/admin/people", data=form).status_code == 403
    assert session.scalar(select(User).where(User.email == "nia@example.org")) is None


def test_disabling_ends_sessions_and_tokens_and_gives_leases_back_but_keeps_drafts(
    cast: Cast, app: FastAPI, session: Session
) -> None:  # S22
    author = cast.author.actor.user_id
    prompt = factories.prompt(session, cast.project, session.get_one(User, author), status=PromptStatus.APPROVED)
    slot = session.scalars(select(Slot)).one()
    slot.lease_holder_id, slot.lease_expires_at = author, func.now() + func.make_interval(0, 0, 0, 0, 1)
    assignment = factories.stored(
        session, Assignment(project_id=cast.project.id, writer_id=author, prompt_id=prompt.id, slot_id=slot.id)
    )
    factories.stored(session, Draft(assignment_id=assignment.id, messages=factories.answered("half a sen")))
    session.commit()
    secret = secret_of(cast.author)
    assert presses(cast.operator, cast.author, "disable") == 303
    assert session_of(cast.author) == 401
    assert asks_with(app, secret).status_code == 401
    assert sign_in(browser(app), "ann.author@example.org").status_code == 401
    session.expire_all()
    assert session.scalars(select(Slot.lease_holder_id)).all() == [None]
    assert session.scalars(select(Draft.messages)).all() == [factories.answered("half a sen")]
    assert "accounts.disabled" in audited(session)


def test_who_is_enabled_again_signs_in_anew_and_without_the_old_tokens(cast: Cast, app: FastAPI) -> None:  # S22
    secret = secret_of(cast.author)
    presses(cast.operator, cast.author, "disable")
    assert presses(cast.operator, cast.author, "disable") == 409
    assert presses(cast.operator, cast.author, "enable") == 303
    assert presses(cast.operator, cast.author, "enable") == 409
    assert session_of(cast.author) == 401
    assert asks_with(app, secret).status_code == 401
    assert sign_in(browser(app), "ann.author@example.org").status_code == 303


def test_the_page_of_who_is_disabled_tells_what_was_done_and_what_enabling_does(cast: Cast) -> None:
    here = f"/admin/people/{cast.author.actor.user_id}"
    before = cast.operator.get(here).text
    presses(cast.operator, cast.author, "disable")
    after = cast.operator.get(here).text
    assert "Disabling signs them out everywhere" in before
    assert "Disabling" not in after
    assert "Enabled, they sign in as before" in after


def test_a_new_administrator_signs_in_anew(cast: Cast, app: FastAPI, session: Session) -> None:  # S19
    assert presses(cast.operator, cast.author, "make-administrator") == 303
    assert session_of(cast.author) == 401
    raised = browser(app)
    sign_in(raised, "ann.author@example.org")
    assert raised.get("/admin/people").status_code == 200
    assert presses(cast.operator, cast.author, "make-administrator") == 409
    assert presses(cast.operator, cast.author, "withdraw-administrator") == 303
    assert session_of(raised) == 401
    assert [act for act in audited(session) if "administrator" in act] == [
        "accounts.administrator_made",
        "accounts.administrator_withdrawn",
    ]


@pytest.mark.parametrize("button", ["disable", "withdraw-administrator"])
def test_the_last_administrator_stays_one(button: str, cast: Cast, session: Session) -> None:  # S50
    assert presses(cast.operator, cast.operator, button) == 409
    factories.user(session, "Off Admin", is_admin=True, disabled_at=func.now())
    factories.user(session, "Invited Admin", is_admin=True, password_hash=None)
    session.commit()
    assert presses(cast.operator, cast.operator, button) == 409
    factories.user(session, "Other Admin", is_admin=True)
    session.commit()
    assert presses(cast.operator, cast.operator, button) == 303


def test_two_administrators_who_withdraw_each_other_at_once_leave_one(committing: sessionmaker[Session]) -> None:
    with committing.begin() as session:  # S50
        ids = [factories.user(session, f"Admin {n}", is_admin=True).id for n in range(2)]
    actors = [Actor(user_id=one, name="Admin", is_admin=True) for one in ids]
    first, second = committing(), committing()
    with first, second:
        people.withdraw_administrator(first, actors[0], ids[1])
        first.commit()
        with pytest.raises(Conflict, match="last_administrator"):
            people.withdraw_administrator(second, actors[1], ids[0])


def test_a_link_is_made_for_whoever_needs_one(cast: Cast, session: Session) -> None:
    operator = {"user_id": str(cast.operator.actor.user_id)}
    reset = cast.operator.post(f"/admin/people/{cast.author.actor.user_id}/link", data=operator)
    assert reset.status_code == 201
    assert link_on(reset.text).startswith("/reset/")
    newcomer = factories.user(session, "Nia", password_hash=None)
    off = factories.user(session, "Off Person", disabled_at=func.now())
    session.commit()
    invitation = cast.operator.post(f"/admin/people/{newcomer.id}/link", data=operator)
    assert link_on(invitation.text).startswith("/invite/")
    assert cast.operator.post(f"/admin/people/{off.id}/link", data=operator).status_code == 409


def test_a_long_list_goes_on_at_the_next_page(cast: Cast, session: Session) -> None:
    for number in range(25):
        factories.user(session, f"Person {number:02}")
    session.commit()
    first = cast.operator.get("/admin/people").text
    assert "Person 24" in first
    assert "Ann Author" not in first
    (older,) = [part.split('"')[0] for part in first.split('href="')[1:] if part.startswith("/admin/people?cursor=")]
    assert "Ann Author" in cast.operator.get(older).text
    assert cast.operator.get(f"{older}x").status_code == 422
