"""A writer sees the conversation, writes, and finds again what was written."""

from html import unescape

from sqlalchemy.orm import Session

from tests import factories
from tests.cast import Cast
from tests.writing import work


def test_the_page_shows_what_is_asked_and_a_sheet_to_answer_on(cast: Cast, taken: int) -> None:
    page = cast.author.get(f"/write/{taken}")
    assert page.status_code == 200
    assert "Why is the sky blue?" in page.text
    assert 'name="response"' in page.text
    assert f'data-autosave="/api/v1/assignments/{taken}/draft"' in page.text
    assert f'data-user="{work.me(cast.author)}"' in page.text


def test_every_turn_of_the_conversation_is_shown(cast: Cast, session: Session) -> None:
    earlier = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Bread goes stale."},
        {"role": "assistant", "content": "Freeze it."},
        {"role": "user", "content": "And cake?"},
    ]
    work.ask(session, cast, messages=earlier)
    page = cast.author.get(f"/write/{work.take(cast.author, cast)}").text
    assert all(turn["content"] in page for turn in earlier)


def test_the_text_is_there_on_another_computer(cast: Cast, taken: int) -> None:
    work.save(cast.author, taken, "\nBecause <b>air</b>\n")
    page = cast.author.get(f"/write/{taken}").text
    assert unescape(page.split("<textarea")[1].split(">\n", 1)[1].split("</textarea>")[0]) == "\nBecause <b>air</b>\n"
    assert '<input type="hidden" name="revision" value="1"' in page


def test_the_guidelines_stand_in_a_drawer_with_their_version(cast: Cast, session: Session, taken: int) -> None:
    factories.guidelines(session, cast.project, cast.admin.user, 2, text="Be *brief*.")  # type: ignore[arg-type]
    session.commit()
    page = cast.author.get(f"/write/{taken}").text
    assert "version 2" in page
    assert "Be <em>brief</em>." in page


def test_the_preview_renders_markdown_and_no_html(cast: Cast, taken: int) -> None:
    work.save(cast.author, taken, "*Air* <script>alert(1)</script>")
    page = cast.author.get(f"/write/{taken}?view=preview").text
    assert "<em>Air</em>" in page
    assert "<script>alert" not in page


def test_hints_say_what_to_look_at_and_refuse_nothing(cast: Cast, taken: int) -> None:
    work.save(cast.author, taken, "Write to ann@firm.org")
    assert "an e-mail address" in cast.author.get(f"/write/{taken}").text
    assert work.hand_in(cast.author, taken, 1).status_code == 201


def test_what_was_handed_in_is_shown_as_a_submission(cast: Cast, taken: int) -> None:
    work.save(cast.author, taken, "Because")
    submission = work.hand_in(cast.author, taken, 1).json()
    answer = cast.author.get(f"/write/{taken}")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/submissions/{submission['id']}")


def test_what_was_skipped_leads_back_to_the_other_work(cast: Cast, taken: int) -> None:
    work.post(cast.author, f"/write/{taken}/skip", reason="Too hard")
    answer = cast.author.get(f"/write/{taken}")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/projects/{cast.project.id}/write")
