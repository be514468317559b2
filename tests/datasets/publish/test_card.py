"""The card is made of data: the YAML holds for the libraries that read it, and no name or text becomes markup."""

import re
from dataclasses import replace
from typing import Any

import pytest
import yaml
from huggingface_hub import DatasetCard

from app.core.markdown import render_markdown
from app.datasets.formats.alpaca import ALPACA
from app.datasets.models import Part
from app.datasets.publish.card import body, card
from app.datasets.publish.card_yaml import hub_name, language, licence, size
from app.datasets.publish.facts import Fact
from app.datasets.publish.manifest import describe
from app.datasets.splits.held_out import Outside
from app.datasets.splits.placing import Placing
from tests import hostile

FACT = Fact(
    submission_id=1, revision_id=1, prompt_id=1, author_id=7, annotator="a-7f3c", category="Plan", category_id=None,
    language="en", licence="CC0-1.0", source="", guidelines=1, turns=2, prompt_characters=10,
    response_characters=40,
    start=0, size=10,
)  # fmt: skip
HEADINGS = [
    "Rows", "Splits", "Figures", "Guidelines", "Benchmarks", "Licences and sources", "Limits", "How to cite",
]  # fmt: skip


def made(*facts: Fact, name: str = "D", **more: Any) -> dict[str, Any]:
    """A manifest of these rows, all of them for training but the last."""
    parts = {Part.TRAIN: list(facts[:-1]) or list(facts), Part.VALIDATION: [], Part.TEST: list(facts[1:][-1:])}
    first: dict[str, Any] = {"number": 1, "parent": None, "rule": {}, "criteria": ["kind"], "settled_before": {}}
    placing = Placing(parts, {}, {}, Outside(), Outside(), taken_along=0)
    return describe(project=name, dataset=name, placing=placing, salt="1", **first | more)


def manifest(name: str) -> dict[str, Any]:
    """A manifest in which every name is this one."""
    fact = replace(FACT, category=name, licence=name, source=name)
    return made(fact, fact, name=name)


def front(text: str) -> dict[str, Any]:
    """The YAML of a card."""
    return yaml.safe_load(text.split("---\n")[1])  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    "name", ["x\n---\nlicense: mit", "!!python/object:os.system", ": &a *a", "# heading", "| a | b |", "'\"", "- item"]
)
def test_a_name_stays_a_name_in_the_card(name: str) -> None:  # S72
    text = card(manifest(name))
    assert front(text)["pretty_name"] == f"{name}, version 1"
    assert front(text)["license"] == "other"
    assert re.fullmatch("[a-z0-9.-]+", front(text)["license_name"])
    assert text.count("\n---\n") == 1


def test_no_name_of_the_hostile_ones_adds_a_heading_a_link_or_an_image() -> None:  # S72
    names = [row.text[:200] for row in hostile.rows("name", "text", stored=True)]
    assert len(names) > 400
    html = render_markdown(body(made(*[replace(FACT, category=name, licence=name, source=name) for name in names])))
    assert re.findall("<h2[^>]*>(.*?)</h2>", html) == HEADINGS
    assert "<img" not in html
    assert "<a " not in html


def test_no_text_of_guidelines_leaves_its_fence() -> None:
    hostile_ones = "\n".join(row.text[:500] for row in hostile.rows("markdown", "text", stored=True))
    for text in [hostile_ones, "````\n## Not ours\n````", "~~~\n# Neither", "---\nlicense: mit\n---"]:
        whole = card(made(FACT, guideline_texts={1: text, 2: "Under these nobody wrote."}))
        html = render_markdown(whole.partition("\n---\n")[2])
        assert re.findall("<h2[^>]*>(.*?)</h2>", html) == HEADINGS
        assert text in whole
        assert "Under these nobody wrote." not in whole
        assert yaml.safe_load(DatasetCard(whole).data.to_yaml())["license"] == ["cc0-1.0"]


def test_the_hub_s_library_reads_what_the_yaml_says() -> None:
    text = card(made(FACT, replace(FACT, language="pt-BR", licence="CC BY 4.0")))
    read = yaml.safe_load(DatasetCard(text).data.to_yaml())
    assert read["license"] == ["cc-by-4.0", "cc0-1.0"]
    assert (read["language"], read["language_bcp47"]) == (["en", "pt"], ["en", "pt-BR"])
    assert read["size_categories"] == ["n<1K"]
    assert read["configs"][0]["data_files"] == [
        {"split": "train", "path": "train.jsonl"}, {"split": "test", "path": "test.jsonl"},
    ]  # fmt: skip


def test_licences_are_those_of_the_hub_s_list_or_other_with_a_name_that_it_takes() -> None:
    assert licence(["CC BY-SA 4.0"]) == {"license": ["cc-by-sa-4.0"]}
    assert licence(["CC0-1.0", "see each row"]) == {"license": "other", "license_name": "cc0-1.0-and-see-each-row"}
    assert licence(["", ""]) == {"license": "other", "license_name": "not-stated"}
    assert licence(["CC0-1.0", ""]) == {"license": "other", "license_name": "cc0-1.0-and-not-stated"}
    assert hub_name("»«") == "unnamed"


def test_languages_and_sizes_are_classes_that_the_hub_lists() -> None:
    assert language(["de", "de-AT"]) == {"language": ["de"], "language_bcp47": ["de", "de-AT"]}
    sizes = {999: "n<1K", 1_000: "1K<n<10K", 99_999: "10K<n<100K", 1_000_000: "1M<n<10M", 10**12: "n>1T"}
    assert {rows: size(rows) for rows in sizes} == sizes


def test_the_card_says_how_long_rows_are() -> None:
    facts = [replace(FACT, submission_id=n, turns=2, response_characters=n) for n in range(1, 101)]
    assert made(*facts)["lengths"]["response_characters"] == {"least": 1, "median": 50, "p95": 95, "most": 100}
    assert "| characters of a response | 1 | 50 | 95 | 100 |" in card(made(*facts))


def test_the_card_of_a_format_lists_its_files_its_columns_and_what_it_left_out() -> None:
    text = card(made(FACT, FACT, FACT), ALPACA, {"train": 1})
    assert "| train\\.jsonl | 1 |" in text
    assert "by turns: 1 of this version." in text
    assert [one["name"] for one in front(text)["dataset_info"]["features"]][:3] == ["instruction", "input", "output"]


def test_what_was_imported_is_counted_with_its_source_and_licence_and_by_nobody() -> None:
    theirs = replace(FACT, author_id=None, annotator="", guidelines=None, source="desk | two", licence="MIT")
    both = body(made(FACT, FACT, theirs))
    assert "One person wrote all of it. 1 row was imported" in both
    assert "| desk \\| two | MIT | 1 |" in both
    only = body(made(theirs, theirs))
    assert "Prompts and responses that were imported into the project D." in only
    assert "No row was written under any." in only
    assert "imported" not in body(made(FACT))


def test_how_to_cite_names_the_hash_of_the_rows_and_no_markup() -> None:
    said = made(FACT, name="A {dataset} % of \\mine")
    said["files"]["train.jsonl"] = {"sha256": "abc", "bytes": 1, "rows": 1}
    cited = card(said).partition("## How to cite")[2]
    assert "title = {A dataset of mine, version 1}," in cited
    assert "SHA-256 of train.jsonl: abc" in cited


def test_what_writers_accepted_travels_in_manifest_and_card() -> None:
    text = "I wrote this.\n\n# <b>Nobody</b> else\n---\n"
    terms = {(text, "CC0-1.0"): frozenset({7, 8}), ("Of others.", ""): frozenset({8})}
    accepted = made(FACT, consents=terms)
    assert accepted["consents"] == [{"text": text, "licence": "CC0-1.0", "annotators": 1}]
    said = card(accepted).split("## Consent\n\n")[1].split("\n\n## Limits")[0]
    assert said.splitlines()[0] == "Accepted by 1 of 1 writers, with the licence CC0\\-1\\.0:"
    assert said.splitlines()[2:] == [
        "> I wrote this\\.", ">", "> \\# \\<b\\>Nobody\\</b\\> else", ">", "> \\-\\-\\-",
    ]  # fmt: skip
    assert "## Consent" not in card(manifest("Plain"))
