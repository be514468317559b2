"""Asking one model one thing, by the way of the playground: asked with the same settings, that says the same."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing
from typing import Any

from app.training.playground.answering import BothSaid, Said
from app.training.playground.asked import Conversation, Pair
from app.training.playground.ways import Way

TRIES = 3  # the model's process may be ended by whoever started it, and is begun anew by the next ask
OF_THIS_PROMPT = ("too_long",)  # says nothing of the next one


class CannotAnswer(Exception):
    """A model that cannot be asked. The message is for the page of the set."""


def answer_of(
    way: Way, pair: Pair, turns: Sequence[Mapping[str, Any]], how: Mapping[str, Any], gone: Callable[[], bool]
) -> Said | None:
    """What the pair's one side says to these turns. None when `gone`. CannotAnswer with the reason after some tries.

    A prompt that it cannot read has an answer without words, with the sentence that says why.
    """
    plain = [{"role": str(one["role"]), "content": str(one["content"])} for one in turns]
    question = Conversation(plain, how["temperature"], how["max_tokens"], how["seed"])
    for left in reversed(range(TRIES)):
        said = asyncio.run(_said(way, pair, question, gone))
        if said is None or not said.code or said.code in OF_THIS_PROMPT:
            return said
        if not left:
            raise CannotAnswer(said.sentence)
    raise AssertionError("the last try has returned or raised")


async def _said(way: Way, pair: Pair, question: Conversation, gone: Callable[[], bool]) -> Said | None:
    both = BothSaid()
    async with aclosing(way.events(pair, question)) as events:
        async for event in events:
            if gone():
                return None
            both.take(event)
    side: Said = getattr(both, pair.sides[0])
    return side
