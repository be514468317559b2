"""The parts of a text by their headings: named as they read, found in the text again, and led to by a link."""

import pytest

from app.core.markdown import parts, render_markdown

TEXT = (
    "# Be *helpful*\n\nAnswer.\n\n> # Not a part\n\nSay `why`\r\n---\r\nGive reasons.\r\r## Cite\n"
    "# \n```\n# code\n```\n"
)


def test_a_part_goes_from_its_heading_to_the_next_and_is_named_without_marks() -> None:
    found = parts(TEXT)
    assert [part.name for part in found] == ["Be helpful", "Say why", "Cite"]
    said = [TEXT[part.start : part.end] for part in found]
    assert said[0] == "# Be *helpful*\n\nAnswer.\n\n> # Not a part\n\n"
    assert said[1] == "Say `why`\r\n---\r\nGive reasons.\r\r"
    assert said[2] == "## Cite\n"


@pytest.mark.parametrize("text", ["", "no heading", "> # quoted", "- # in a list", "#", "\n\n"])
def test_a_text_without_headings_of_its_own_has_no_parts(text: str) -> None:
    assert not parts(text)


def test_each_part_has_its_place_on_the_page() -> None:
    html = render_markdown(TEXT, anchors=True)
    for part in parts(TEXT):
        assert f'id="{part.anchor}"' in html
    assert html.count(' id="') == 4, "the empty heading has one too, so that numbers stay"
    assert ' id="' not in render_markdown(TEXT)


def test_no_id_comes_from_what_somebody_wrote() -> None:
    assert '<h1 id="main"' not in render_markdown('<h1 id="main">x</h1>\n\n# y {#main}\n', anchors=True)
