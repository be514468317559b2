"""How a test knocks at a route: its address with ids filled in, and a body that the route would take."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from fastapi.params import Form
from fastapi.routing import RouteContext

from app.core.signpost import every_route
from tests import factories
from tests.cast import Client

TURNS = factories.answered("An answer.")
ASKED = factories.asked("A question?")
SHEET = {"response": "An answer.", "revision": "1"}
RATINGS = {"helpful": 4, "correct": 5}
PAIR = {"prompt": "What is asked?", "chosen": "That.", "rejected": "This.", "source": "ours", "licence": "MIT"}
LINE = b'{"prompt": "What is asked?", "response": "That.", "source": "ours", "licence": "MIT"}\n'
PAIR_LINE = json.dumps(PAIR).encode()
# The least that each route takes; a form is given its `user_id`, where it has one, by knock().
BODIES: dict[str, Any] = {
    "accounts.sign_in": {"email": "nobody@example.org", "password": factories.PASSWORD},
    "accounts.forgot": {"email": "nobody@example.org"},
    "accounts.join": {"name": "Joe", "password": "battery horse correct"},
    "accounts.new_password": {"password": "battery horse correct"},
    "accounts.make_first_admin": {"email": "joe@example.org", "name": "Joe", "password": "battery horse correct"},
    "accounts.change_name": {"name": "Joe"},
    "accounts.choose_mail": {"mail": "daily"},
    "accounts.read_notices": {"until": "2026-01-01T00:00:00Z"},
    "accounts.change_email": {"email": "joe@example.org"},
    "accounts.change_password": {"password": "battery horse correct"},
    "accounts.tokens": {"name": "Joe", "scopes": "projects:read", "days": "9"},
    "accounts.people": {"name": "Joe", "email": "joe@example.org"},
    "api.accounts.sign_in": {"email": "nobody@example.org", "password": factories.PASSWORD},
    "api.accounts.change_me": {"name": "Joe"},
    "api.accounts.read_notices": {"until": "2026-01-01T00:00:00Z"},
    "api.accounts.invite": {"name": "Joe", "email": "joe@example.org"},
    "projects.new": {"name": "Mine"},
    "projects.settings": {"name": "Mine"},
    "projects.add_category": {"name": "Third"},
    "projects.change_category": {"target": "3"},
    "projects.set_target": {"target": "3", "seen": "a-mark"},
    "evaluation.follow": {"follows": "true", "seen": "a-mark"},
    "projects.revise": {
        "based_on": "1", "text": "Be kind.", "rubric_key": "kind", "rubric_name": "Kind", "rubric_description": "",
    },
    "projects.members": {"email": "joe@example.org", "name": "Joe", "role": "annotator"},
    "projects.set_role": {"role": "reviewer"},
    "projects.consent": {"shown": "a-mark"},
    "api.projects.accept": {"shown": "a-mark"},
    "api.projects.new": {"name": "Mine"},
    "api.projects.settings": {"target": 3},
    "api.projects.revise": {"text": "Be kind."},
    "api.projects.add_category": {"name": "Third"},
    "api.projects.change_category": {"target": 3},
    "api.projects.propose_wording": {"version": 1, "heading": "Be helpful", "text": "# Be helpful\n\nBriefly."},
    "api.projects.add_member": {"email": "joe@example.org", "name": "Joe", "role": "annotator"},
    "api.projects.set_role": {"role": "reviewer"},
    "prompts.propose": {"prompt": "What is asked?"},
    "prompts.ask": {"body": "Which one is meant?"},
    "prompts.reject": {"reason": "Said before."},
    "prompts.import_file": {},
    "writing.import_pairs": {},
    "api.prompts.propose": {"prompt": "What is asked?"},
    "api.prompts.ask": {"body": "Which one is meant?"},
    "api.prompts.reject": {"reason": "Said before."},
    "writing.hand_in": SHEET,
    "writing.save": SHEET,
    "writing.hints": SHEET,
    "writing.prompt_hints": {"prompt": "What is asked?"},
    "writing.add_turn": SHEET,
    "writing.drop_turn": SHEET,
    "writing.skip": {"reason": "Not for me."}, "writing.undo_skip": {},
    "writing.report": {"reason": "unclear"},
    "prompts.report": {"reason": "unclear"},
    "writing.hand_over": {"to": "999999999"},
    "api.writing.hints": {"messages": TURNS},
    "api.writing.prompt_hints": {"prompt": "What is asked?"},
    "api.writing.hand_over": {"to": 999999999},
    "api.writing.save_draft": {"messages": TURNS, "revision": 1},
    "api.writing.hand_in": {"draft_revision": 1},
    "api.writing.skip": {"reason": "Not for me."},
    "api.writing.report": {"reason": "unclear"},
    "api.prompts.report": {"reason": "unclear"},
    "api.writing.write_pair": {"prompt_messages": ASKED, "messages": TURNS},
    "projects.wording": {"version": "1", "heading": "Be helpful", "text": "# Be helpful\n\nBriefly."},
    "review.withdraw_for": {"reason": "They asked by mail."},
    "api.writing.withdraw_for": {"reason": "They asked by mail."},
    "writing.take_consent_back_for": {"reason": "They asked by mail."},
    "api.writing.take_consent_back_for": {"reason": "They asked by mail."},
    "review.phrases": {"text": "Say early that the rules differ."},
    "review.decide": {"revision": "1", "decision": "changes_requested", "note": "More, please."},
    "review.approve_edited": {
        "revision": "1", "response": "A better answer.", "rating-helpful": "4", "rating-correct": "5",
    },
    "review.mark_gold": {"decision": "approved", "note": "As it should be."},
    "review.comment": {"revision": "1", "quote": "answer", "body": "Which one?"},
    "review.answer": {"shown": "1", "body": "This one."},
    "review.resolve": {"shown": "1"},
    "api.review.keep_phrase": {"text": "Say early that the rules differ."},
    "api.review.mark_gold": {"decision": "approved", "note": "As it should be."},
    "api.review.comment": {"revision": 1, "quote": "answer", "body": "Which one?"},
    "api.review.answer": {"body": "This one."},
    "api.review.decide": {"revision": 1, "decision": "approved", "ratings": RATINGS},
    "datasets.create": {"name": "Some"},
    "datasets.push": {"repository": "us/ours"},
    "api.datasets.push": {"repository": "us/ours"},
    "api.datasets.create": {"name": "Some"},
    "datasets.prepare": {"held_out_writers": "10"},
    "api.datasets.prepare": {"held_out_writers": 10},
    "prompts.tag": {"tags": "pilot"},
    "api.prompts.tag": {"tags": ["pilot"]},
    "preferences.create_dataset": {"name": "Some of it"},
    "api.preferences.create_dataset": {"name": "Some of it"},
    "preferences.rule": {"based_on": "1", "languages": "en"},
    "api.preferences.change_rule": {"rule": {"languages": ["en"]}},
    "api.preferences.try_rule": {},
    "datasets.rule": {"based_on": "1", "languages": "en"},
    "api.datasets.change_rule": {"rule": {"languages": ["en"]}},
    "api.datasets.try_rule": {},
    "training.erase": {"email": "member.of.everyday.assistant@example.org"},
    "api.training.erase": {"email": "member.of.everyday.assistant@example.org"},
    "training.start": {
        "base_model": "tiny", "adapter": "full", "epochs": "1", "learning_rate": "0.001", "batch_size": "1",
        "train_rows": "0", "seed": "1",
    },
    "api.training.start": {"base_model": "tiny"},
    "training.ask": {"run": "999999999", "prompt": "Why?", "temperature": "0.7", "max_tokens": "9", "seed": "1"},
    "api.training.ask": {"prompt": "Why?"},
    "preferences.make": {"name": "Some"},
    "preferences.judge": {"choice": "left"},
    "preferences.generate": {"name": "Said by models"},
    "api.preferences.generate": {"name": "Said by models", "run_ids": [999_999_999]},
    "api.preferences.make": {"name": "Some", "pairs": [PAIR]},
    "api.preferences.judge": {"choice": "left"},
    "preferences.order": {"place_a": "1", "place_b": "2", "place_c": "2"},
    "api.preferences.order": {"places": [1, 2, 2]},
}  # fmt: skip
FILES = {"training.model_file": "model.safetensors", "api.training.model_file": "model.safetensors"}
HEADERS = {key: {"If-Match": '"1"'} for key in ("api.datasets.change_rule", "api.preferences.change_rule")}


@dataclass(frozen=True)
class Door:
    """One method of one route."""

    method: str
    route: RouteContext

    @property
    def name(self) -> str:
        """The route's name and what is done there, as the table has it."""
        return f"{self.method} {self.route.name}"

    @property
    def ids(self) -> list[str]:
        """The names of the ids in its address."""
        return [name for name, kind in self.route.param_convertors.items() if type(kind).__name__ == "IdConvertor"]

    @property
    def takes_form(self) -> bool:
        """Whether its body is a form."""
        return self.route.body_field is not None and isinstance(self.route.body_field.field_info, Form)

    @property
    def takes_json(self) -> bool:
        """Whether its body is JSON."""
        return self.route.body_field is not None and not self.takes_form

    def address(self, ids: Mapping[str, int | str]) -> str:
        """Its address with these ids."""
        wanted = {name: ids[name] for name in self.route.param_convertors}
        if "name" in wanted:
            wanted["name"] = FILES.get(str(self.route.name), wanted["name"])
        return str(self.route.path_format).format(**wanted)

    def body(self, client: Client) -> dict[str, Any]:
        """A body that it would take from this person, as arguments of a request."""
        given = dict(BODIES.get(str(self.route.name), {}))
        if str(self.route.name) in ("api.prompts.import_file", "api.writing.import_pairs"):
            return {"content": LINE, "headers": {"Content-Type": "application/jsonl"}}
        if str(self.route.name) in ("prompts.import_file", "writing.import_pairs"):
            return {"files": {"file": ("prompts.jsonl", LINE)}, "data": {"user_id": drawn_for(client)}}
        if str(self.route.name) == "preferences.make":
            return {"files": {"file": ("pairs.jsonl", PAIR_LINE)}, "data": given | {"user_id": drawn_for(client)}}
        if str(self.route.name) == "api.preferences.import_pairs":
            return {"content": PAIR_LINE, "params": {"name": "Some"}, "headers": {"Content-Type": "application/jsonl"}}
        if str(self.route.name) == "datasets.add_benchmark":
            return {"files": {"file": ("benchmark.jsonl", LINE)}, "data": {"name": "B", "licence": "MIT"}}
        if str(self.route.name) == "api.datasets.add_benchmark":
            return {"content": LINE, "params": {"name": "B", "licence": "MIT"}}
        if self.takes_json:
            return {"json": given}
        if self.takes_form:
            fields = getattr(self.route.body_field.field_info.annotation, "model_fields", {})
            return {"data": given | ({"user_id": drawn_for(client)} if "user_id" in fields else {})}
        return {}


def drawn_for(client: Client) -> int:
    """Whom a form of this browser was drawn for."""
    return client.user.id if client.user else 1


def every_door(app: FastAPI) -> list[Door]:
    """Every method of every route."""
    doors = [Door(method, route) for route in every_route(app) for method in sorted(route.methods or ())]
    assert doors
    return doors


def knock(client: Client, door: Door, ids: Mapping[str, int | str], **more: Any) -> Any:
    """Ask as this person, with a body that the route would take."""
    body = door.body(client)
    headers = HEADERS.get(str(door.route.name), {}) | body.pop("headers", {}) | more.pop("headers", {})
    return client.request(door.method, door.address(ids), headers=headers, **(body | more))
