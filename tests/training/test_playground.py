"""The playground: one question, base and tuned side by side, for whoever may see the runs."""

import json
import sys
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy.orm import Session

from app.core.errors import TooOften, Unavailable
from app.core.settings import Settings
from app.core.storage import Storage
from app.datasets.models import RetiredVersion, Version
from app.training.base_models import HERE
from app.training.models import Run
from app.training.playground.asked import MOST_CHARACTERS, MOST_TURNS
from app.training.playground.gate import OF_ALL, OF_ONE, Gate
from app.training.playground.ways import Playground
from tests.cast import Cast, Client
from tests.forms import forms_of
from tests.jobs import do_jobs
from tests.training.made import done, started
from tests.training.speaking import Says, speaking
from tests.training.test_endpoint import serving

SIDES = ("base", "tuned")
EARLIER = {"prompt": "Hello", "base": "Hello Hello", "tuned": "Hi!"}
HOW = {"temperature": "0.5", "max_tokens": "30", "seed": "3"}


@pytest.fixture
def run(cast: Cast, session: Session, storage: Storage, version: Version, tmp_path: Path) -> Run:
    """A run that has left a model."""
    return done(session, storage, started(cast.admin, version), tmp_path / "made", like=HERE / "tiny")


@pytest.fixture
def model(settings: Settings) -> Iterator[Says]:
    """Whoever answers."""
    says = Says()
    with speaking(settings.playground_folder, says):
        yield says


def page(cast: Cast) -> str:
    """The address of the playground."""
    return f"/projects/{cast.project.id}/playground"


def told(client: Client, run: Run, **body: Any) -> list[dict[str, Any]]:
    """The lines of an answer."""
    answer = client.api("POST", f"/api/v1/runs/{run.id}/ask", **{"prompt": "How do I tell her?", **body})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/x-ndjson"), answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


def test_both_models_answer_line_by_line_each_with_its_own_conversation(
    cast: Cast, run: Run, model: Says, settings: Settings
) -> None:
    lines = told(cast.reviewer, run, earlier=[EARLIER], temperature=0.0, max_tokens=30, seed=3)
    assert [line["kind"] for line in lines] == [
        "queued",
        *["loading", "token", "token", "token", "answered"] * 2,
        "done",
    ]
    said = {side: "".join(line.get("text", "") for line in lines if line.get("side") == side) for side in SIDES}
    assert said == dict.fromkeys(SIDES, "Tell her <b>soon</b>. ")
    ask = model.asked[0]
    assert (ask.temperature, ask.max_tokens, ask.seed) == (0.0, 30, 3)
    base, tuned = ask.sides
    assert [one["content"] for one in base.messages] == ["Hello", "Hello Hello", "How do I tell her?"]
    assert [one["content"] for one in tuned.messages] == ["Hello", "Hi!", "How do I tell her?"]
    assert (base.chat_template, base.stop_token) == ("chatml.jinja", "<|im_end|>")
    brought = settings.runs_root / run.folder / "model"
    assert Path(tuned.folder) == brought
    for name in ("config.json", "model.safetensors", "tokenizer.json"):
        assert (brought / name).read_bytes() == (HERE / "tiny" / name).read_bytes()


def test_no_connection_is_held_while_the_models_write(cast: Cast, run: Run, app: FastAPI, settings: Settings) -> None:
    free: list[int] = []
    model = Says(first=lambda: free.append(app.state.turns._value))
    with speaking(settings.playground_folder, model):
        told(cast.reviewer, run)
        cast.reviewer.post(page(cast), data={"run": run.id, "prompt": "Again?", **HOW})
    assert free == [settings.pool_size] * 2


def test_without_scripts_the_page_comes_back_with_both_answers_and_goes_on_from_there(
    cast: Cast, run: Run, model: Says
) -> None:
    shown = cast.reviewer.get(page(cast)).text
    form = next(form for form in forms_of(shown) if form.attributes.get("action") == page(cast))
    fields = dict(form.filled({"prompt": "Is <i>this</i> text?"}))
    first = cast.reviewer.post(page(cast), data=fields)
    assert first.status_code == 200
    assert "Is &lt;i&gt;this&lt;/i&gt; text?" in first.text
    assert first.text.count("Tell her &lt;b&gt;soon&lt;/b&gt;.") >= 2
    assert "3 tokens in 0.5 s. It went on; cut here." in first.text
    assert "Nobody was asked this yet." in first.text
    form = next(form for form in forms_of(first.text) if form.attributes.get("action") == page(cast))
    second = cast.reviewer.post(page(cast), data=dict(form.filled({"prompt": "And then?"})))
    assert [one["content"] for one in model.asked[1].sides[1].messages] == [
        "Is <i>this</i> text?", "Tell her <b>soon</b>. ", "And then?",
    ]  # fmt: skip
    assert second.text.count('class="playground-turn"') == 3  # two, and the pattern of a script's


def test_writers_and_outsiders_may_not_ask(cast: Cast, run: Run) -> None:
    for client, status in ((cast.author, 403), (cast.outsider, 404)):
        assert client.get(page(cast)).status_code == status
        assert client.post(page(cast), data={"run": run.id, "prompt": "Why?", **HOW}).status_code == status
        assert client.api("POST", f"/api/v1/runs/{run.id}/ask", prompt="Why?").status_code == 404
    assert "Playground</a>" not in cast.author.get(f"/projects/{cast.project.id}").text


def test_where_nothing_can_be_asked_the_page_says_why_and_what_to_do(
    cast: Cast, session: Session, version: Version, storage: Storage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "No finished run yet" in cast.reviewer.get(page(cast)).text
    run = done(session, storage, started(cast.admin, version), tmp_path / "half")
    assert "is not whole: it has no tokenizer.json" in cast.reviewer.get(page(cast)).text
    assert cast.reviewer.api("POST", f"/api/v1/runs/{run.id}/ask", prompt="Why?").status_code == 409
    session.add(RetiredVersion(version_id=version.id))
    session.commit()
    assert "No finished run yet" in cast.reviewer.get(page(cast)).text
    address = f"{page(cast)}?run={run.id}"
    assert "was erased, with a person" in cast.reviewer.get(address).text
    monkeypatch.setitem(sys.modules, "torch", None)
    assert 'pip install ".[train]"' in unescape(cast.reviewer.get(address).text)


def test_limits_are_named(cast: Cast, run: Run) -> None:
    address = f"/api/v1/runs/{run.id}/ask"
    for body in (
        {"prompt": ""},
        {"prompt": "Why?", "temperature": 2.1},
        {"prompt": "Why?", "max_tokens": 4096},
        {"prompt": "Why?", "seed": -1},
        {"prompt": "Why?", "earlier": [EARLIER] * (MOST_TURNS + 1)},
        {"prompt": "Why?", "earlier": [{**EARLIER, "base": "x" * MOST_CHARACTERS}]},
    ):
        answer = cast.reviewer.api("POST", address, **body)
        assert (answer.status_code, bool(answer.json()["errors"])) == (422, True), body


def test_one_person_asks_twice_at_once_and_no_more() -> None:
    gate = Gate()
    with gate.entered(1), gate.entered(1), pytest.raises(TooOften), gate.entered(1):
        pass
    with gate.entered(1), gate.entered(2):
        pass
    assert OF_ONE == 2


def test_a_site_takes_only_so_many_asks_at_once() -> None:
    gate = Gate()
    held = [gate.entered(person) for person in range(OF_ALL)]
    for one in held:
        one.__enter__()
    with pytest.raises(Unavailable), gate.entered(99):
        pass
    for one in held:
        one.__exit__(None, None, None)
    with gate.entered(99):
        pass


def test_a_question_becomes_a_prompt_with_its_text_filled_in(
    cast: Cast, run: Run, model: Says, session: Session
) -> None:
    asked = 'Is 7 > 5 & "so" on?\nYes  or no?'
    answer = cast.reviewer.post(page(cast), data={"run": run.id, "prompt": asked, **HOW}).text
    address = unescape(answer.split('propose" href="')[1].split('"')[0])
    form = next(form for form in forms_of(cast.reviewer.get(address).text) if "prompt" in dict(form.filled({})))
    assert dict(form.filled({}))["prompt"].replace("\r\n", "\n") == asked
    assert "Nobody was asked" in answer.split("<template")[0]
    assert cast.author.api("POST", f"/api/v1/projects/{cast.project.id}/prompts", prompt=asked).status_code == 201
    do_jobs(session)
    again = cast.reviewer.post(page(cast), data={"run": run.id, "prompt": asked, **HOW}).text
    assert "Nobody was asked" not in again.split("<template")[0]
    long = cast.reviewer.post(page(cast), data={"run": run.id, "prompt": "é" * 9000, **HOW}).text
    assert "Propose it" not in long.split("<template")[0]


def test_an_endpoint_answers_in_the_place_of_the_bundled_process(cast: Cast, run: Run, settings: Settings) -> None:
    with serving("whole") as server:
        settings.playground_url = server.address
        cast.reviewer.app.state.playground = Playground(settings)  # type: ignore[attr-defined]
        assert "An endpoint of whoever runs this Penset answers" in cast.reviewer.get(page(cast)).text
        said = [line["text"] for line in told(cast.reviewer, run) if line["kind"] == "token"]
    assert said == ["Tell ", "her 🙂."] * 2
    assert [one["model"] for one in server.asked] == ["tiny", f"run-{run.id}"]
    assert not settings.playground_folder.exists()
