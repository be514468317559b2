"""The API changes on purpose or not at all: its document is kept, and what would break a program is named."""

import copy
import json
from typing import Any

import pytest

from tests.api_contract import KEPT, RENEW, as_text, breaks, contract, served

WITHOUT_KEY = {
    "accounts_sign_in", "accounts_invite", "accounts_person_link", "projects_add_member",
    "datasets_add_benchmark", "preferences_import_pairs", "writing_import_pairs", "prompts_import_file",
    "datasets_try_rule", "preferences_try_rule", "writing_hints", "writing_prompt_hints", "training_ask",
    "review_take", "preferences_take",
}  # fmt: skip


@pytest.fixture(scope="module")
def now() -> Any:
    """The contract as the code has it."""
    return contract(served())


def test_the_kept_document_is_the_one_that_is_served(now: Any) -> None:
    kept = json.loads(KEPT.read_text("utf-8"))
    assert breaks(kept, now) == [], f"programs would break; if that is meant, {RENEW}"
    assert as_text(served()) == KEPT.read_text("utf-8"), f"the API has changed; {RENEW}"


def test_every_call_that_acts_takes_an_idempotency_key_or_says_why_not() -> None:
    bare = set()
    for methods in served()["paths"].values():
        if (operation := methods.get("post")) is not None:
            names = {one["name"].lower() for one in operation.get("parameters", [])}
            if "idempotency-key" not in names:
                bare.add(operation["operationId"])
    assert bare == WITHOUT_KEY


PROPOSE = ("paths", "/api/v1/projects/{project_id}/prompts", "post")
ASKED = ("components", "schemas", "ProposeIn")
ANSWERED = ("components", "schemas", "PromptOut")


@pytest.mark.parametrize(
    ("place", "change", "told"),
    [
        (PROPOSE[:2], lambda part: part.pop("post"), "POST /api/v1/projects/{project_id}/prompts is gone"),
        (PROPOSE, lambda part: part["responses"].pop("201"), "201 is answered no more"),
        (PROPOSE, lambda part: part["parameters"].pop(), "the parameter idempotency-key is gone"),
        (PROPOSE, lambda part: part["parameters"][-1].update(required=True), "idempotency-key is wanted now"),
        (ASKED, lambda part: part["properties"].pop("licence"), "the field licence is taken no more"),
        (ASKED, lambda part: part.update(required=["source"]), "the field source is wanted now"),
        (ASKED, lambda part: part["properties"]["source"].update(maxLength=3), "maxLength is 3 now"),
        (ASKED, lambda part: part["properties"]["source"].update(type="integer"), "is a integer now, no string"),
        (ANSWERED, lambda part: part["properties"].pop("language"), "the field language is answered no more"),
        (ANSWERED, lambda part: part["required"].remove("language"), "the field language may be missing now"),
    ],
)
def test_what_takes_something_away_from_programs_breaks_them(now: Any, place: Any, change: Any, told: str) -> None:
    newer = copy.deepcopy(now)
    part = newer
    for step in place:
        part = part[step]
    change(part)
    assert any(told in one for one in breaks(now, newer))


@pytest.mark.parametrize(
    ("place", "change"),
    [
        (("paths",), lambda part: part.update({"/api/v1/new": {"get": {"responses": {"200": {}}}}})),
        (PROPOSE, lambda part: part["parameters"].append({"in": "query", "name": "new", "schema": {}})),
        (ASKED, lambda part: part["properties"].update(new={"type": "string"})),
        (ANSWERED, lambda part: part["properties"].update(new={"type": "string"})),
        (PROPOSE, lambda part: part.update(summary="Said otherwise")),
    ],
)
def test_what_gives_more_breaks_nobody(now: Any, place: Any, change: Any) -> None:
    newer = copy.deepcopy(now)
    part = newer
    for step in place:
        part = part[step]
    change(part)
    assert breaks(now, newer) == []
