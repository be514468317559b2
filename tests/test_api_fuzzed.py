"""Every operation of the API under what its document allows and under what it forbids: no 5xx, nothing undocumented.

PENSET_TEST_ROUNDS says how many requests each operation hears.
"""

from typing import Any

import requests
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings, strategies
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from sqlalchemy import Connection
from sqlalchemy.orm import Session

from app.accounts.models import SCOPES
from app.accounts.tokens import create_token
from tests.cast import Cast, Client
from tests.knocking import FILES
from tests.rounds import rounds
from tests.world import Ids, Undone, World

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
HEALTH = list(HealthCheck)
PARTS = {"method", "url", "headers", "params", "data", "json", "files"}
SENT_BY_CLIENT = {"authorization", "cookie", "user-agent", "sec-fetch-site"}
schemathesis.serializer.alias("application/x-ndjson", "text/plain")  # a file of lines


def test_no_operation_answers_what_its_document_does_not_say(
    cast: Cast, app: FastAPI, session: Session, connection: Connection, world: World, undone: Undone
) -> None:
    connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")  # to think up requests takes time
    assert cast.admin.user
    cast.admin.user.is_admin = True
    session.commit()
    _, secret = create_token(session, cast.admin.actor, name="All", scopes=sorted(SCOPES), days=9)
    session.commit()
    session.close()
    program = Client(app)
    program.headers["Authorization"] = f"Bearer {secret}"
    wrong, reached = [], []
    for found in schemathesis.openapi.from_dict(app.openapi()).get_all_operations():
        assert isinstance(found, Ok), found
        operation = found.ok()
        answers, failures = ask(program if takes_token(operation) else cast.admin, operation, world.p, undone)
        wrong += [f"{operation.label}: {failure}" for failure in failures]
        reached.append(any(200 <= status < 300 for status in answers))
    assert wrong == []
    assert sum(reached) > len(reached) / 2  # what is refused as a whole would say little


def ask(client: Client, operation: Any, ids: Ids, undone: Undone) -> tuple[list[int], list[Exception]]:
    """The statuses of a few answers, and what in them the document does not say."""
    statuses: list[int] = []

    @settings(max_examples=rounds(6), derandomize=True, database=None, deadline=None, suppress_health_check=HEALTH)
    @given(case=cases(operation, ids))
    def one(case: Any) -> None:
        with undone():
            answer = send(client, case)
        statuses.append(answer.status_code)
        case.validate_response(answer, checks=CHECKS)

    try:
        one()
    except FailureGroup as group:
        return statuses, list(group.exceptions)
    return statuses, []


def takes_token(operation: Any) -> bool:
    """Whether a token opens it."""
    return any("token" in way for way in operation.definition.raw.get("security", []))


def cases(operation: Any, ids: Ids) -> Any:
    """Requests that the document allows, to what there is and to anything, and requests that it forbids."""
    names = [one.name for one in operation.path_parameters]
    real = {name: ids[name] for name in names} or None
    if "name" in names:
        real = {**(real or {}), "name": FILES.get(f"api.{operation.definition.raw['operationId']}", ids["name"])}
    return strategies.one_of(
        operation.as_strategy(GenerationMode.POSITIVE, path_parameters=real),
        operation.as_strategy(GenerationMode.POSITIVE),
        operation.as_strategy(GenerationMode.NEGATIVE, path_parameters=real),
    )


def send(client: Client, case: Any) -> Any:
    """Send the request as this browser or program."""
    wanted = case.as_transport_kwargs(base_url="http://testserver")
    sent = requests.Request(**{name: wanted[name] for name in wanted.keys() & PARTS}).prepare()
    said = {name: str(value) for name, value in sent.headers.items() if name.lower() not in SENT_BY_CLIENT}
    headers = {name.encode(): value.encode("latin-1") for name, value in said.items()}  # not of ASCII alone
    assert sent.body is None or isinstance(sent.body, str | bytes)
    return client.request(str(sent.method), str(sent.url), headers=headers, content=sent.body)
