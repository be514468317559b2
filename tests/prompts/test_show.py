"""One prompt: what is asked, and who may read it."""

from sqlalchemy.orm import Session

from app.prompts import service
from app.prompts.fingerprints import remember_next_prompts
from app.prompts.models import Prompt
from tests import factories
from tests.cast import Cast
from tests.world import people


def test_every_member_reads_a_prompt(cast: Cast, proposed: str) -> None:
    for person in (cast.author, cast.second_author, cast.reviewer, cast.admin):
        assert "Why is it dark?" in person.get(proposed).text
        assert person.get(f"/api/v1{proposed}").json()["status"] == "proposed"


def test_to_others_it_is_as_if_it_never_was(cast: Cast, proposed: str) -> None:  # S43
    never = cast.outsider.get("/api/v1/prompts/999999999999").json()
    for person in (cast.outsider, cast.operator):
        hidden = person.get(f"/api/v1{proposed}").json()
        assert hidden | {"instance": ""} == never | {"instance": ""}
        assert person.get(proposed).status_code == 404
    assert cast.visitor.get(f"/api/v1{proposed}").status_code == 401


def test_addresses_that_are_no_number_are_nothing(cast: Cast) -> None:  # I16
    for number in ("0", "-1", "+1", "01", "1.0", "٣", "1e3", "9223372036854775808", "%201"):
        assert cast.author.get(f"/api/v1/prompts/{number}").status_code == 404, number
        assert cast.author.get(f"/prompts/{number}").status_code == 404, number


def test_the_prompt_of_a_pair_is_its_writers_and_the_reviewers(cast: Cast, session: Session) -> None:  # S45
    pair = service.propose_pair(session, cast.author.actor, cast.project.id, messages=factories.asked("Suggest a tool"))
    session.commit()
    listed = f"/projects/{cast.project.id}/prompts"
    for person in (cast.author, cast.reviewer):
        assert "Suggest a tool" in person.get(f"/prompts/{pair.id}").text
        assert "Suggest a tool" in person.get(listed).text
    assert cast.second_author.get(f"/prompts/{pair.id}").status_code == 404
    assert cast.second_author.get(f"/api/v1/prompts/{pair.id}").status_code == 404
    assert "Suggest a tool" not in cast.second_author.get(listed).text
    assert "Approve" not in cast.reviewer.get(f"/prompts/{pair.id}").text


def test_an_imported_answer_is_shown_to_reviewers_alone(cast: Cast, session: Session, proposal: Prompt) -> None:
    proposal.imported_response = factories.answered("Because the sun has set.")
    session.commit()
    path = f"/prompts/{proposal.id}"
    assert "Because the sun has set." in cast.reviewer.get(path).text
    assert cast.reviewer.get(f"/api/v1{path}").json()["imported_response"][0]["role"] == "assistant"
    assert "Because the sun has set." not in cast.author.get(path).text
    assert cast.author.get(f"/api/v1{path}").json()["imported_response"] is None


def test_who_decides_sees_characters_that_cannot_be_seen(cast: Cast, session: Session) -> None:  # S74
    assert cast.author.user
    made = factories.prompt(session, cast.project, cast.author.user, "pay \u202e001 euros")
    session.commit()
    assert "U+202E" in cast.reviewer.get(f"/prompts/{made.id}").text
    assert "U+202E" not in cast.author.get(f"/prompts/{made.id}").text


def test_a_carriage_return_reaches_the_page(cast: Cast, session: Session) -> None:  # I8
    assert cast.author.user
    made = factories.prompt(session, cast.project, cast.author.user, "a\r\nb\rc")
    session.commit()
    assert "a&#13;\nb&#13;c" in cast.author.get(f"/prompts/{made.id}").text


def test_who_decides_and_who_asked_see_what_is_much_like_it(cast: Cast, session: Session) -> None:
    ours, theirs = cast.project, cast.other_project
    asked = factories.prompt(session, ours, people(cast.author), "What is the best time to visit Kyoto?")
    like = factories.prompt(session, ours, people(cast.admin), "What is the best time to visit Kyoto, please?")
    factories.prompt(session, ours, people(cast.admin), "How do bees find their way home?")
    factories.prompt(session, theirs, people(cast.outsider), "What is the best time to visit Kyoto?")
    for project in (ours, theirs):
        remember_next_prompts(session, project.id)
    page = cast.reviewer.get(f"/prompts/{asked.id}").text
    assert "Much like it" in page
    assert page.count("% alike") == 1
    assert f'href="/prompts/{like.id}"' in page
    assert "% alike" in cast.author.get(f"/prompts/{asked.id}").text
    assert "Much like it" not in cast.second_author.get(f"/prompts/{asked.id}").text
