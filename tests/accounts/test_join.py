"""Somebody who was invited joins: by a link that works once, for one account, and is spent by nobody's look."""

import io

import pytest
from fastapi import FastAPI
from sqlalchemy import select, text
from sqlalchemy.orm import Session, sessionmaker

from app.accounts import service
from app.accounts.links import make_link
from app.accounts.models import LinkPurpose, Membership, OneTimeLink, Role, User
from app.core.settings import Settings
from app.core.tokens import token_hash
from tests import factories
from tests.accounts.asking import at_once, audited, later, link_on, session_of, sign_in
from tests.cast import Cast, Client

NEW = {"name": "Nia Newcomer", "password": "a heap of new words"}


def invited_by(client: Client, email: str = "nia@example.org") -> str:
    """The path of the link that this administrator gets for somebody new."""
    form = {"user_id": client.actor.user_id, "email": email, "name": "Nia"}
    answer = client.post("/admin/people", data=form)
    assert answer.status_code == 201
    return link_on(answer.text)


def joins(app: FastAPI, link: str) -> tuple[Client, int]:
    """A browser that opens a link and fills in its form, and the status that it gets."""
    client = Client(app)
    assert client.get(link).status_code == 303
    return client, client.post("/invite", data=NEW).status_code


def test_an_invited_person_chooses_a_name_and_a_password_and_is_in(cast: Cast, app: FastAPI, session: Session) -> None:
    link = invited_by(cast.operator)
    client = Client(app)
    client.get(link)
    page = client.get("/invite")
    assert "Otto Operator" in page.text
    assert 'value="nia@example.org"' in page.text
    answer = client.post("/invite", data=NEW)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert client.get("/api/v1/me").json()["name"] == "Nia Newcomer"
    assert sign_in(Client(app), "nia@example.org", NEW["password"]).status_code == 303
    assert audited(session)[-4:] == ["accounts.invited", "accounts.joined", "accounts.signed_in", "accounts.signed_in"]


def test_a_link_holds_256_bits_of_which_only_the_hash_is_stored(cast: Cast, session: Session) -> None:  # S10
    token = invited_by(cast.operator).removeprefix("/invite/")
    assert len(token) == 43
    link = session.scalars(select(OneTimeLink)).one()
    assert (link.token_hash, link.purpose) == (token_hash(token), LinkPurpose.INVITE)
    assert session.scalars(select(User.email).where(User.id == link.user_id)).one() == "nia@example.org"
    assert token not in str(session.execute(text("SELECT * FROM one_time_links")).all())


@pytest.mark.parametrize(
    ("purpose", "page", "nearly"),
    [
        (LinkPurpose.INVITE, "/invite", "6 days 23 hours 59 minutes"),
        (LinkPurpose.RESET, "/reset", "59 minutes"),
        (LinkPurpose.FIRST_ADMIN, "/first-admin", "59 minutes"),
    ],
)
def test_a_link_is_good_for_its_time(
    purpose: LinkPurpose, page: str, nearly: str, client: Client, session: Session
) -> None:  # S10, S8
    user = None if purpose is LinkPurpose.FIRST_ADMIN else factories.user(session, "Nia")
    if user and purpose is LinkPurpose.INVITE:
        user.password_hash = None
    token = make_link(session, purpose, user_id=user.id if user else None)
    session.commit()
    client.get(f"{page}/{token}")
    later(session, "one_time_links", "expires_at", nearly)
    assert client.get(page).status_code == 200
    later(session, "one_time_links", "expires_at", "2 minutes")
    assert client.get(page).status_code == 410


def test_a_link_is_good_for_its_own_purpose_only(cast: Cast, app: FastAPI) -> None:  # S10
    token = invited_by(cast.operator).removeprefix("/invite/")
    client = Client(app)
    client.get(f"/reset/{token}")
    assert client.get("/reset").status_code == 410
    assert client.post("/reset", data={"password": NEW["password"]}).status_code == 410


def test_a_used_link_answers_with_a_page_that_says_what_to_do(cast: Cast, app: FastAPI) -> None:  # S11
    link = invited_by(cast.operator)
    assert joins(app, link)[1] == 303
    late, status = joins(app, link)
    assert status == 410
    assert session_of(late) == 401
    assert "ask the person who invited you for a new one" in late.get("/invite").text


def test_who_only_looks_spends_nothing(cast: Cast, app: FastAPI) -> None:  # S11
    link = invited_by(cast.operator)
    scanner = Client(app)
    for _ in range(3):
        scanner.get(link)
        scanner.get("/invite")
        scanner.head(link)
    assert joins(app, link)[1] == 303


def test_of_two_who_join_at_once_by_one_link_one_is_in(
    committing_app: FastAPI, committing: sessionmaker[Session], settings: Settings
) -> None:  # S11
    with committing.begin() as session:
        user = factories.user(session, "Nia", password_hash=None)
        token = make_link(session, LinkPurpose.INVITE, user_id=user.id)
    cookie = {"Cookie": f"{settings.cookie_name}-invite={token}"}
    requests = [(f"192.0.2.{n}", "/invite", {"data": NEW, "headers": cookie}) for n in range(4)]
    statuses = sorted(answer.status_code for answer in at_once(committing_app, requests))
    assert statuses == [303, 410, 410, 410]


def test_the_page_of_a_link_has_an_address_without_the_token(client: Client, session: Session) -> None:  # S14
    user = factories.user(session, "Nia", password_hash=None)
    token = make_link(session, LinkPurpose.INVITE, user_id=user.id)
    session.commit()
    opened = client.get(f"/invite/{token}")
    assert opened.headers["location"] == "/invite"
    assert opened.headers["referrer-policy"] == "same-origin"
    cookie = opened.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "Max-Age=1800" in cookie
    page = client.get("/invite")
    assert token not in page.text
    assert "http://" not in page.text.replace("http://www.w3.org", "")
    assert "https://" not in page.text


def test_the_token_of_a_link_reaches_no_log(client: Client, session: Session, log: io.StringIO) -> None:  # S14
    user = factories.user(session, "Nia", password_hash=None)
    token = make_link(session, LinkPurpose.INVITE, user_id=user.id)
    session.commit()
    client.get(f"/invite/{token}")
    client.post("/invite", data=NEW)
    logged = log.getvalue()
    assert '"route": "accounts.invite"' in logged
    assert token not in logged
    assert "nia@example.org" not in logged


def test_the_host_of_a_link_is_the_configured_one(cast: Cast) -> None:  # S13
    form = {"user_id": cast.operator.actor.user_id, "email": "nia@example.org", "name": "Nia"}
    forged = {"X-Forwarded-Host": "evil.test", "Forwarded": "host=evil.test"}
    answer = cast.operator.post("/admin/people", data=form, headers=forged)
    assert "http://testserver/invite/" in answer.text
    assert "evil.test" not in answer.text
    assert cast.operator.post("/admin/people", data=form, headers={"Host": "evil.test"}).status_code == 400


def test_an_invitation_answers_alike_for_a_known_and_an_unknown_address(cast: Cast) -> None:  # S3
    operator = cast.operator
    answers = []
    for email in ("unknown@example.org", "ann.author@example.org"):
        form = {"user_id": operator.actor.user_id, "email": email, "name": "Somebody"}
        answers.append(operator.post("/admin/people", data=form))
    assert [answer.status_code for answer in answers] == [201, 201]
    assert all(link_on(answer.text) for answer in answers)


def test_the_link_of_a_known_account_leads_to_the_sign_in_only(cast: Cast, app: FastAPI) -> None:
    link = invited_by(cast.operator, "ann.author@example.org")
    client, status = joins(app, link)
    assert "Sign in with it" in client.get("/invite").text
    assert status == 410
    assert sign_in(Client(app), "ann.author@example.org").status_code == 303


def test_a_project_s_administrator_invites_and_an_annotator_does_not(cast: Cast, session: Session) -> None:
    user, token = service.invite(session, cast.admin.actor, email="nia@example.org", name="Nia")
    assert service.invited_by(session, token)[0] == user
    with pytest.raises(Exception, match="may_not_invite"):
        service.invite(session, cast.author.actor, email="other@example.org", name="Other")


def test_an_invitation_is_no_way_into_somebody_else_s_project(cast: Cast, session: Session) -> None:  # S50
    """P's administrator must not join as somebody who was brought into Q before they came."""
    user, token = service.invite(session, cast.admin.actor, email="nia@example.org", name="Nia")
    factories.member(session, cast.other_project, user, Role.REVIEWER)
    assert service.invited_by(session, token)[0] is None
    _, again = service.invite(session, cast.admin.actor, email="nia@example.org", name="Nia")
    assert service.invited_by(session, again)[0] is None
    _, by_operator = service.invite(session, cast.operator.actor, email="nia@example.org", name="Nia")
    assert service.invited_by(session, by_operator)[0] == user


def test_nobody_gets_a_link_to_an_account_that_another_invited(cast: Cast, session: Session) -> None:
    service.invite(session, cast.operator.actor, email="nia@example.org", name="Nia")
    _, token = service.invite(session, cast.admin.actor, email="nia@example.org", name="Nia")
    assert service.invited_by(session, token)[0] is None


def test_the_queue_holds_no_token(cast: Cast, session: Session) -> None:
    token = invited_by(cast.operator).removeprefix("/invite/")
    queued = session.execute(text("SELECT task_name, args::text FROM procrastinate_jobs")).all()
    assert [row[0] for row in queued] == ["accounts.send_mail"]
    assert token not in queued[0][1]
    assert "nia" not in queued[0][1]


def test_members_keep_their_place_when_they_join(cast: Cast, session: Session, app: FastAPI) -> None:
    user, token = service.invite(session, cast.admin.actor, email="nia@example.org", name="Nia")
    factories.member(session, cast.project, user, Role.ANNOTATOR)
    session.commit()
    client, status = joins(app, f"/invite/{token}")
    assert status == 303
    assert client.get("/api/v1/me").json()["roles"] == {str(cast.project.id): "annotator"}
    assert session.scalars(select(Membership.role).where(Membership.user_id == user.id)).one() is Role.ANNOTATOR
