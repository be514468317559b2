"""What a rule would take is counted before it is kept, and each response says why it is in or out."""

import re

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.prompts.models import Prompt, PromptStatus
from app.review.models import Decision
from tests import factories
from tests.cast import Cast
from tests.datasets.made import approve, dataset


def test_a_preview_counts_what_each_condition_takes_and_stores_nothing(some_approved: Cast, session: Session) -> None:
    made = dataset(some_approved, session)
    page = some_approved.reviewer.get(
        f"/datasets/{made.id}/rule",
        params={"categories": "Plan", "min_rating": "4.5", "per_writer": "3"},
    ).text
    rows = re.findall(r'<th scope="row"><bdi>(.*?)</bdi></th>' + r'<td class="num">(.*?)</td>' * 3, page)
    assert rows == [
        ("in the category Plan", "10", "10", "10"),
        ("rated 4.5 or more on average", "0", "0", "10"),
        ("at most 3 of one writer", "7", "14", "3"),
    ]
    assert "3 of 20 approved responses" in page
    assert "<ins>, in the category Plan" in page
    assert "Rule 1: <bdi>Every approved response.</bdi>" in page


def test_a_preview_says_how_many_rows_each_split_would_have(some_approved: Cast, session: Session) -> None:
    page = some_approved.admin.get(f"/projects/{some_approved.project.id}/datasets/new").text
    assert "12 train, 4 validation, 4 test" in page


def test_a_preview_of_what_is_no_rule_names_the_place(some_approved: Cast) -> None:
    address = f"/projects/{some_approved.project.id}/datasets/new"
    page = some_approved.admin.get(address, params={"name": "Mine", "max_share": "most"})
    assert page.status_code == 200
    words = '<a href="#max_share">At most so many percent in one category</a> takes a whole number from 1 to 99'
    assert words in page.text
    assert 'value="Mine"' in page.text
    assert 'value="most"' in page.text


def test_each_condition_answers_for_one_submission(some_approved: Cast, session: Session) -> None:
    made = dataset(some_approved, session, categories="Plan", per_writer="3")
    explained, late = (one.id for one in approve(session, some_approved, 2, first=100))
    page = some_approved.reviewer.get(f"/datasets/{made.id}/left-out", params={"submission": str(explained)}).text
    assert "<strong>Out.</strong>" in page
    assert "<td><strong>no</strong></td><td><bdi>Explain</bdi></td>" in page
    assert "not asked" in page
    page = some_approved.reviewer.get(f"/datasets/{made.id}/left-out", params={"submission": f"s{late}-r1"}).text
    assert "<td>yes</td><td><bdi>Plan</bdi></td>" in page
    assert (
        "<td><strong>no</strong></td><td><bdi>11 of 11 of this writer, the earliest first; 3 may stay</bdi></td>"
        in page
    )


def test_a_submission_that_nobody_has_approved_is_out_by_its_state(some_approved: Cast, session: Session) -> None:
    assert some_approved.author.user
    asked = factories.prompt(session, some_approved.project, some_approved.author.user, status=PromptStatus.APPROVED)
    waiting = factories.submission(session, asked, some_approved.author.user)
    made = dataset(some_approved, session)
    address = f"http://testserver/submissions/{waiting.id}"
    ask = {"submission": address}
    assert "<bdi>waits for review</bdi>" in some_approved.reviewer.get(f"/datasets/{made.id}/left-out", params=ask).text
    assert some_approved.reviewer.user
    factories.review(session, waiting, some_approved.reviewer.user, Decision.REJECTED, ratings={})
    assert "<bdi>was rejected</bdi>" in some_approved.reviewer.get(f"/datasets/{made.id}/left-out", params=ask).text


def test_what_names_no_submission_of_the_project_is_said(some_approved: Cast, session: Session) -> None:
    made = dataset(some_approved, session)
    for asked, said in (("the last one", "This names no submission"), ("999999", "There is no such submission")):
        page = some_approved.reviewer.get(f"/datasets/{made.id}/left-out", params={"submission": asked})
        assert (page.status_code, said in page.text) == (200, True)


def test_what_is_left_out_is_listed_by_condition_page_by_page(cast: Cast, session: Session) -> None:
    approve(session, cast, 60)
    made = dataset(cast, session, categories="Plan", per_writer="20")
    seen: list[str] = []
    address = f"/datasets/{made.id}/left-out?reason=category"
    while address:
        page = cast.reviewer.get(address).text
        seen += re.findall(r"\?submission=(\d+)", page)
        following = re.search(r'href="([^"]*cursor=[^"]*)"', page)
        address = following[1].replace("&amp;", "&").split("#")[0] if following else ""
    assert len(seen) == len(set(seen)) == 30
    assert seen == sorted(seen, key=int)


def test_a_dataset_that_takes_everything_says_that_nothing_is_left_out(some_approved: Cast, session: Session) -> None:
    made = dataset(some_approved, session)
    page = some_approved.reviewer.get(f"/datasets/{made.id}/left-out").text
    assert "Nothing is left out" in page
    assert some_approved.author.get(f"/datasets/{made.id}/left-out").status_code == 404


def test_programs_get_the_preview_the_list_and_the_answer_as_json(some_approved: Cast, session: Session) -> None:
    made = dataset(some_approved, session, categories="Plan")
    here, everybody = f"/api/v1/datasets/{made.id}", some_approved.reviewer
    held = everybody.get(f"{here}/preview").json()
    assert (held["approved"], held["rows"], held["categories"]) == (20, 10, {"Plan": 10})
    assert held["conditions"] == [
        {"name": "category", "phrase": "in the category Plan", "out": 10, "alone": 10, "left": 10}
    ]
    tried = everybody.api("POST", f"/api/v1/projects/{some_approved.project.id}/datasets/preview", max_share=50)
    assert (tried.json()["rows"], sum(tried.json()["splits"].values())) == (20, 20)
    left = everybody.get(f"{here}/left-out", params={"reason": "category"}).json()["left_out"]
    assert len(left) == 10
    answer = everybody.get(f"{here}/submissions/{left[0]['submission_id']}").json()
    assert (answer["taken"], [one["met"] for one in answer["answers"]]) == (False, [True, False])
    assert everybody.get(f"{here}/submissions/999999").status_code == 404


def test_every_condition_of_a_rule_answers_with_what_it_found(some_approved: Cast, session: Session) -> None:
    asked = {
        "state": "as_written", "categories": "Explain\nPlan", "languages": "en", "licences": "CC BY 4.0",
        "sources": "ours", "tags": "pilot", "guidelines": "1", "handed_in_from": "2020-01-01",
        "approved_from": "2020-01-01", "min_rating": "4.5", "min_ratings": "helpful 4", "of_prompt": "best",
        "per_writer": "9", "max_share": "50",
    }  # fmt: skip
    session.execute(update(Prompt).values(tags=["pilot"]))
    made = dataset(some_approved, session, **asked)
    found = some_approved.reviewer.get(f"/api/v1/datasets/{made.id}/preview").json()
    left = some_approved.reviewer.get(f"/api/v1/datasets/{made.id}/left-out").json()["left_out"]
    answer = some_approved.reviewer.get(f"/api/v1/datasets/{made.id}/submissions/{left[0]['submission_id']}").json()
    assert [one["name"] for one in answer["answers"][1:]] == [one["name"] for one in found["conditions"]]
    assert [one["met"] for one in answer["answers"]] == [True] * 13 + [False, None]
    page = some_approved.reviewer.get(f"/datasets/{made.id}/left-out", params={"submission": left[0]["submission_id"]})
    assert page.status_code == 200
    assert "10 of 10 of this writer, the earliest first; 9 may stay" in page.text
