"""What do we ask? The list, its filters in the address, and how far each category is."""

from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.projects.queries import list_categories
from app.prompts import slots
from app.prompts.models import PromptStatus
from app.writing.models import SubmissionStatus
from tests import factories
from tests.cast import Cast
from tests.hostile import rows
from tests.world import people


def prompts(session: Session, cast: Cast, count: int, **values: Any) -> None:
    """That many proposed prompts of the author's."""
    assert cast.author.user
    for number in range(count):
        factories.prompt(session, cast.project, cast.author.user, f"Question {number}.", **values)
    session.commit()


def test_the_list_shows_what_is_asked_and_how_far_it_is(cast: Cast, session: Session) -> None:
    assert cast.reviewer.user
    factories.prompt(session, cast.project, cast.reviewer.user, status=PromptStatus.APPROVED, slots=3)
    session.commit()
    shown = cast.reviewer.get(f"/projects/{cast.project.id}/prompts").text
    assert "Why is the sky blue?" in shown
    assert 'data-state="open"' in shown
    assert "0 of 3" in shown


def test_a_writer_sees_no_quota_maths(cast: Cast, session: Session) -> None:  # S54
    assert cast.reviewer.user
    made = factories.prompt(session, cast.project, cast.reviewer.user, status=PromptStatus.APPROVED, slots=3)
    session.commit()
    listed = cast.author.get(f"/projects/{cast.project.id}/prompts").text
    shown = cast.author.get(f"/prompts/{made.id}").text
    for page in (listed, shown):
        assert "0 of 3" not in page
        assert "Targets" not in page
        assert "Responses" not in page
    assert "wanted" not in cast.author.get(f"/api/v1/prompts/{made.id}").text


def test_targets_count_what_was_handed_in(cast: Cast, session: Session) -> None:
    plan = next(one for one in list_categories(session, cast.project.id) if one.name == "Plan")
    assert cast.reviewer.user
    factories.prompt(
        session, cast.project, cast.reviewer.user, status=PromptStatus.APPROVED, category_id=plan.id, slots=2
    )
    slot = slots.claim_next(session, cast.author.actor, cast.project)
    assert slot
    factories.fill_slot(session, slot.id, cast.author.actor.user_id)
    session.commit()
    shown = cast.reviewer.get(f"/projects/{cast.project.id}/prompts").text
    assert '1<span class="soft"> of 10</span>' in shown
    assert "<bdi>Explain</bdi> is furthest behind" in shown


def test_pages_follow_each_other_without_a_gap(cast: Cast, session: Session) -> None:
    prompts(session, cast, 45)
    path = f"/api/v1/projects/{cast.project.id}/prompts"
    found: list[str] = []
    cursor = ""
    for _ in range(3):
        page = cast.author.get(path + cursor).json()
        found += [one["messages"][0]["content"] for one in page["prompts"]]
        cursor = f"?cursor={page['next_cursor']}"
    assert found == [f"Question {number}." for number in reversed(range(45))]
    assert cursor == "?cursor=None"


def test_filters_live_in_the_address_and_bind_the_cursor(cast: Cast, session: Session) -> None:  # I18
    prompts(session, cast, 25)
    prompts(session, cast, 1, language="de")
    here = f"/projects/{cast.project.id}/prompts"
    assert cast.author.get(f"{here}?language=de").text.count("<tr><td>") == 1
    shown = cast.author.get(f"{here}?status=proposed&category=&language=").text
    assert f'href="{here}?status=proposed&amp;cursor=' in shown


def test_a_cursor_of_another_list_person_filter_or_shape_is_refused(cast: Cast, session: Session) -> None:  # I18
    prompts(session, cast, 25)
    path = f"/api/v1/projects/{cast.project.id}/prompts"
    cursor = cast.author.get(path).json()["next_cursor"]
    assert cast.author.get(f"{path}?cursor={cursor}").status_code == 200
    assert cast.second_author.get(f"{path}?cursor={cursor}").status_code == 422
    assert cast.author.get(f"{path}?status=proposed&cursor={cursor}").status_code == 422
    assert cast.author.get(f"/projects/{cast.project.id}/prompts?cursor={cursor}").status_code == 422
    for wrong in (cursor[:-1], cursor + "A", cursor[1:], "", "AAAA", "%00", "é".encode().hex()):
        assert cast.author.get(f"{path}?cursor={wrong}").status_code == 422, wrong


@pytest.mark.parametrize(
    "query",
    [
        "status=open", "status=APPROVED", "category=x", "category=1_0", "category=-1", "category=0", "language=e%20n",
        "sort=password_hash", "author.password_hash=a", "author__password__startswith=a", "__class__=x", "..=x",
        "status=proposed&status=proposed", "status[]=proposed", "status.x=proposed",
    ],
)  # fmt: skip
def test_what_is_no_filter_is_refused_by_page_and_api(cast: Cast, query: str) -> None:  # S56 I17 S68
    for path in (f"/projects/{cast.project.id}/prompts", f"/api/v1/projects/{cast.project.id}/prompts"):
        assert cast.reviewer.get(f"{path}?{query}").status_code == 422, query


def test_hostile_queries_are_judged_as_their_rows_say(cast: Cast) -> None:  # I4 I6 I16 I17 I18 S56
    path = f"/api/v1/projects/{cast.project.id}/prompts"
    for row in rows("query", stored=False):
        if row.raw.isascii():  # no client sends other bytes; tests/core/test_percent.py does
            url = cast.author.base_url.copy_with(raw_path=f"{path}?".encode() + row.raw)
            answer = cast.author.get(url)
            assert answer.status_code == row.status, f"{row.id}: {answer.status_code}"


SEARCH = "/api/v1/search?kind="


def test_a_guess_about_hidden_fields_changes_no_answer(cast: Cast, session: Session) -> None:  # S57
    """What a filter looks in is what its reader sees: no word of another's answer narrows a list."""
    prompts(session, cast, 3)
    asked = factories.prompt(session, cast.project, people(cast.admin), "Why?", status=PromptStatus.APPROVED)
    asked.imported_response = factories.answered("Because of hydrogen.")
    factories.submission(session, asked, people(cast.author), "Because of helium.", status=SubmissionStatus.SUBMITTED)
    session.commit()
    here = f"/projects/{cast.project.id}"
    for asks in (
        f"/api/v1{here}/prompts?words=",
        f"{here}/prompts?words=",
        f"{SEARCH}submissions&q=",
        f"{SEARCH}prompts&q=",
    ):
        for right in ("hydrogen", "helium"):
            first, second = (told(cast.second_author.get(asks + guess), guess) for guess in (right, "x" * len(right)))
            assert first == second, (asks, right)
    for guesses in (("author=1", "author=2"), ("imported_response=a", "imported_response=b")):
        first, second = (cast.author.get(f"/api/v1{here}/prompts?{guess}").json() for guess in guesses)
        assert {**first, "instance": "", "errors": ""} == {**second, "instance": "", "errors": ""}


def told(answer: Any, guess: str) -> tuple[int, str]:
    """An answer without what was asked for."""
    return answer.status_code, answer.text.replace(guess, "")


def test_an_outsider_sees_nothing_of_the_project(cast: Cast, session: Session) -> None:  # S43 S52
    prompts(session, cast, 3)
    for path in (f"/projects/{cast.project.id}/prompts", f"/api/v1/projects/{cast.project.id}/prompts"):
        assert cast.outsider.get(path).status_code == 404
    theirs = cast.outsider.get(f"/api/v1/projects/{cast.other_project.id}/prompts").json()
    assert theirs == {"prompts": [], "next_cursor": None}


def test_an_empty_list_offers_the_way_to_the_first_prompt(cast: Cast) -> None:
    shown = cast.author.get(f"/projects/{cast.project.id}/prompts").text
    assert "No prompt yet" in shown
    assert "Propose a prompt" in shown


def test_words_find_the_prompts_in_which_they_stand(cast: Cast, session: Session) -> None:
    for asked in ("Why is the sky blue?", "Paint the sky green", "Where is Oslo?"):
        factories.prompt(session, cast.project, people(cast.admin), asked)
    here = f"/projects/{cast.project.id}/prompts"
    assert cast.author.get(f"{here}?words=SKY").text.count("<tr><td>") == 2
    assert cast.author.get(f"{here}?words=sky+-green").text.count("<tr><td>") == 1
    assert cast.author.get(f"{here}?words=%22blue+sky%22").text.count("<tr><td>") == 0
    assert "No prompt is like this" in cast.author.get(f"{here}?words=Rome").text
    listed = cast.author.get(f"/api/v1{here}?words=oslo").json()["prompts"]
    assert [one["messages"][0]["content"] for one in listed] == ["Where is Oslo?"]
