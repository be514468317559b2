"""What pages of writing show, a program reads: one's open drafts, and why a prompt was left to others."""

from html import unescape

from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.walking import every_row
from tests.writing import work


def test_my_open_drafts_are_mine_alone(cast: Cast, session: Session) -> None:
    for number in range(2):
        work.ask(session, cast, f"Question {number}")
    first = work.take(cast.author, cast)
    work.save(cast.author, first, "One")
    second = work.take(cast.author, cast)
    work.save(cast.author, second, "Two")
    work.save(cast.author, first, "One more", revision=1)
    listed = cast.author.get(f"/api/v1/assignments?project_id={cast.project.id}").json()["assignments"]
    said = {one["id"]: one["draft"]["messages"][0]["content"] for one in listed}
    assert said == {first: "One more", second: "Two"}
    assert cast.second_author.get("/api/v1/assignments").json() == {"assignments": []}
    assert cast.author.get(f"/api/v1/assignments?project_id={cast.other_project.id}").status_code == 404


def test_why_writers_left_a_prompt_is_told_to_who_decides_by_pseudonym(cast: Cast, session: Session) -> None:
    prompt = work.ask(session, cast)
    taken = work.take(cast.author, cast)
    cast.author.api("POST", f"/api/v1/assignments/{taken}/skip", kind="too_long", reason="")
    address = f"/api/v1/prompts/{prompt.id}/skips"
    (told,) = cast.reviewer.get(address).json()["skipped"]
    assert (told["kind"], told["who"][:2]) == ("Takes too long", "a-")
    assert cast.second_author.get(address).status_code == 403


def test_open_questions_of_a_project_are_listed_for_who_decides(cast: Cast, session: Session) -> None:
    prompt = work.ask(session, cast)
    cast.author.api("POST", f"/api/v1/prompts/{prompt.id}/questions", body="Which sky?")
    taken = work.take(cast.author, cast)
    cast.author.api("POST", f"/api/v1/assignments/{taken}/report", reason="unclear", note="")
    told = cast.reviewer.get(f"/api/v1/projects/{cast.project.id}/questions").json()
    assert [(one["prompt_id"], one["body"]) for one in told["questions"]] == [(prompt.id, "Which sky?")]
    assert [(one["prompt_id"], one["on_offer"], list(one["reasons"].values())) for one in told["reported"]] == [
        (prompt.id, True, [1])
    ]


def test_more_open_questions_than_a_page_holds_are_all_listed(cast: Cast, session: Session) -> None:
    prompt = work.ask(session, cast)
    for number in range(21):
        cast.author.api("POST", f"/api/v1/prompts/{prompt.id}/questions", body=f"Which sky {number}?")
    here = f"/projects/{cast.project.id}/questions"
    listed = every_row(cast.reviewer, f"/api/v1{here}", "questions")
    assert [one["body"] for one in listed] == [f"Which sky {number}?" for number in range(21)]
    first = cast.reviewer.get(here).text
    assert "Which sky 20?" not in first
    onward = unescape(first.split('" rel="next"')[0].rsplit('href="', 1)[1])
    assert "Which sky 20?" in cast.reviewer.get(onward).text
