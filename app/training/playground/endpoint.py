"""The other way: an OpenAI-compatible endpoint of the operator's (vLLM, llama.cpp) answers, by server-sent events.

It alone is asked: no redirect is followed, no proxy of the environment used, and its words on an error are not shown.
"""

import json
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any, NamedTuple

import httpx2 as httpx

from app.core.settings import Settings
from app.training.generator.protocol import Events, SideName
from app.training.playground.asked import Asked, Pair

CONNECT_SECONDS = 10
QUIET_SECONDS = 60  # the longest silence: a large model loads, a long prompt is read
MOST_SECONDS = 300.0
MOST_PIECES = 4  # a token: what it was asked for is not to be believed to be all that comes
LONGEST_LINE = 1 << 20
NOT_REACHED = "The endpoint that answers here cannot be reached."
QUIET = f"The endpoint said nothing for {QUIET_SECONDS} seconds."
BROKE_OFF = "The endpoint broke off in the middle. What it said so far stands here; ask again."
STRANGE = "The endpoint sent what is no answer of the OpenAI chat protocol."


class EndpointFailed(Exception):
    """No answer, or not a whole one: a code for programs, and the sentence."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(code)
        self.code, self.sentence = code, sentence


class Piece(NamedTuple):
    """Text that was said, and why nothing more comes, where that was told: "stop", "length"."""

    text: str
    finish: str | None


class Endpoint:
    """The way to one endpoint."""

    missing = ""

    def __init__(self, settings: Settings, *, quiet_seconds: float = QUIET_SECONDS) -> None:
        assert settings.playground_url
        self.address = f"{settings.playground_url}/chat/completions"
        key = settings.playground_key
        self.headers = {"Authorization": f"Bearer {key.get_secret_value()}"} if key else {}
        self.quiet_seconds = quiet_seconds
        self.patience = httpx.Timeout(quiet_seconds, connect=CONNECT_SECONDS)

    async def events(self, pair: Pair, question: Asked) -> Events:
        """What is told of the answers, first of the base, then of the tuned model; each may fail by itself."""
        async with httpx.AsyncClient(timeout=self.patience, follow_redirects=False, trust_env=False) as client:
            for side in pair.sides:
                try:
                    async with aclosing(self._answer(client, side, pair, question)) as told:
                        async for event in told:
                            yield event
                except EndpointFailed as why:
                    yield {"kind": "failed", "side": side, "code": why.code, "sentence": why.sentence}
        yield {"kind": "done"}

    def close(self) -> None:
        """Nothing of ours is left there."""

    async def _answer(self, client: httpx.AsyncClient, side: SideName, pair: Pair, question: Asked) -> Events:
        yield {"kind": "loading", "side": side}
        begun, count, finish = time.monotonic(), 0, None
        asked = {
            "model": pair.served_name(side),
            "messages": question.messages(side),
            "stream": True,
            "temperature": question.temperature,
            "max_tokens": question.max_tokens,
            "seed": question.seed,
        }
        async with aclosing(self._pieces(client, asked)) as pieces:
            async for piece in pieces:
                finish = piece.finish or finish
                if piece.text:
                    count += 1
                    yield {"kind": "token", "side": side, "text": piece.text}
                if time.monotonic() - begun > MOST_SECONDS or count > question.max_tokens * MOST_PIECES:
                    finish = "length"
                    break
        if finish is None:
            raise EndpointFailed("broke_off", BROKE_OFF)
        seconds = round(time.monotonic() - begun, 2)
        yield {"kind": "answered", "side": side, "tokens": count, "seconds": seconds, "ended": finish == "stop"}

    async def _pieces(self, client: httpx.AsyncClient, asked: dict[str, Any]) -> AsyncGenerator[Piece, None]:
        try:
            async with client.stream("POST", self.address, json=asked, headers=self.headers) as answer:
                if answer.status_code != 200:
                    raise EndpointFailed("refused", refusal(answer.status_code, str(asked["model"])))
                async with aclosing(data_of(answer.aiter_bytes(), self.quiet_seconds)) as lines:
                    async for line in lines:
                        if line == "[DONE]":
                            return
                        yield piece_of(line)
        except httpx.ReadTimeout:
            raise EndpointFailed("quiet", QUIET) from None
        except (httpx.ConnectError, httpx.ConnectTimeout):
            raise EndpointFailed("not_reached", NOT_REACHED) from None
        except httpx.HTTPError:
            raise EndpointFailed("broke_off", BROKE_OFF) from None


def refusal(status: int, model: str) -> str:
    """What an answer that is no answer means. Its own words are not repeated: they may tell of inner machines."""
    if 300 <= status < 400:
        return f"The endpoint answered {status}, which leads elsewhere. Penset asks only the address that was set."
    if status in (401, 403):
        return f"The endpoint answered {status}: it does not take the key (PENSET_PLAYGROUND_KEY)."
    if status == 404:
        return f"The endpoint answered 404: it knows no model by the name {model}."
    return f"The endpoint answered {status}. Its own log says why."


async def data_of(chunks: AsyncIterator[bytes], quiet_seconds: float) -> AsyncGenerator[str, None]:
    """The data lines of server-sent events (WHATWG HTML, 9.2.6); an event of this protocol has one.

    EndpointFailed where for so long nothing but comments came: a proxy sends such while nobody answers behind it.
    """
    held, said_at = b"", time.monotonic()
    async for chunk in chunks:
        held += chunk
        *lines, held = held.split(b"\n")
        for line in lines:
            field, _, value = line.rstrip(b"\r").partition(b":")
            if field == b"data":
                said_at = time.monotonic()
                yield value.removeprefix(b" ").decode("utf-8", "replace")
        if time.monotonic() - said_at > quiet_seconds:
            raise EndpointFailed("quiet", QUIET)
        if len(held) > LONGEST_LINE:
            raise EndpointFailed("strange", STRANGE)


def piece_of(line: str) -> Piece:
    """One chunk of the chat protocol. EndpointFailed for anything else, and for an error in the middle."""
    try:
        told = json.loads(line)
        if told.get("error"):
            raise EndpointFailed("refused", "The endpoint told of an error in the middle. Its own log says which.")
        if not told["choices"]:
            return Piece("", None)  # a chunk that only counts
        choice = told["choices"][0]
        text, finish = (choice.get("delta") or {}).get("content") or "", choice.get("finish_reason")
    except (ValueError, TypeError, KeyError, AttributeError, IndexError):
        raise EndpointFailed("strange", STRANGE) from None
    if not isinstance(text, str) or not isinstance(finish, str | None):
        raise EndpointFailed("strange", STRANGE)
    whole = text.encode("utf-8", "replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")
    return Piece(whole, finish)
