"""An administrator archives a project: nothing new is written or proposed there until it is taken up again."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.audit import AuditEntry
from app.prompts.models import Prompt, PromptStatus
from tests import factories
from tests.cast import Cast
from tests.projects.conftest import Forms
from tests.world import people
from tests.writing import work

HEARD = "This project is archived. Nothing more is written in it until an administrator takes it up again."
LINE = b'{"prompt": "What is asked?", "response": "That.", "source": "ours", "licence": "MIT"}\n'


@pytest.fixture
def asked(cast: Cast, session: Session) -> Prompt:
    """A prompt that is open to writers."""
    return work.ask(session, cast)


def archive(cast: Cast) -> None:
    """By the API, as the administrator."""
    assert cast.admin.post(f"/api/v1/projects/{cast.project.id}/archive").status_code == 200


def acts(session: Session) -> list[str]:
    """What the audit log says of it."""
    noted = select(AuditEntry.action).where(AuditEntry.action.in_(["projects.archived", "projects.taken_up"]))
    return list(session.scalars(noted.order_by(AuditEntry.id)))


def type_of(answer: object) -> tuple[int, str]:
    """Status and code of a refusal by the API."""
    return answer.status_code, answer.json()["type"].removeprefix("/errors/")  # type: ignore[attr-defined]


def test_an_admin_archives_the_project_and_takes_it_up_again_under_settings(
    cast: Cast, forms: Forms, here: str, session: Session
) -> None:
    assert "Yes, archive the project" in cast.admin.get(f"{here}/settings").text
    assert forms.post(cast.admin, f"{here}/archive").headers["location"].endswith(f"{here}/settings")
    assert cast.admin.get(f"/api/v1{here}").json()["archived_at"]
    assert "Take the project up again" in cast.admin.get(f"{here}/settings").text
    assert forms.post(cast.admin, f"{here}/take-up").status_code == 303
    assert cast.admin.get(f"/api/v1{here}").json()["archived_at"] is None
    assert acts(session) == ["projects.archived", "projects.taken_up"]


def test_twice_is_once(cast: Cast, here: str, session: Session) -> None:
    first, again = (cast.admin.post(f"/api/v1{here}/archive").json()["archived_at"] for _ in range(2))
    assert first == again is not None
    assert [cast.admin.post(f"/api/v1{here}/take-up").json()["archived_at"] for _ in range(2)] == [None, None]
    assert acts(session) == ["projects.archived", "projects.taken_up"]


@pytest.mark.parametrize("act", ["archive", "take-up"])
def test_nobody_but_an_admin_does_it(cast: Cast, forms: Forms, here: str, session: Session, act: str) -> None:
    for person in (cast.author, cast.reviewer):
        assert forms.post(person, f"{here}/{act}").status_code == 403
        assert type_of(person.post(f"/api/v1{here}/{act}")) == (403, "projects.not_to_archive")
    for person in (cast.outsider, cast.operator):
        assert forms.post(person, f"{here}/{act}").status_code == 404
        assert person.post(f"/api/v1{here}/{act}").status_code == 404
    assert acts(session) == []


def test_nobody_takes_a_prompt_or_begins_a_pair(cast: Cast, here: str, asked: Prompt) -> None:
    begun = work.post(cast.author, f"{here}/write/pair")
    archive(cast)
    for path in ("next", "pair"):
        answer = work.post(cast.author, f"{here}/write/{path}")
        assert (path, answer.status_code, HEARD in answer.text) == (path, 403, True)
    pair = {"prompt_messages": factories.asked("What?"), "messages": factories.answered("That.")}
    for sent in (
        cast.author.post(f"/api/v1{here}/assignments"),
        cast.author.api("POST", f"/api/v1{here}/pairs", **pair),
    ):
        assert type_of(sent) == (403, "writing.project_archived")
    assert cast.author.get(begun.headers["location"]).status_code == 200


def test_an_open_draft_is_read_and_saved_and_its_hand_in_is_refused_with_the_text_kept(
    cast: Cast, here: str, asked: Prompt
) -> None:
    taken = work.take(cast.author, cast)
    archive(cast)
    assert work.save(cast.author, taken, "Because").status_code == 200
    sent = work.post(cast.author, f"/write/{taken}", response="Because of the air.", revision="1")
    assert (sent.status_code, HEARD in sent.text, "Your draft is kept." in sent.text) == (403, True, True)
    assert work.stored(cast.author, taken)["messages"] == work.turns("Because of the air.")
    assert type_of(work.hand_in(cast.author, taken, 2)) == (403, "writing.project_archived")
    cast.admin.post(f"/api/v1{here}/take-up")
    assert work.hand_in(cast.author, taken, 2).status_code == 201


def test_what_was_handed_in_is_not_recalled(cast: Cast, asked: Prompt) -> None:
    submission = work.written(cast.author, cast, "Because of the air.")
    archive(cast)
    answer = cast.author.post(f"/api/v1/submissions/{submission['id']}/recall")
    assert type_of(answer) == (403, "writing.project_archived")


def test_a_skip_is_done_and_not_taken_back(cast: Cast, asked: Prompt) -> None:
    taken = work.take(cast.author, cast)
    archive(cast)
    answer = work.post(cast.author, f"/write/{taken}/skip", reason="Too hard")
    assert answer.status_code == 303
    assert "Undo" not in cast.author.get(answer.headers["location"]).text
    assert type_of(cast.author.post(f"/api/v1/assignments/{taken}/undo-skip")) == (403, "writing.project_archived")


def test_nothing_is_proposed(cast: Cast, here: str) -> None:
    archive(cast)
    assert cast.author.get(f"{here}/prompts/propose").status_code == 403
    assert work.post(cast.author, f"{here}/prompts/propose", prompt="What?").status_code == 403
    answer = cast.author.api("POST", f"/api/v1{here}/prompts", prompt="What?")
    assert type_of(answer) == (403, "prompts.project_archived")
    assert "Propose a prompt" not in cast.author.get(f"{here}/prompts").text


def test_nothing_is_imported(cast: Cast, here: str) -> None:
    archive(cast)
    headers = {"Content-Type": "application/jsonl"}
    for kind in ("prompts", "pairs"):
        assert cast.admin.get(f"{here}/{kind}/import").status_code == 403
        answer = cast.admin.post(f"/api/v1{here}/{kind}/import", content=LINE, headers=headers)
        assert type_of(answer) == (403, "prompts.project_archived")


def test_no_page_asks_to_write_there(cast: Cast, here: str, asked: Prompt) -> None:
    taken = work.take(cast.author, cast)
    before = [cast.author.get(page).text for page in ("/", here, f"{here}/write")]
    assert ["Write the next" in page for page in before] == [True, True, True]
    assert "drafts of yours" in before[1]
    archive(cast)
    home, overview, write = (cast.author.get(page).text for page in ("/", here, f"{here}/write"))
    assert "Write the next" not in home + overview + write
    assert f"/write/{taken}" not in home
    assert "drafts of yours" not in overview
    assert f"/write/{taken}" in write


def test_what_waits_there_is_still_reviewed_from_the_start_page(cast: Cast, here: str, asked: Prompt) -> None:
    work.written(cast.author, cast, "Because of the air.")
    archive(cast)
    home = cast.reviewer.get("/").text
    assert ("Review the next" in home, "Write the next" in home) == (True, False)
    assert cast.reviewer.post(f"/api/v1{here}/review/next").status_code == 200


def test_it_is_listed_last_and_marked(cast: Cast, session: Session) -> None:
    older, newer = (factories.project(session, people(cast.admin), name) for name in ("An older one", "A newer one"))
    session.commit()
    cast.admin.post(f"/api/v1/projects/{newer.id}/archive")
    listed = cast.admin.get("/api/v1/projects").json()["projects"]
    assert [one["id"] for one in listed] == [older.id, cast.project.id, newer.id]
    assert cast.admin.get("/projects").text.count("archived, you are admin") == 1


def test_its_pages_say_that_it_is_archived(cast: Cast, here: str) -> None:
    pages = (here, f"{here}/prompts", f"{here}/write", f"{here}/guidelines")
    assert not any("This project is archived." in cast.author.get(page).text for page in pages)
    archive(cast)
    assert all("This project is archived." in cast.author.get(page).text for page in pages)


def test_a_prompt_that_waits_is_still_decided_on(cast: Cast, session: Session) -> None:
    prompt = factories.prompt(session, cast.project, people(cast.author), status=PromptStatus.PROPOSED)
    session.commit()
    archive(cast)
    assert cast.reviewer.post(f"/api/v1/prompts/{prompt.id}/approve").status_code == 200
