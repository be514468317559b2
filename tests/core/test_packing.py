"""Pages are packed so that their length tells nobody on the line what stands in them."""

import gzip

import pytest
from starlette.requests import Request
from starlette.responses import HTMLResponse

from app.core.packing import FILLING, pack, packed

PAGE = "<p>What other people wrote.</p>" * 100


def sent(method: str = "GET", query: bytes = b"", status: int = 200, page: str = PAGE) -> HTMLResponse:
    """A page as it leaves, for a browser that reads gzip."""
    headers = [(b"accept-encoding", b"gzip, br"), (b"host", b"testserver")]
    scope = {"type": "http", "method": method, "path": "/", "query_string": query, "headers": headers}
    response = HTMLResponse(page, status)
    pack(Request(scope), response)
    return response


def test_a_packed_page_is_the_page() -> None:
    answer = sent()
    assert answer.headers["content-length"] == str(len(bytes(answer.body)))
    assert gzip.decompress(bytes(answer.body)).decode() == PAGE


@pytest.mark.parametrize(
    "other", [{"query": b"q=guess"}, {"method": "POST"}, {"status": 201}, {"status": 404}, {"page": "short"}], ids=str
)
def test_what_repeats_the_request_or_shows_a_secret_once_is_not_packed(other: dict[str, object]) -> None:  # S107
    assert "content-encoding" not in sent(**other).headers  # type: ignore[arg-type]


def test_the_length_of_one_packed_page_is_another_each_time() -> None:  # S107
    lengths = [len(packed(PAGE.encode())) for _ in range(300)]
    assert len(set(lengths)) > FILLING / 2
    assert max(lengths) - min(lengths) <= FILLING
