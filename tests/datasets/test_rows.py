"""A row is one line, whatever the text holds, and reads back byte for byte."""

import json
from typing import Any

import pytest
import yaml

from app.datasets.card import card
from app.datasets.gather import Fact
from app.datasets.manifest import describe
from app.datasets.models import Split
from app.datasets.rows import line_of, row_of
from tests import hostile


def found(response: str = "Because of the air.", **values: Any) -> dict[str, Any]:
    """A row as review offers it."""
    return {
        "submission_id": 7, "revision_id": 9, "revision": 2, "prompt_id": 3, "category": "Explain", "category_id": 1,
        "prompt_messages": [{"role": "user", "content": "Why?"}],
        "messages": [{"role": "assistant", "content": response}],
        "language": "en", "licence": "CC0", "source": "us", "guidelines": 3, "ratings": {"kind": 4},
        "author_id": 1, "annotator": "a-7f3c", "editor": None, "decided_at": None,
    } | values  # fmt: skip


def test_a_row_has_every_key_in_a_fixed_order() -> None:
    line = line_of(row_of(found(), ["correct", "kind"]))
    assert line.decode() == (
        '{"messages": [{"role": "user", "content": "Why?"}, {"role": "assistant", "content": "Because of the air."}], '
        '"id": "s7-r2", "metadata": {"prompt_id": "3", "submission_id": "7", "revision": 2, "category": "Explain", '
        '"language": "en", "annotator": "a-7f3c", "editor": "", "guidelines": 3, '
        '"ratings": {"correct": null, "kind": 4.0}, "licence": "CC0", "source": "us"}}\n'
    )


@pytest.mark.parametrize(
    "separator", ["\n", "\r", "\r\n", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029"]
)
def test_no_character_of_a_text_ends_the_line(separator: str) -> None:  # S71
    text = f"before{separator}after"
    line = line_of(row_of(found(text), []))
    assert len(line.splitlines()) == len(line.decode().splitlines()) == 1
    assert json.loads(line)["messages"][1]["content"] == text


def test_every_text_that_is_stored_reads_back_byte_for_byte() -> None:  # I1, S71
    rows = hostile.rows("text", stored=True)
    assert len(rows) > 400
    for row in rows:
        line = line_of(row_of(found(row.text), []))
        assert json.loads(line)["messages"][1]["content"] == row.text, row.id
        assert len(line.decode().splitlines()) == 1, row.id


def manifest(name: str) -> dict[str, Any]:
    """A manifest in which every name is this one."""
    fact = Fact(1, 1, 1, 1, "a-7f3c", name, "en", name, name, 1, {"kind": 4}, 0, 10)
    rows = {Split.TRAIN: [fact], Split.VALIDATION: [], Split.TEST: [fact]}
    return describe(project=name, dataset=name, number=1, parent=None, rule={}, criteria=["kind"], rows=rows)


@pytest.mark.parametrize(
    "name", ["x\n---\nlicense: mit", "!!python/object:os.system", ": &a *a", "# heading", "| a | b |", "'\"", "- item"]
)
def test_a_name_stays_a_name_in_the_card(name: str) -> None:  # S72
    text = card(manifest(name))
    front = yaml.safe_load(text.split("---\n")[1])
    assert front["pretty_name"] == f"{name}, version 1"
    assert (front["license"], front["license_name"]) == ("other", name)
    assert text.count("\n---\n") == 1


def test_what_writers_accepted_travels_in_manifest_and_card() -> None:
    fact = Fact(1, 1, 1, 7, "a-7f3c", "Plan", "en", "CC0-1.0", "", 1, {}, 0, 10)
    rows = {Split.TRAIN: [fact], Split.VALIDATION: [], Split.TEST: []}
    text = "I wrote this.\n\n# <b>Nobody</b> else\n---\n"
    terms = {(text, "CC0-1.0"): frozenset({7, 8}), ("Of others.", ""): frozenset({8})}
    made = describe(project="P", dataset="D", number=1, parent=None, rule={}, criteria=[], rows=rows, consents=terms)
    assert made["consents"] == [{"text": text, "licence": "CC0-1.0", "annotators": 1}]
    said = card(made).split("## Consent\n\n")[1].split("\n\n## Limits")[0]
    assert said.splitlines()[0] == "Accepted by 1 of 1 writers, with the licence CC0\\-1\\.0:"
    assert said.splitlines()[2:] == [
        "> I wrote this\\.", ">", "> \\# \\<b\\>Nobody\\</b\\> else", ">", "> \\-\\-\\-",
    ]  # fmt: skip
    assert "## Consent" not in card(manifest("Plain"))
