"""An address answers to its methods, says which they are, and gives the head of whatever can be got."""

import pytest
from fastapi import FastAPI

from app.core.signpost import methods_at
from tests.cast import Cast, Client
from tests.core.addresses import ONLY_STATIC, doors


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("/sign-in", "GET, HEAD, POST"),
        ("/sign-out", "POST"),
        ("/api/v1/session", "DELETE, POST"),
        ("/api/v1/projects/1/members/1", "DELETE, PUT"),
        ("/static/css/base.css", "GET, HEAD"),
    ],
)
def test_a_refused_method_is_told_which_are_not(client: Client, address: str, allowed: str) -> None:
    answer = client.request("PROPFIND", address)
    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)


def test_trace_is_refused_at_every_address(app: FastAPI, client: Client) -> None:  # S41
    for _, address in doors(app, safe=True):
        answer = client.request("TRACE", address, headers={"X-Secret": "told back"})
        assert (answer.status_code, "told back" in answer.text) == (405, False), address


def test_what_can_be_got_has_a_head(cast: Cast) -> None:  # RFC 9110, 9.3.2
    for address in ("/projects", "/api/v1/me", "/nothing", "/static/css/base.css"):
        got, head = cast.author.get(address), cast.author.head(address)
        assert (head.status_code, head.content) == (got.status_code, b"")
        assert head.headers["content-type"] == got.headers["content-type"]
        assert head.headers["content-security-policy"] == got.headers["content-security-policy"]


def test_the_head_of_what_is_only_done_is_refused(cast: Cast) -> None:
    assert cast.author.head("/sign-out").status_code == 405


def test_no_route_hides_behind_a_mount(app: FastAPI) -> None:
    assert all(method in methods_at(app, address) for method, address in doors(app, safe=True))


@pytest.mark.parametrize(
    "address", ["/static", "/static/", "/static/css", "/static/css/", "/static/js/", "/docs", "/redoc", "/openapi.json"]
)
def test_a_folder_and_a_manual_are_nothing_to_strangers(client: Client, address: str) -> None:  # S41
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("path", ONLY_STATIC)
def test_only_what_lies_in_static_is_served(client: Client, path: str) -> None:  # S77
    assert client.get(f"http://testserver{path}").status_code == 404


@pytest.mark.parametrize("path", ["/projects/", "/sign-in/", "/api/v1/me/"])
def test_an_address_with_one_slash_too_many_is_another_address(cast: Cast, path: str) -> None:
    assert cast.author.get(path).status_code == 404
