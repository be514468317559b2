"""The OpenAPI document is for whoever is signed in, and a generator of clients can use it as it stands."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from fastapi import FastAPI
from openapi_spec_validator import OpenAPIV31SpecValidator
from sqlalchemy.orm import Session

from app.accounts.tokens import create_token
from app.core.signpost import every_route
from app.datasets.models import Version
from tests.api_contract import served
from tests.cast import Cast, Client

WHERE = "/api/v1/openapi.json"
BODILESS = {"204", "304", "416"}


@pytest.fixture
def document() -> Mapping[str, Any]:
    """The document."""
    return served()


def operations(document: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Path, method and operation of each."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def references(part: Any) -> Iterator[str]:
    """Every $ref in a document."""
    if isinstance(part, dict):
        if "$ref" in part:
            yield part["$ref"]
        for inner in part.values():
            yield from references(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from references(inner)


def test_a_stranger_does_not_get_it(client: Client) -> None:  # S41
    assert client.get(WHERE).status_code == 401


def test_a_signed_in_person_gets_it(cast: Cast, document: Mapping[str, Any]) -> None:  # S41
    assert cast.author.get(WHERE).json() == document


def test_a_program_gets_it_with_a_token_of_any_scope(cast: Cast, client: Client, session: Session) -> None:
    _, secret = create_token(session, cast.author.actor, name="Generator", scopes=["runs:read"], days=1)
    session.commit()
    assert client.get(WHERE, headers={"Authorization": f"Bearer {secret}"}).status_code == 200
    assert client.get(WHERE, headers={"Authorization": "Bearer pen_nonsense"}).status_code == 401


def test_every_json_route_is_in_it(app: FastAPI, document: Mapping[str, Any]) -> None:
    routes = [
        (re.sub(":id}", "}", str(route.path)), method.lower())
        for route in every_route(app)
        if str(route.path).startswith("/api/") and str(route.path) != WHERE
        for method in route.methods or ()
    ]
    assert sorted(routes) == sorted((path, method) for path, method, _ in operations(document))


def test_every_operation_has_a_name_of_its_own_that_programs_can_use(document: Mapping[str, Any]) -> None:
    names = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(set(names)) == len(names)
    assert [name for name in names if not re.fullmatch("[a-z][a-z_]+", name)] == []


def test_every_operation_says_what_it_does(document: Mapping[str, Any]) -> None:
    assert [path for path, _, operation in operations(document) if not operation.get("description")] == []


def test_every_success_has_a_schema_or_is_a_file(document: Mapping[str, Any]) -> None:
    silent = []
    for path, method, operation in operations(document):
        for status, answer in operation["responses"].items():
            schemas = [content.get("schema") for content in answer.get("content", {}).values()]
            if status not in BODILESS and "$ref" not in answer and not (schemas and all(schemas)):
                silent.append((method, path, status))
    assert silent == []


def test_every_refusal_is_documented_as_a_problem(document: Mapping[str, Any]) -> None:
    for status, answer in document["components"]["responses"].items():
        assert answer["content"] == {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
        assert status.startswith(("4", "5"))
    for path, method, operation in operations(document):
        answers = operation["responses"]
        assert {"401", "403", "422", "503"} <= set(answers)
        assert ("409" in answers) is (method != "get" or "{" in path)
        for status in answers.keys() & document["components"]["responses"].keys():
            assert answers[status] == {"$ref": f"#/components/responses/{status}"}


def test_numbers_have_their_bounds_in_the_words_of_json_schema(document: Mapping[str, Any]) -> None:
    target = document["components"]["schemas"]["ProjectIn"]["properties"]["target"]
    assert (target["minimum"], target["maximum"]) == (0, 1_000_000)
    assert [bound for bound in ('"ge"', '"gt"', '"le"', '"lt"') if bound in json.dumps(document)] == []


def test_it_is_valid_openapi(document: Mapping[str, Any]) -> None:
    assert document["openapi"].startswith("3.1.")
    assert [str(error) for error in OpenAPIV31SpecValidator(document).iter_errors()] == []


def test_a_real_refusal_is_as_it_is_documented(cast: Cast, document: Mapping[str, Any]) -> None:
    problem = document["components"]["schemas"]["Problem"]
    told = cast.operator.post("/api/v1/projects", json={"nothing": 1}).json()
    assert set(problem["required"]) <= set(told) <= set(problem["properties"])


def test_every_reference_leads_somewhere(document: Mapping[str, Any]) -> None:
    for reference in references(document):
        part: Any = document
        for step in reference.removeprefix("#/").split("/"):
            part = part[step]
        assert part


def test_every_parameter_of_a_path_is_described(document: Mapping[str, Any]) -> None:
    for path, _, operation in operations(document):
        described = {one["name"] for one in operation.get("parameters", []) if one["in"] == "path"}
        assert set(re.findall(r"\{([a-z_]+)\}", path)) == described


def test_every_operation_says_who_may_ask(document: Mapping[str, Any]) -> None:
    schemes = document["components"]["securitySchemes"]
    assert document["security"] == [{"browser": []}]
    for _, _, operation in operations(document):
        assert {name for way in operation.get("security", []) for name in way} <= set(schemes)


def test_a_scope_stands_at_the_operation_that_it_opens(document: Mapping[str, Any]) -> None:
    by_name = {operation["operationId"]: operation for _, _, operation in operations(document)}
    assert by_name["prompts_propose"]["security"] == [{"token": ["prompts:write"]}, {"browser": []}]
    assert "security" not in by_name["writing_save_draft"]
    assert by_name["accounts_sign_in"]["security"] == []


def test_no_answer_gives_more_than_its_schema_names(document: Mapping[str, Any]) -> None:  # S55
    open_ones = {"evaluation_report"}
    for path, method, operation in operations(document):
        for status, answer in operation["responses"].items():
            schema = answer.get("content", {}).get("application/json", {}).get("schema", {"$ref": ""})
            closed = "$ref" in schema or "items" in schema
            assert closed or operation["operationId"] in open_ones, (method, path, status)


def test_whatever_is_named_may_be_nothing_for_you_or_not_now_or_gone(document: Mapping[str, Any]) -> None:
    for path, method, operation in operations(document):
        if "{" in path:
            assert {"404", "409", "410"} <= operation["responses"].keys(), f"{method} {path}"


def test_what_a_reading_operation_refuses_is_a_status_that_it_names(
    cast: Cast, first_version: Version, document: Mapping[str, Any]
) -> None:
    refused = cast.reviewer.get(f"/api/v1/datasets/{first_version.dataset_id}/preference-preview")
    named = document["paths"]["/api/v1/datasets/{preferences_id}/preference-preview"]["get"]["responses"]
    assert refused.status_code == 409
    assert str(refused.status_code) in named
