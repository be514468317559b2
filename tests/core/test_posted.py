"""Whose sign-in has ended before a form was sent sees its texts, can copy them, and sends them again."""

from typing import Any

from fastapi.params import Form
from fastapi.routing import APIRoute
from markupsafe import escape

from app.core.posted import text_fields
from app.main import ROUTES
from tests.cast import Cast

TEXT = "\n  A <b>thought</b> & more\n"


def sent(cast: Cast, address: str, headers: dict[str, str] | None = None, **form: Any) -> str:
    """The page that somebody gets who is not signed in."""
    answer = cast.visitor.post(address, data=form, headers=headers)
    assert answer.status_code == 401
    return str(answer.text)


def test_what_was_written_is_shown_to_be_copied_or_sent_again(cast: Cast) -> None:
    page = sent(
        cast, "/write/7/save", response=[TEXT, "Turn 2", "  "], prompt="", revision=3, user_id=12, view="preview"
    )
    written = escape(TEXT)
    assert page.count('<div class="written written-small"') == 2
    assert f">{written}</div>" in page
    assert '<form method="post" action="/write/7/save">' in page
    assert '<input type="hidden" name="revision" value="3">' in page
    assert f'<input type="hidden" name="response" value="{written}">' in page
    assert 'href="/sign-in?next=/account"' in page


def test_htmx_keeps_the_page_with_its_texts_and_only_gets_the_way_to_sign_in(cast: Cast) -> None:
    page = sent(cast, "/write/7/save", headers={"HX-Request": "true"}, response="Secret", revision=3, user_id=12)
    assert "Secret" not in page
    assert "/sign-in" in page


def test_a_form_that_does_not_say_whose_it_is_can_be_copied_only(cast: Cast) -> None:
    page = sent(cast, "/write/7/save", response=TEXT, revision=3)
    assert escape(TEXT) in page
    assert "Send it again" not in page


def test_a_note_of_one_line_is_a_text_too(cast: Cast) -> None:
    page = sent(cast, "/datasets/7/rule", based_on=1, note="Only what two people rated")
    assert ">Only what two people rated</div>" in page
    assert 'data-copy="Only what two people rated"' in page


def test_no_field_of_a_password_a_code_or_an_address_counts_as_a_text() -> None:
    texts: set[str] = set()
    for route in ROUTES:
        if isinstance(route, APIRoute) and isinstance(getattr(route.body_field, "field_info", None), Form):
            texts |= text_fields(route.dependant.body_params)
    assert {"response", "prompt", "note", "reason", "text"} <= texts
    assert not {name for name in texts for secret in ("password", "token", "code", "mail") if secret in name}
