"""What asks nearly the same is seen while a prompt is typed, and side by side with it once it is proposed."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.prompts.fingerprints import remember_prompt
from app.prompts.models import Prompt
from tests import factories
from tests.cast import Cast
from tests.writing import work

SEA = "Why is the sky so blue over the sea at noon, and why does it turn deep orange and red before sunset?"
TOLD = "Nearly the same was asked in this project before."


@pytest.fixture
def asked(cast: Cast, session: Session) -> Prompt:
    """A prompt that was asked before."""
    assert cast.admin.user
    prompt = factories.prompt(session, cast.project, cast.admin.user, SEA)
    remember_prompt(session, prompt.id)
    session.commit()
    return prompt


def typed(cast: Cast, text: str) -> str:
    """What stands below the field once the one who types pauses."""
    answer = work.post(cast.author, f"/projects/{cast.project.id}/prompts/hints", prompt=text)
    assert answer.status_code == 200
    return str(answer.text)


def test_while_a_prompt_is_typed_one_hears_of_what_was_asked_and_nothing_is_stored(
    cast: Cast, session: Session, asked: Prompt
) -> None:
    assert (
        f"/projects/{cast.project.id}/prompts/hints"
        in cast.author.get(f"/projects/{cast.project.id}/prompts/propose").text
    )
    told = typed(cast, SEA.rstrip("?"))
    assert TOLD in told
    assert f"/prompts/{asked.id}" in told
    assert "an e-mail address" in typed(cast, "Who is ann.writer@firm.co.uk?")
    assert typed(cast, "").strip() == ""
    assert session.scalars(select(Prompt.id)).all() == [asked.id]


def test_two_prompts_stand_side_by_side_with_the_words_that_differ(cast: Cast, session: Session, asked: Prompt) -> None:
    assert cast.author.user
    mine = factories.prompt(session, cast.project, cast.author.user, SEA.replace("over", "above"))
    session.commit()
    for client in (cast.reviewer, cast.author):
        page = client.get(f"/prompts/{mine.id}").text
        assert f"Prompt {asked.id}</p>" in page
        assert "<del> over</del>" in page
        assert "<ins> above</ins>" in page
    assert 'id="alike"' not in cast.second_author.get(f"/prompts/{mine.id}").text
    assert f'hx-get="/prompts/{mine.id}"' in cast.reviewer.get(f"/projects/{cast.project.id}/prompts").text
