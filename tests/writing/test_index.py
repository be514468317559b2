"""The page from which a writer begins: the next prompt, a pair, their own drafts."""

from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.writing import work


def test_the_page_offers_the_next_prompt_a_pair_and_the_categories(cast: Cast) -> None:
    page = cast.author.get(f"/projects/{cast.project.id}/write").text
    assert all(words in page for words in ("Write the next", "Write a pair", "Explain", "Plan", "No drafts"))


def test_drafts_are_listed_the_last_one_first(cast: Cast, session: Session) -> None:
    for content in ("First question", "Second question"):
        work.ask(session, cast, content)
        work.save(cast.author, work.take(cast.author, cast), f"About the {content}")
    page = cast.author.get(f"/projects/{cast.project.id}/write").text
    assert page.index("Second question") < page.index("First question")
    assert "About the Second question" in page


def test_nobody_elses_draft_is_listed(cast: Cast, taken: int) -> None:
    # S44
    work.save(cast.author, taken, "My secret draft")
    for other in (cast.second_author, cast.reviewer, cast.admin):
        page = other.get(f"/projects/{cast.project.id}/write").text
        assert "My secret draft" not in page
        assert "No drafts" in page


def test_to_an_outsider_and_to_the_operator_the_project_does_not_exist(cast: Cast) -> None:
    assert cast.outsider.get(f"/projects/{cast.project.id}/write").status_code == 404
    assert cast.operator.get(f"/projects/{cast.project.id}/write").status_code == 404
