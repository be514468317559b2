"""What do I agree to when I write here? Asked once, before a word is written, and again when it changes."""

from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from app.accounts.models import Role
from app.accounts.sign_ins import actor_for
from app.core.errors import Conflict
from app.projects import consents, service
from app.projects.models import Consent, Project
from app.prompts.models import PromptStatus
from app.review.deciding.wishes import Wish, weigh
from app.review.models import Decision
from app.writing.service import hand_in, save_draft, start_pair, take_next
from tests import factories
from tests.cast import Cast, Client
from tests.projects.conftest import Forms
from tests.projects.races import at_once
from tests.world import people

TERMS = "I wrote this myself.\n  Nobody paid me to. \n"


@pytest.fixture
def asks(cast: Cast, session: Session) -> Cast:
    """The project asks for consent under a licence."""
    service.change_settings(
        session, cast.admin.actor, cast.project.id, consent_text=TERMS, licence="CC-BY-4.0", language="en"
    )
    session.commit()
    return cast


def accepted(client: Client, here: str) -> Any:
    """Somebody accepts the text as the API gives it to them."""
    mark = client.get(f"/api/v1{here}/consent").json()["mark"]
    return client.api("POST", f"/api/v1{here}/consent", shown=mark)


def given(session: Session, cast: Cast) -> list[Consent]:
    """Everything that was accepted in the project."""
    return list(session.scalars(select(Consent).where(Consent.project_id == cast.project.id).order_by(Consent.id)))


def test_a_project_without_a_text_asks_nobody(cast: Cast, here: str) -> None:
    assert "asks for no consent" in cast.author.get(f"{here}/consent").text
    assert cast.author.api("POST", f"/api/v1{here}/prompts", prompt="Why?").status_code == 201
    assert cast.author.api("POST", f"/api/v1{here}/consent", shown="x").status_code == 409


def test_the_very_text_and_licence_are_remembered_once(asks: Cast, here: str, session: Session) -> None:
    assert accepted(asks.author, here).json()["wanted"] is False
    assert accepted(asks.author, here).status_code == 200
    consent = given(session, asks)
    assert [(one.text, one.licence) for one in consent] == [(TERMS, "CC-BY-4.0")]


def test_the_page_shows_text_and_licence_and_leads_back_to_work(asks: Cast, forms: Forms, here: str) -> None:
    page = asks.author.get(f"{here}/consent?next=/write/7").text
    assert "Nobody paid me to. \n" in page
    assert "CC-BY-4.0" in page
    mark = asks.author.get(f"/api/v1{here}/consent").json()["mark"]
    answer = forms.post(asks.author, f"{here}/consent", shown=mark, next="/write/7")
    assert (answer.status_code, answer.headers["location"]) == (303, "/write/7")
    assert "You accepted this" in asks.author.get(f"{here}/consent").text


def test_the_way_back_leads_nowhere_else(asks: Cast, forms: Forms, here: str) -> None:  # S32
    mark = asks.author.get(f"/api/v1{here}/consent").json()["mark"]
    for foreign in ("https://evil.example/", "//evil.example", "/\\evil.example"):
        answer = forms.post(asks.author, f"{here}/consent", shown=mark, next=foreign)
        assert answer.headers["location"] == "/"


def test_no_writing_verb_goes_on_without_it(asks: Cast, here: str, session: Session) -> None:
    begun = factories.prompt(session, asks.project, people(asks.admin), status=PromptStatus.APPROVED)
    draft = factories.assignment(session, begun, people(asks.author), "It scatters light.")
    factories.prompt(session, asks.project, people(asks.admin), "Why is grass green?", status=PromptStatus.APPROVED)
    session.commit()
    requests: list[tuple[str, dict[str, Any]]] = [
        (f"/api/v1{here}/assignments", {}),
        (f"/api/v1{here}/prompts", {"prompt": "Why?"}),
        (f"/api/v1{here}/pairs", {"prompt_messages": factories.asked("Why?"), "messages": factories.answered("So.")}),
        (f"/api/v1/assignments/{draft.id}/hand-in", {"draft_revision": 1}),
    ]
    for path, body in requests:
        refusal = asks.author.api("POST", path, **body)
        problem = refusal.json()
        assert (refusal.status_code, problem["type"]) == (409, "/errors/projects.consent_needed"), path
        assert problem["consent"] == f"{here}/consent"
    accepted(asks.author, here)
    assert [asks.author.api("POST", path, **body).status_code for path, body in requests] == [201] * 4


def test_a_begun_pair_is_not_gone_on_with_either(asks: Cast, cast: Cast, session: Session) -> None:
    service.change_settings(session, cast.admin.actor, cast.project.id, consent_text="")
    start_pair(session, cast.author.actor, cast.project.id)
    service.change_settings(session, cast.admin.actor, cast.project.id, consent_text=TERMS)
    with pytest.raises(Conflict, match="consent_needed"):
        start_pair(session, cast.author.actor, cast.project.id)


def test_who_presses_write_is_led_to_the_page_and_back(asks: Cast, forms: Forms, here: str) -> None:
    for path in (f"{here}/write/next", f"{here}/write/pair"):
        answer = forms.post(asks.author, path)
        assert (answer.status_code, answer.headers["location"].split("?")[0]) == (303, f"{here}/consent")


def test_who_wants_to_propose_is_asked_before_a_word_is_typed(asks: Cast, here: str) -> None:
    answer = asks.author.get(f"{here}/prompts/propose")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{here}/consent?next={here}/prompts/propose")
    accepted(asks.author, here)
    assert asks.author.get(f"{here}/prompts/propose").status_code == 200


def test_a_prompt_that_was_typed_stays_in_its_form(asks: Cast, here: str) -> None:
    sent = {"user_id": people(asks.author).id, "prompt": "A long thought"}
    refusal = asks.author.post(f"{here}/prompts/propose", data=sent, headers={"HX-Request": "true"})
    assert refusal.status_code == 409
    assert f'<a href="{here}/consent">' in refusal.text


def test_a_draft_is_kept_while_its_writer_is_asked(asks: Cast, forms: Forms, here: str, session: Session) -> None:
    begun = factories.prompt(session, asks.project, people(asks.admin), status=PromptStatus.APPROVED)
    draft = factories.assignment(session, begun, people(asks.author), "It scatters.")
    session.commit()
    refusal = forms.post(asks.author, f"/write/{draft.id}", response="It scatters blue light.", revision="1")
    assert refusal.status_code == 409
    assert f"{here}/consent?next=/write/{draft.id}" in refusal.text
    kept = asks.author.get(f"/api/v1/assignments/{draft.id}/draft").json()
    assert kept["messages"][-1]["content"] == "It scatters blue light."


@pytest.mark.parametrize("change", [{"consent_text": "Another."}, {"licence": "CC0-1.0"}])
def test_it_is_asked_again_when_text_or_licence_change(
    asks: Cast, here: str, session: Session, change: dict[str, str]
) -> None:
    accepted(asks.author, here)
    service.change_settings(session, asks.admin.actor, asks.project.id, **change)
    session.commit()
    assert asks.author.api("POST", f"/api/v1{here}/prompts", prompt="Why?").status_code == 409
    assert "It has changed since you accepted it" in asks.author.get(f"{here}/consent").text
    accepted(asks.author, here)
    assert asks.author.api("POST", f"/api/v1{here}/prompts", prompt="Why?").status_code == 201
    assert len(given(session, asks)) == 2


def test_a_text_that_changed_under_the_reader_is_not_accepted(
    asks: Cast, forms: Forms, here: str, session: Session
) -> None:  # R20
    mark = asks.author.get(f"/api/v1{here}/consent").json()["mark"]
    service.change_settings(session, asks.admin.actor, asks.project.id, consent_text="And I pay for it.")
    session.commit()
    refusal = forms.post(asks.author, f"{here}/consent", shown=mark)
    assert refusal.status_code == 409
    assert "Please read it again" in refusal.text
    assert given(session, asks) == []


def test_a_consent_can_be_neither_altered_nor_taken_away(asks: Cast, here: str, session: Session) -> None:
    accepted(asks.author, here)
    for change in ("UPDATE consents SET text = 'x'", "DELETE FROM consents"):
        with pytest.raises(DBAPIError), session.begin_nested():
            session.execute(text(change))


def test_an_outsider_has_nothing_to_accept(asks: Cast, here: str) -> None:  # S43
    assert asks.outsider.get(f"{here}/consent").status_code == 404
    assert asks.outsider.api("POST", f"/api/v1{here}/consent", shown="x").status_code == 404


def test_two_clicks_at_once_are_one_consent(own_sessions: sessionmaker[Session]) -> None:
    project_id, writer = asked_in(own_sessions)
    at_once(own_sessions, *[lambda session: consents.accept(session, actor_for(session, writer), project_id)] * 2)
    with own_sessions() as session:
        assert len(session.scalars(select(Consent)).all()) == 1


def test_who_accepts_while_the_text_changes_has_accepted_one_of_the_two(own_sessions: sessionmaker[Session]) -> None:
    project_id, writer = asked_in(own_sessions)
    with own_sessions() as session:
        project = session.get_one(Project, project_id)
        mark, admin = consents.mark_of(project), project.created_by

    def change(session: Session) -> None:
        actor = actor_for(session, session.get_one(type(writer), admin))
        service.change_settings(session, actor, project_id, consent_text="Another.")

    refused = at_once(
        own_sessions,
        lambda session: consents.accept(session, actor_for(session, writer), project_id, shown=mark),
        change,
    )
    with own_sessions() as session:
        kept = session.scalars(select(Consent)).all()
        assert [one.text for one in kept] == ([] if refused else [TERMS])
        assert {error.code for error in refused} <= {"projects.consent_changed"}


def asked_in(sessions: sessionmaker[Session]) -> tuple[int, Any]:
    """A project that asks for consent, and somebody who writes in it."""
    with sessions.begin() as session:
        project = factories.project(session, factories.user(session, "Ada Admin"), consent_text=TERMS)
        writer = factories.user(session, "Ann Author")
        factories.member(session, project, writer, Role.ANNOTATOR)
        return project.id, writer


def test_a_reviewer_whose_words_go_in_is_asked_too(asks: Cast, session: Session) -> None:
    prompt = factories.prompt(session, asks.project, people(asks.admin), status=PromptStatus.APPROVED)
    waiting = factories.submission(session, prompt, people(asks.author), "It scaters.")
    ratings, better = {"helpful": 4, "correct": 5}, factories.answered("It scatters.")
    plain = Wish(Decision.APPROVED, 1, ratings)
    assert weigh(session, asks.reviewer.actor, waiting.id, plain).wish == plain
    edited = Wish(Decision.APPROVED, 1, ratings, edited=better)
    with pytest.raises(Conflict, match="consent_needed"):
        weigh(session, asks.reviewer.actor, waiting.id, edited)
    consents.accept(session, asks.reviewer.actor, asks.project.id)
    assert weigh(session, asks.reviewer.actor, waiting.id, edited).wish == edited


def test_the_verbs_of_writing_refuse_without_a_door(asks: Cast, session: Session) -> None:
    author = asks.author.actor
    with pytest.raises(Conflict, match="consent_needed"):
        take_next(session, author, asks.project.id)
    consents.accept(session, author, asks.project.id)
    pair = start_pair(session, author, asks.project.id)
    asked, answer = factories.asked("Why?"), factories.answered("So.")
    saved = save_draft(session, author, pair.id, prompt_messages=asked, messages=answer, revision=0)
    assert hand_in(session, author, pair.id, draft_revision=saved.revision).current_revision == 1
