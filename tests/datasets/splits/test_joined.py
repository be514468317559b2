"""What an earlier version compared is not compared again, and the same comes out as if it were."""

from collections.abc import Callable

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.core.near_join import clusters
from app.datasets.models import PromptSplit, Version
from app.datasets.splits.joined import Joined, digests, still_joined
from tests.cast import Cast

WHY, HOW = "Why is the sky blue at noon?", "How do I bake a loaf of rye bread?"
ASKED = [(1, WHY), (2, WHY + "?"), (3, HOW)]


def found(asked: list[tuple[int, str]]) -> dict[int, Joined]:
    """What a version remembers of these prompts."""
    cluster_of = clusters(asked)
    digest = digests(cluster_of, asked)
    return {prompt_id: Joined(cluster, digest[cluster]) for prompt_id, cluster in cluster_of.items()}


def test_prompts_that_are_as_they_were_keep_their_cluster_beside_new_ones() -> None:
    assert still_joined(found(ASKED), [*reversed(ASKED), (4, HOW)]) == {1: 1, 2: 1, 3: 3}


def test_a_cluster_is_looked_at_anew_once_a_prompt_of_it_has_other_words_or_is_gone() -> None:
    before = found(ASKED)
    assert still_joined(before, [(1, WHY), (2, HOW), (3, HOW)]) == {3: 3}
    assert still_joined({1: before[1], 3: before[3]}, ASKED) == {3: 3}


def test_a_cluster_of_which_a_program_did_not_know_is_looked_at_anew() -> None:
    assert still_joined({1: Joined(1, None), 2: Joined(1, None)}, ASKED) == {}


def test_a_version_remembers_what_it_compared_until_the_words_change(
    some_approved: Cast, publish: Callable[[], Version], session: Session
) -> None:
    publish()
    remembered = select(PromptSplit.cluster, PromptSplit.joined, PromptSplit.prompt_id)
    first = {row.prompt_id: (row.cluster, row.joined) for row in session.execute(remembered)}
    assert all(digest for _, digest in first.values())
    changed, (cluster, _) = min(first.items())
    session.execute(
        text("UPDATE prompts SET messages = jsonb_set(messages, '{0,content}', '\"Other words\"') WHERE id = :id"),
        {"id": changed},
    )
    after = {row.prompt_id: (row.cluster, row.joined) for row in session.execute(remembered)}
    assert after == {one: (of, None if of == cluster else digest) for one, (of, digest) in first.items()}
