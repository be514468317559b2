"""A page says once, after a redirect, that something was done; only we can let it say so."""

from dataclasses import dataclass

import pytest
from fastapi import FastAPI, Request
from starlette.responses import Response

from app.core.settings import Settings
from app.core.web import ErrorPage, pages, render, see_other
from tests.cast import Client

router = pages()
SENTENCE = "Handed in: “Ünïcode” & <b>all</b>."


@dataclass(frozen=True)
class DonePage(ErrorPage):
    """A page with nothing on it."""


@router.post("/do", name="says.do")
def do(request: Request) -> Response:
    """Do it, and let the next page say so."""
    return see_other(request, "says.done", say=SENTENCE)


@router.get("/done", name="says.done")
def done(request: Request) -> Response:
    """The page after it."""
    return render(request, DonePage("Done", 200, "", "", "", (), {}, for_htmx=False), template="layouts/door.html")


@pytest.fixture
def browser(app: FastAPI) -> Client:
    """A browser on a site on which one thing can be done."""
    app.include_router(router)
    return Client(app)


def name_of(settings: Settings) -> str:
    """The cookie that carries the sentence."""
    return f"{settings.cookie_name}-said"


def test_the_page_after_a_redirect_says_it_once_and_as_text(browser: Client) -> None:
    assert browser.post("/do").headers["location"] == "/done"
    first, second = browser.get("/done"), browser.get("/done")
    assert "Handed in: “Ünïcode” &amp; &lt;b&gt;all&lt;/b&gt;." in first.text
    assert "Handed in" not in second.text


def test_another_sites_cookie_says_nothing(browser: Client, settings: Settings) -> None:
    browser.post("/do")
    text, _, signature = browser.cookies[name_of(settings)].partition(".")
    for forged in (f"{text}.{signature[::-1]}", f"x{text}.{signature}", text, f"{text}.", f".{signature}", "é.ü"):
        answer = browser.get("/done", headers={b"Cookie": f"{name_of(settings)}={forged}".encode("latin-1")})
        assert (answer.status_code, 'class="message"' in answer.text) == (200, False), forged


def test_no_script_reads_it_and_no_other_site_sends_it(browser: Client) -> None:
    cookie = browser.post("/do").headers["set-cookie"]
    assert all(part in cookie for part in ("HttpOnly", "SameSite=lax", "Path=/", "Max-Age=60"))


def test_it_is_gone_after_the_page_that_shows_it(browser: Client, settings: Settings) -> None:
    browser.post("/do")
    browser.get("/done")
    assert name_of(settings) not in browser.cookies
