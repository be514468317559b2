"""Where a link of a page leads: to the route of that name that takes what the link gives."""

import pytest
from fastapi import FastAPI
from starlette.routing import NoMatchFound

from app.core.signpost import every_route


def test_each_name_of_a_route_leads_to_one_of_its_addresses(app: FastAPI) -> None:
    for route in every_route(app):
        address = app.url_path_for(str(route.name), **dict.fromkeys(route.param_convertors, "7"))
        assert route.path_regex.fullmatch(address), route.name


@pytest.mark.parametrize(
    ("name", "given"), [("prompts.nothing", {}), ("prompts.show", {}), ("prompts.show", {"id": 7})]
)
def test_a_link_to_no_route_is_an_error(app: FastAPI, name: str, given: dict[str, int]) -> None:
    with pytest.raises(NoMatchFound):
        app.url_path_for(name, **given)
