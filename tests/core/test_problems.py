"""Nobody gets in unseen, and what is not there says so."""

from tests.cast import Cast, Client


def test_an_address_that_is_nothing_answers_with_the_error_page(client: Client) -> None:
    answer = client.get("/nothing-here")
    assert answer.status_code == 404
    assert "There is no such page." in answer.text


def test_an_unknown_api_address_answers_with_a_problem_document(client: Client) -> None:
    answer = client.get("/api/v1/nothing")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "/errors/core.no_such_page"


def test_the_cast_can_be_made(cast: Cast) -> None:
    assert cast.author.actor.writes(cast.project.id)
