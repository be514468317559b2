"""Style sheets and scripts are kept by browsers exactly as long as their address says what they hold."""

import re

import pytest

from app.core.web import static
from tests.cast import Cast, Client


def test_a_file_asked_for_by_its_content_is_kept_for_a_year(client: Client) -> None:
    answer = client.get(str(static("css/base.css")))
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


def test_a_file_asked_for_by_its_name_alone_is_asked_for_again(client: Client) -> None:
    assert client.get("/static/js/main.js").headers["cache-control"] == "no-cache"


def test_a_script_and_what_it_imports_are_kept_for_a_year_under_the_mark_of_all_scripts(client: Client) -> None:
    main = str(static("js/main.js"))
    for address in (main, main.replace("main.js", "keys.js"), main.replace("js/main.js", "vendor/htmx/htmx.min.js")):
        answer = client.get(address)
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "public, max-age=31536000, immutable")


def test_scripts_under_an_old_mark_are_asked_for_again(client: Client) -> None:
    assert client.get("/static/@0123456789ab/js/main.js").headers["cache-control"] == "no-cache"


def test_a_mark_of_another_content_is_not_kept(client: Client) -> None:
    for query in ("?v=0123456789ab", "?v=", "?v=1&v=2"):
        assert client.get(f"/static/css/base.css{query}").headers["cache-control"] == "no-cache"


def test_a_file_that_has_not_changed_is_not_sent_again(client: Client) -> None:
    first = client.get("/static/js/main.js")
    again = client.get("/static/js/main.js", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content, again.headers["cache-control"]) == (304, b"", "no-cache")


def test_a_file_that_is_not_there_is_not_kept(client: Client) -> None:
    answer = client.get("/static/css/nothing.css?v=0123456789ab")
    assert (answer.status_code, answer.headers["cache-control"]) == (404, "no-store")


def test_an_address_of_a_file_that_is_not_there_cannot_be_written() -> None:
    with pytest.raises(FileNotFoundError):
        static("css/nothing.css")


def test_what_becomes_smaller_is_sent_packed_to_whoever_reads_that(client: Client) -> None:
    address = str(static("all.css"))
    packed = client.get(address, headers={"Accept-Encoding": "gzip"})
    plain = client.get(address, headers={"Accept-Encoding": "identity"})
    assert packed.text == plain.text
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < int(plain.headers["content-length"]) / 2
    assert (packed.headers["vary"], plain.headers["vary"]) == ("Accept-Encoding", "Accept-Encoding")
    assert packed.headers["etag"] != plain.headers["etag"]
    font = client.get(str(static("fonts/literata-latin-wght-normal.woff2")), headers={"Accept-Encoding": "gzip"})
    assert (font.headers["content-type"], "content-encoding" in font.headers) == ("font/woff2", False)


def test_the_fonts_of_the_style_sheet_are_kept_for_a_year(client: Client) -> None:
    fonts = re.findall(r"url\((/static/fonts/[^)]+)\)", client.get(str(static("all.css"))).text)
    assert len(fonts) == 6
    assert {client.get(font).headers["cache-control"] for font in fonts} == {"public, max-age=31536000, immutable"}


def test_a_page_is_sent_packed_but_not_one_that_repeats_what_its_address_says(cast: Cast) -> None:
    page = cast.author.get("/my/submissions", headers={"Accept-Encoding": "gzip"})
    assert (page.headers["content-encoding"], page.headers["vary"]) == ("gzip", "Accept-Encoding")
    assert "content-encoding" not in cast.author.get("/my/submissions", headers={"Accept-Encoding": "identity"}).headers
    asked = cast.author.get("/search?q=bread", headers={"Accept-Encoding": "gzip"})
    assert (asked.status_code, "content-encoding" in asked.headers) == (200, False)
