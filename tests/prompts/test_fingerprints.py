"""A prompt is found by another that asks nearly the same, in its own project, for as long as it stands."""

import json
from io import BytesIO

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.prompts import service
from app.prompts.fingerprints import (
    BATCH_CHARACTERS,
    find_like,
    first_batch,
    prompt_texts,
    prompts_like,
    remember,
    remember_next_prompts,
)
from app.prompts.imports import AS_PROMPTS, import_jsonl
from app.prompts.jobs import remember_prompt, remember_prompts
from app.prompts.models import Compared, Fingerprint, Prompt
from tests import factories
from tests.cast import Cast
from tests.jobs import do_jobs

ASKED = "What is the difference between an alligator and a crocodile?"
AGAIN = "What is the difference between alligator and a crocodile"


def propose(session: Session, cast: Cast, text: str = ASKED) -> Prompt:
    prompt = service.propose(session, cast.author.actor, cast.project.id, messages=factories.asked(text))
    session.commit()
    do_jobs(session)
    return prompt


def like(session: Session, cast: Cast, text: str = AGAIN, but: int | None = None) -> list[int]:
    return [identity for identity, _ in prompts_like(session, cast.project.id, text, but=but)]


def test_a_proposed_prompt_is_found_with_its_score_and_by_nothing_else(cast: Cast, session: Session) -> None:
    prompt = propose(session, cast)
    propose(session, cast, "What is the difference between an iris and a crocus?")
    [(identity, score)] = prompts_like(session, cast.project.id, AGAIN)
    assert identity == prompt.id
    assert 0.9 < score < 1
    assert like(session, cast, "How do I bake bread?") == []
    assert like(session, cast, but=prompt.id) == []


def test_the_most_alike_comes_first(cast: Cast, session: Session) -> None:
    near, same = propose(session, cast), propose(session, cast, AGAIN.upper())
    assert like(session, cast) == [same.id, near.id]


def test_a_prompt_that_was_turned_down_is_found_no_longer(cast: Cast, session: Session) -> None:
    prompt = propose(session, cast)
    service.reject(session, cast.reviewer.actor, prompt.id, reason="Off topic.")
    assert like(session, cast) == [], "not even before the job has run"
    session.commit()
    do_jobs(session)
    assert session.scalar(select(func.count()).select_from(Fingerprint)) == 0


def test_no_prompt_of_another_project_is_met(cast: Cast, session: Session) -> None:
    propose(session, cast)
    assert prompts_like(session, cast.project.id + 1, AGAIN) == []


def test_imported_prompts_are_found_and_those_of_a_preview_are_not(cast: Cast, session: Session) -> None:
    data = "\n".join(json.dumps({"prompt": text}) for text in (ASKED, "How do I bake bread?")).encode()
    import_jsonl(session, cast.admin.actor, cast.project.id, BytesIO(data), AS_PROMPTS)
    session.commit()
    assert set(do_jobs(session)) == {"prompts.remember_all"}
    assert len(like(session, cast)) == 1


def test_a_job_that_runs_twice_keeps_one_fingerprint(cast: Cast, session: Session) -> None:  # R8
    prompt = propose(session, cast)
    for _ in range(2):
        remember_prompt(prompt_id=prompt.id)
        remember_prompts(project_id=cast.project.id)
    session.expire_all()
    assert session.scalar(select(func.count()).select_from(Fingerprint)) == 1
    assert like(session, cast) == [prompt.id]


def test_a_job_takes_so_many_characters_and_one_text_at_the_least() -> None:
    half = BATCH_CHARACTERS // 2
    for sizes, taken in (((half, half, 1), 2), ((3 * half, 1), 1), ((1, 2, 3), 3), ((), 0)):
        assert first_batch(enumerate(sizes, 1)) == list(range(1, taken + 1)), sizes


def test_long_prompts_are_kept_by_one_job_after_another(cast: Cast, session: Session) -> None:
    long = "How long is a piece of string? " * (BATCH_CHARACTERS // 31)
    assert cast.author.user
    prompts = [factories.prompt(session, cast.project, cast.author.user, text) for text in (long, "And?", ASKED)]
    assert remember_next_prompts(session, cast.project.id) == prompts[0].id
    assert remember_next_prompts(session, cast.project.id, after=prompts[0].id) == prompts[2].id
    assert like(session, cast) == [prompts[2].id]


def test_a_text_that_has_changed_since_is_compared_as_it_is_now(cast: Cast, session: Session) -> None:
    prompt = propose(session, cast)
    remember(session, cast.project.id, Compared.PROMPT, {prompt.id: "How do I bake bread?"})
    asked = "How do I bake bread?"
    assert find_like(session, cast.project.id, Compared.PROMPT, asked, texts_of=prompt_texts) == []
