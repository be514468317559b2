"""Every form of every page, sent as a browser without scripts sends it: each of its buttons does what it says."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urldefrag, urljoin

from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.writing.models import Assignment, Submission
from tests.cast import Cast, Client
from tests.forms import Control, Form, forms_of
from tests.knocking import BODIES, LINE, PAIR_LINE, SHEET, Door, drawn_for, every_door
from tests.world import Undone, World

PEOPLE = ("visitor", "author", "reviewer", "admin", "operator")
RATED = {"rating-helpful": "4", "rating-correct": "5", "note": "Say more."}
# What a person writes into fields that a page leaves empty, where tests.knocking has something else for them.
WISHES: dict[str, dict[str, str]] = {
    "accounts.sign_in": {"email": "ann.author@example.org"},
    "projects.revise": {"rubric_key": "", "rubric_name": "", "rubric_description": ""},
    "writing.drop_turn": {"response": ""},
    "review.decide": RATED,
    "review.approve_edited": RATED,
}
# What a person changes in a field that a page fills in.
CHANGED = {"projects.wording": {"text": "# Be helpful\n\nAnswer what was meant."}}
# Forms that no page of this world has: they stand on pages of one-time links, or need what other tests bring about.
ELSEWHERE = {
    "accounts.choose_mail": "where mail is sent: tests/accounts",
    "accounts.forgot": "where mail is sent: tests/accounts",
    "accounts.join": "behind a one-time link: tests/browser/test_accounts_looks.py",
    "accounts.make_first_admin": "behind a one-time link: tests/browser/test_first_admin.py",
    "accounts.new_password": "behind a one-time link: tests/browser/test_accounts_looks.py",
    "accounts.withdraw_administrator": "never the last one: tests/accounts",
    "datasets.cancel": "while a version is made: tests/datasets",
    "datasets.push": "where a hub is set up: tests/datasets",
    "datasets.try_again": "after a failure: tests/datasets",
    "preferences.cancel": "while models answer: tests/preferences/test_generate.py",
    "preferences.compare_blindly": "on the report of a run that went on from another: tests/preferences/test_helped.py",
    "preferences.retry": "after a failure: tests/preferences/test_generate.py",
    "projects.consent": "where a project asks for it: tests/browser/test_project_life.py",
    "projects.qualify": "for newcomers: tests/browser/test_project_life.py",
    "projects.take_up": "where a project is archived: tests/projects/test_archive.py",
    "prompts.send_back": "where writers have asked about a prompt: tests/prompts",
    "review.hide_example": "where a project shows examples: tests/review/test_worked.py",
    "review.show_example": "where a project shows examples: tests/review/test_worked.py",
    "training.ask": "where a run has left a whole model: tests/training/test_playground.py",
    "training.resume": "after a failure: tests/training",
    "training.stop": "while a run is at work: tests/browser/test_training_looks.py",
    "writing.hints": "asked for by a script; saving shows the same",
    "writing.prompt_hints": "asked for by a script; sending shows the same",
    "writing.take_consent_back": "where somebody has given it: tests/writing/test_take_consent_back.py",
    "writing.take_consent_back_for": "where somebody has given it: tests/writing/test_take_consent_back.py",
    "writing.undo_skip": "for ten seconds: tests/writing/test_undo_skip.py",
}


@dataclass(frozen=True)
class Visit:
    """Somebody opens a page; `before`: who has sent what to which address first."""

    person: str
    page: str
    before: tuple[tuple[str, str, dict[str, str]], ...] = ()

    def prepare(self, cast: Cast) -> None:
        """Send what is sent first."""
        for person, address, body in self.before:
            client: Client = getattr(cast, person)
            answer = client.post(address, data={**body, "user_id": str(drawn_for(client))})
            assert answer.status_code in (200, 201, 303), f"{address}: {answer.status_code}"

    def open(self, cast: Cast) -> Any:
        """The page, after what was sent."""
        self.prepare(cast)
        return getattr(cast, self.person).get(self.page)


def test_every_form_does_what_its_buttons_say_without_a_script(
    cast: Cast, app: FastAPI, world: World, undone: Undone, session: Session
) -> None:
    tried, wrong, doors = set[str](), [], every_door(app)
    for visit in visits(cast, app, doors, world, session):
        with undone(*cast.everybody):
            answer = visit.open(cast)
        if answer.status_code != 200 or "text/html" not in answer.headers["content-type"]:
            assert not visit.before, f"{visit.page}: {answer.status_code}"
            continue
        for form in forms_of(answer.text):
            for button in form.buttons:
                name = named(doors, visit.page, form, button)
                if name in tried:
                    continue
                tried.add(name)
                with undone(*cast.everybody):
                    visit.prepare(cast)
                    client = getattr(cast, visit.person)
                    sent = send(client, visit.page, form, button, name, to=drawn_for(cast.second_author))
                if sent.status_code not in (200, 201, 303):
                    wrong.append(f"{name}: {visit.person} on {visit.page} got {sent.status_code} {said(sent.text)}")
    assert "\n".join(wrong) == ""
    routes = {str(door.route.name) for door in doors if door.method == "POST" and is_page(door)}
    assert routes - {name.split()[1] for name in tried} == ELSEWHERE.keys()


def visits(cast: Cast, app: FastAPI, doors: list[Door], world: World, session: Session) -> Iterator[Visit]:
    """Every page as everybody opens it, and pages that have other forms once something has happened."""
    ids, project = world.p, world.p["project_id"]
    work = session.get_one(Assignment, ids["assignment_id"])
    approved = select(Submission.id).where(Submission.status == "approved", Submission.project_id == project)
    decided = session.scalars(approved.order_by(Submission.id)).first()
    writing, prompt, writer = f"/write/{work.id}", f"/prompts/{work.prompt_id}", work.writer_id
    session.close()
    for person in PEOPLE:
        for door in doors:
            if door.method == "GET" and is_page(door):
                yield Visit(person, door.address(ids))
    queue = f"/projects/{project}/review"
    yield Visit("reviewer", queue, (("reviewer", f"{queue}/next", {}),))
    yield Visit("author", writing, (("author", f"{writing}/add-turn", SHEET),))
    yield Visit("reviewer", prompt, (("author", f"{writing}/report", {"reason": "unclear"}),))
    yield Visit("reviewer", f"/projects/{project}/guidelines/wording?heading=Be+helpful")
    known = {"decision": "approved", "note": "As it should be."}
    yield Visit("admin", f"/submissions/{decided}")
    yield Visit("admin", f"/submissions/{decided}", (("admin", f"/submissions/{decided}/gold", known),))
    yield Visit("admin", f"/projects/{project}/members/{writer}/work")
    person = f"/admin/people/{ids['person_id']}"
    yield Visit("operator", person, (("operator", f"{person}/disable", {}),))
    app.state.settings.undo_seconds = 10
    compare, word = f"/projects/{project}/compare", {"choice": "left", "strength": "clearly"}
    yield Visit("author", compare, (("author", f"/comparisons/{ids['comparison_id']}", word),))
    order = {"place_a": "1", "place_b": "2", "place_c": "2"}
    yield Visit("author", compare, (("author", f"/orderings/{ids['ordering_id']}", order),))
    held = {"revision": "1", "decision": "rejected", "note": "No."}
    sheet = f"/sheets/{ids['sheet']}"
    yield Visit("reviewer", queue, (("reviewer", f"{queue}/next", {}), ("reviewer", f"{sheet}/decision", held)))


def is_page(door: Door) -> bool:
    """Whether a browser opens it."""
    return not str(door.route.path).startswith("/api/")


def named(doors: list[Door], page: str, form: Form, button: Control) -> str:
    """Method, route and button of what is sent."""
    method = (button.attributes.get("formmethod") or form.attributes.get("method") or "get").upper()
    path = target(page, form, button).split("?")[0]
    fitting = [door.route for door in doors if door.method == method and door.route.path_regex.match(path)]
    assert fitting, f"{page}: nobody answers {method} {path}"
    route = min(fitting, key=lambda one: len(one.param_convertors))
    return f"{method} {route.name} {button.name}={button.value}" if button.name else f"{method} {route.name}"


def target(page: str, form: Form, button: Control) -> str:
    """Where it is sent to; the part of a page to which an address leads stays in the browser."""
    return urldefrag(urljoin(page, button.attributes.get("formaction") or form.attributes.get("action") or page)).url


def send(client: Client, page: str, form: Form, button: Control, name: str, *, to: int) -> Any:
    """Press the button. `to`: who gets what is handed over."""
    route = name.split()[1]
    wishes = {key: str(value) for key, value in BODIES.get(route, {}).items()} | WISHES.get(route, {})
    given = form.filled(wishes) + ([(button.name, button.value)] if button.name else [])
    fields: dict[str, list[str]] = {}
    for key, value in [(key, CHANGED.get(route, {}).get(key, value)) for key, value in given]:
        fields.setdefault(key, []).append(str(to) if key == "to" else value)
    address = target(page, form, button)
    if name.startswith("GET"):
        return client.get(address.split("?")[0], params=fields)
    line = PAIR_LINE if route == "preferences.make" else LINE
    files = {one.name: ("rows.jsonl", line) for one in form.controls if one.kind == "file"}
    return client.post(address, data=fields, files=files or None)


def said(html: str) -> str:
    """The words of a refusal."""
    found = re.search(r'role="alert".*?</div>|<h1.*?</p>', html, re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found[0] if found else html[:200]))
