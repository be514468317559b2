"""The parts of a page say what they are given, byte for byte, and tie words to controls."""

from html.parser import HTMLParser
from typing import Any

from app.core.invisible import pieces
from app.core.web import environment

HOSTILE = "\n</textarea><script>alert(1)</script> \"'& \u202e\u2028\r\n\rend "


def drawn(file: str, call: str, **names: Any) -> str:
    """What a macro draws: `call` is how a page calls it."""
    macro = call.split("(")[0]
    return (
        environment().from_string(f'{{% from "components/{file}.html" import {macro} %}}{{{{ {call} }}}}').render(names)
    )


class TextOf(HTMLParser):
    """The text that an element's children come to, as a parser with character references reads it."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def text_of(html: str) -> str:
    """All text of a fragment. Line ends are turned as a browser turns them, before references are read."""
    parser = TextOf()
    parser.feed(html.replace("\r\n", "\n").replace("\r", "\n"))
    parser.close()
    return "".join(parser.texts)


def test_written_text_comes_back_byte_for_byte() -> None:  # S62
    assert text_of(drawn("written", "written(text)", text=HOSTILE)) == HOSTILE


def test_a_diff_puts_together_the_same_text() -> None:
    segments = [("equal", "a\r"), ("delete", "<b>"), ("insert", "\n\n"), ("equal", " c")]
    html = drawn("written", "diff(segments)", segments=segments)
    assert text_of(html) == "a\r<b>\n\n c"
    assert "<del>&lt;b&gt;</del><ins>\n\n</ins>" in html


def test_a_sheet_keeps_a_first_newline_and_says_that_it_holds_carriage_returns() -> None:
    html = drawn("editor", 'sheet("response", "Your response", text)', text=HOSTILE)
    body = html.split("<textarea")[1].split(">", 1)[1].rsplit("</textarea>", 1)[0]
    assert body.startswith("\n\n")
    assert text_of(body)[1:] == HOSTILE
    assert "data-has-cr" in html
    assert "data-has-cr" not in drawn("editor", 'sheet("response", "Your response", "a\\nb")')


def test_a_field_ties_its_hint_and_its_error_to_the_control() -> None:
    html = drawn("field", 'field("email", "E-mail", hint="As you sign in", error="This is no e-mail.")')
    assert '<label for="email">' in html
    assert 'aria-invalid="true" aria-describedby="email-hint email-error"' in html
    assert html.index("<label") < html.index("<input") < html.index("field-hint") < html.index("field-error")


def test_unseen_characters_are_shown_and_kept() -> None:  # S74
    html = drawn("written", "marked(pieces)", pieces=pieces("pay \u202eneved\u202c now"))
    assert '<span class="invisible" title="right-to-left override">U+202E</span>\u202eneved' in html


def test_the_pieces_of_a_text_are_the_text() -> None:
    for text in ("", HOSTILE, "\u200b", "a\u200d", "👩\u200d👩\u200d👧", "می\u200cخواهم", "\U000e0041"):
        assert "".join(piece.text for piece in pieces(text)) == text


def test_joiners_that_make_emoji_and_words_are_no_news() -> None:
    assert [piece.code for piece in pieces("👩\u200d👩 می\u200cخواهم")] == [""]
    assert [piece.code for piece in pieces("pass\u200dword")] == ["", "U+200D", ""]


def test_a_state_is_a_word_and_a_shape() -> None:
    html = drawn("state", 'state("changes_requested")')
    assert html == '<span class="state" data-state="changes">changes requested</span>'
