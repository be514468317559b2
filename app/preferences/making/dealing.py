"""The prompts, responses and pairs of a comparison set as rows: every two of a prompt, or of one page, are a pair."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations, zip_longest

from sqlalchemy.orm import Session

from app.preferences.material import Asked
from app.preferences.models import ComparedResponse, ComparisonPair, ComparisonPrompt, ComparisonSet, PairState
from app.preferences.ranking.models import Ranking
from app.preferences.versions.identity import name_prompts

Pages = Sequence[Sequence[Sequence[int]]]  # by prompt, by page, places of responses


def add_prompts(session: Session, made: ComparisonSet, asked: Sequence[Asked]) -> list[ComparisonPrompt]:
    """Store the prompts of a set, in this order."""
    prompts = [
        ComparisonPrompt(
            project_id=made.project_id,
            set_id=made.id,
            prompt_id=one.prompt_id,
            messages=list(one.messages),
            language=one.language,
            answered=one.answered,
        )
        for one in asked
    ]
    session.add_all(prompts)
    session.flush()
    return prompts


def deal_all(asked: Sequence[Asked], ranks: int) -> Pages:
    """By prompt, the pages on which its responses lie."""
    return [deal(len(one.answers), ranks, one.known) for one in asked]


def add_pairs(
    session: Session,
    made: ComparisonSet,
    prompts: Sequence[ComparisonPrompt],
    asked: Sequence[Asked],
    pages: Pages,
) -> int:
    """Store the responses to these prompts that are not stored yet, and every pair. How many pairs there are."""
    rows = {(place, at): answer for place, one in enumerate(asked) for at, answer in enumerate(one.answers)}
    ids = {where: answer.response_id for where, answer in rows.items() if answer.response_id}
    responses = {
        where: ComparedResponse(
            project_id=made.project_id,
            set_id=made.id,
            comparison_prompt_id=prompts[where[0]].id,
            messages=list(answer.messages),
            kind=answer.kind,
            source=answer.source,
            submission_id=answer.submission_id,
            run_id=answer.run_id,
            details=dict(answer.details),
        )
        for where, answer in rows.items()
        if where not in ids
    }
    session.add_all(responses.values())
    session.flush()
    ids |= {where: response.id for where, response in responses.items()}
    at_home = [{at: ids[place, at] for at in range(len(one.answers))} for place, one in enumerate(asked)]
    rankings = {
        (place, at): ranking_of(made, prompts[place], one, at_home[place], page)
        for place, one in enumerate(asked if made.ranks else ())
        for at, page in enumerate(pages[place])
        if not is_vouched_for(one, page)
    }
    session.add_all(rankings.values())
    session.flush()
    by_prompt = [
        [
            pair_of(made, prompts[place], one, at_home[place], two, rankings.get((place, at)))
            for at, page in enumerate(pages[place])
            for two in combinations(page, 2)
        ]
        for place, one in enumerate(asked)
    ]
    for pairs in by_prompt:  # or what the first two of a prompt have in common would be of one source in all
        secrets.SystemRandom().shuffle(pairs)
    # One pair of each prompt, then the next of each: what is judged first is spread over prompts.
    session.add_all(pair for round_ in zip_longest(*by_prompt) for pair in round_ if pair)
    session.flush()
    name_prompts(session, made.project_id)
    return sum(map(len, by_prompt))


def pair_of(
    made: ComparisonSet,
    prompt: ComparisonPrompt,
    asked: Asked,
    ids: Mapping[int, int],
    two: tuple[int, int],
    ranking: Ranking | None,
) -> ComparisonPair:
    """Two responses of one prompt, by the places that they have there. Of a ranking it is closed: never given."""
    one, other = two
    known = next((pair for pair in ((one, other), (other, one)) if pair in asked.known), None)
    first, second = sorted((ids[one], ids[other]))
    by_itself = PairState.KNOWN if known else PairState.OPEN
    return ComparisonPair(
        project_id=made.project_id,
        set_id=made.id,
        comparison_prompt_id=prompt.id,
        first_id=first,
        second_id=second,
        known_better_id=ids[known[0]] if known else None,
        ranking_id=ranking.id if ranking else None,
        not_for=sorted(asked.answers[one].not_for | asked.answers[other].not_for),
        answered=prompt.answered,
        wanted=made.opinions,
        state=PairState.CLOSED if ranking else by_itself,
    )


def is_vouched_for(asked: Asked, page: Sequence[int]) -> bool:
    """Whether nothing lies on a page but two of which one is known to be better: that is a check, and no ranking."""
    return len(page) == 2 and any(pair in asked.known for pair in (tuple(page), tuple(reversed(page))))


def ranking_of(
    made: ComparisonSet, prompt: ComparisonPrompt, asked: Asked, ids: Mapping[int, int], page: Sequence[int]
) -> Ranking:
    """The responses that are put in order on one page, by the places that they have in their prompt."""
    return Ranking(
        project_id=made.project_id,
        set_id=made.id,
        comparison_prompt_id=prompt.id,
        response_ids=sorted(ids[at] for at in page),
        not_for=sorted(frozenset[int]().union(*(asked.answers[at].not_for for at in page))),
        answered=prompt.answered,
        wanted=made.opinions,
    )


def deal(many: int, most: int, known: Iterable[tuple[int, int]] = ()) -> list[list[int]]:
    """Deal so many places out by chance to pages of at most `most`, as even as can be; on one where `most` is 0.

    Two of which one is known to be better are dealt together where a page has room for them, or nobody would compare
    them: the largest such groups first, each to the emptiest page, but none that would leave another page with one
    answer alone.
    """
    pages: list[list[int]] = [[] for _ in range(-(-many // most) if most else 1)]
    room = min(most or many, many - 2 * (len(pages) - 1))
    together = [{at} for at in range(many)]
    for pair in known:
        joined = set[int]().union(*(one for one in together if not one.isdisjoint(pair)))
        if len(joined) <= room:
            together = [one for one in together if one.isdisjoint(joined)] + [joined]
    secrets.SystemRandom().shuffle(together)
    for group in sorted(together, key=len, reverse=True):
        emptiest, *others = sorted(pages, key=len)
        grown = len(emptiest) + len(group)
        left = many - sum(map(len, pages)) - len(group)
        lacking = sum(max(0, 2 - size) for size in (grown, *map(len, others)))
        fits = grown <= (most or many) and lacking <= left
        for one in [group] if fits else [{at} for at in group]:
            min(pages, key=len).extend(one)
    return [sorted(page) for page in pages]
