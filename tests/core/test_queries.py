"""A query says what the route knows, once, in characters and numbers that mean one thing."""

import pytest
from fastapi import FastAPI

from tests.cast import Cast, Client
from tests.core.addresses import doors, doors_with_ids

LIST = "/api/v1/submissions"
WRONG = {
    "an unknown name": "nothing=1",
    "an empty name": "=1",
    "a name of another framework": "a[]=1",
    "a path into an object": "author.password_hash=1",
    "a lookup": "author__password__startswith=p",
    "a name given twice": "cursor=a&cursor=a",
    "a name in capitals": "CURSOR=a",
    "a name of Python": "__class__=1",
}
NO_IDS = [
    "0",
    "-1",
    "+1",
    " 1",
    "1.0",
    "1e3",
    "01",
    "١",
    "１",
    "1_0",
    "9" * 19,
    "9223372036854775808",
    "x",
    "%00",
    "null",
]


@pytest.mark.parametrize("query", WRONG.values(), ids=WRONG)
def test_what_a_list_does_not_know_is_refused(cast: Cast, query: str) -> None:  # I17, S56
    answer = cast.author.get(f"{LIST}?{query}")
    assert (answer.status_code, answer.json()["type"]) == (422, "/errors/input.query")


def test_no_route_takes_a_name_that_it_does_not_know(cast: Cast, app: FastAPI) -> None:  # I17
    for method, address in doors(app, safe=True) + doors(app, safe=False):
        answer = cast.operator.request(method, f"{address}?who_knows=1")
        assert (answer.status_code, "query parameter" in answer.text) == (422, True), (method, address)


@pytest.mark.parametrize("raw", ["a=%ff", "a=%C0%AF", "a=%ED%A0%80", "a=%E2%82", "%ff=1"])
def test_a_query_that_is_not_utf8_cannot_be_read(client: Client, raw: str) -> None:  # I6
    assert client.get(f"/sign-in?{raw}").status_code == 400


def test_a_nul_in_a_query_is_refused_with_its_place(cast: Cast) -> None:  # I4
    answer = cast.author.get(f"{LIST}?cursor=a%00b")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/query")


@pytest.mark.parametrize("number", NO_IDS)
def test_what_is_no_id_leads_nowhere(cast: Cast, app: FastAPI, number: str) -> None:  # I16
    ways = doors_with_ids(app, number)
    for method, address in ways if number == NO_IDS[0] else ways[::20]:  # they share one kind of path
        answer = cast.operator.request(method, address)
        assert (answer.status_code, "There is no such page." in answer.text) == (404, True), (method, address)


@pytest.mark.parametrize("number", ["2147483648", "4611686018427387904", "9" * 18])
def test_an_id_that_never_was_is_not_there(cast: Cast, app: FastAPI, number: str) -> None:  # I16
    for method, address in doors_with_ids(app, number):
        if method == "GET":
            assert cast.author.get(address).status_code in (403, 404), address
