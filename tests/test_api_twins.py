"""Whatever somebody can do on a page a program can do by the API, or this list says why not."""

from inspect import isclass

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from pydantic import BaseModel

from app.core.signpost import every_route
from tests.test_routes import PEOPLE, table

# The API's route of a verb, where it is not called like the page's.
TWINS = {
    "accounts.change_name": "api.accounts.change_me",
    "accounts.choose_mail": "api.accounts.change_me",
    "accounts.people": "api.accounts.invite",
    "projects.consent": "api.projects.accept",
    "projects.members": "api.projects.add_member",
    "projects.set_target": "api.projects.change_category",
    "evaluation.follow": "api.projects.settings",
    "projects.wording": "api.projects.propose_wording",
    "writing.save": "api.writing.save_draft",
    "writing.add_turn": "api.writing.save_draft",
    "writing.drop_turn": "api.writing.save_draft",
    "writing.start_pair": "api.writing.write_pair",
    "review.approve_edited": "api.review.decide",
    "review.withdraw": "api.writing.withdraw",
    "review.withdraw_for": "api.writing.withdraw_for",
    "review.phrases": "api.review.keep_phrase",
    "datasets.rule": "api.datasets.change_rule",
    "preferences.rule": "api.preferences.change_rule",
}
# What guards an account is done by the person, in front of a browser; no other program is to learn how.
ON_PAGES_ALONE = {
    "accounts.join": "a one-time link, carried by the browser's cookie",
    "accounts.new_password": "a one-time link, carried by the browser's cookie",
    "accounts.make_first_admin": "a one-time link, carried by the browser's cookie",
    "accounts.forgot": "is answered by mail",
    "accounts.change_email": "guards the account",
    "accounts.change_password": "guards the account",
    "accounts.tokens": "no program makes itself a token",
    "review.undo": "a decision by the API is carried out at once; a skip is taken back by its own route, at any time",
}


def names(app: FastAPI, *, api: bool) -> set[str]:
    """The names of the routes that change something, of the API or of pages."""
    unsafe = [route for route in every_route(app) if set(route.methods or ()) - {"GET"}]
    return {str(route.name) for route in unsafe if str(route.name).startswith("api.") is api}


def test_every_verb_of_a_page_is_a_verb_of_the_api(app: FastAPI) -> None:
    ours, theirs = names(app, api=False), names(app, api=True)
    alone = {name for name in ours if TWINS.get(name, f"api.{name}") not in theirs}
    assert alone == set(ON_PAGES_ALONE)


def test_the_lists_name_only_what_there_is(app: FastAPI) -> None:
    ours = names(app, api=False)
    assert (set(TWINS) | set(ON_PAGES_ALONE)) - ours == set()
    assert {name for name, twin in TWINS.items() if f"api.{name}" == twin} == set()


# The API's routes that give what a page shows, where it is not one that is called like the page.
READ_BY: dict[str, tuple[str, ...]] = {
    "insights.home": ("api.projects.index", "api.writing.index", "api.review.my_work", "api.insights.overview"),
    "accounts.account": ("api.accounts.me", "api.accounts.sign_ins"),
    "datasets.index": ("api.datasets.list",),
    "datasets.rule": ("api.datasets.show", "api.datasets.rules", "api.datasets.preview"),
    "datasets.show": ("api.datasets.show", "api.datasets.versions"),
    "datasets.version": ("api.datasets.version", "api.datasets.rows"),
    "datasets.left_out": ("api.datasets.left_out", "api.datasets.why"),
    "datasets.pushes": ("api.datasets.pushes",),
    "preferences.rule": ("api.datasets.show", "api.datasets.rules", "api.preferences.preview"),
    "preferences.index": ("api.preferences.index", "api.preferences.figures"),
    "preferences.progress": ("api.preferences.figures",),
    "datasets.progress": ("api.datasets.versions", "api.datasets.version"),
    "projects.settings": ("api.projects.show",),
    "projects.guidelines": ("api.projects.guidelines", "api.projects.guidelines_version", "api.projects.wordings"),
    "projects.wording": ("api.projects.wordings",),
    "projects.revise": ("api.projects.guidelines",),
    "projects.consent_state": ("api.projects.consent",),
    "prompts.questions": ("api.prompts.open_questions", "api.prompts.questions"),
    "review.history": ("api.review.history", "api.review.figures"),
    "review.submission": ("api.writing.submission", "api.review.decided", "api.review.comments"),
    "review.draft_comments": ("api.review.comments",),
    "training.index": ("api.training.list",),
    "training.show": ("api.training.show", "api.training.events", "api.training.data", "api.training.model"),
    "training.live": ("api.training.show", "api.training.events"),
    "training.row": ("api.datasets.row", "api.training.seen"),
    "training.new": ("api.training.base_models", "api.training.list"),
    "training.erasure_state": ("api.training.erasure",),
    "training.playground": ("api.training.list", "api.training.ask"),
    "writing.index": ("api.writing.index", "api.writing.standing", "api.projects.categories"),
    "writing.show": ("api.writing.draft", "api.writing.hints"),
    "datasets.compare": ("api.datasets.diff",),
    # What a page gives to whom it is next: taken by the verb.
    "review.index": ("api.review.take",),
    "review.edit": ("api.review.take",),
    "preferences.compare": ("api.preferences.take",),
}
# Pages that show nothing of a project which the API would not tell: forms, links by mail, and the document itself.
SHOWN_ON_PAGES_ALONE = {
    "accounts.sign_in": "a form",
    "accounts.forgot": "a form",
    "accounts.invite": "a one-time link",
    "accounts.reset": "a one-time link",
    "accounts.first_admin": "a one-time link",
    "accounts.join": "a form behind a one-time link",
    "accounts.new_password": "a form behind a one-time link",
    "accounts.make_first_admin": "a form behind a one-time link",
    "projects.new": "a form",
    "prompts.propose": "a form",
    "prompts.import_file": "a form",
    "writing.import_pairs": "a form",
    "datasets.new": "a form; its counts are those of a preview",
    "preferences.new": "a form",
    "preferences.new_dataset": "a form",
    "preferences.answers": "a form",
    "core.openapi": "the API's own document",
    "insights.live": "for who watches the machine",
    "insights.ready": "for who watches the machine",
}
# What stands in a page's address and chooses no data: what is drawn how, what was just done, what a form begins with.
LOOKS = {
    "handed_in", "skipped", "nothing_open", "saved", "done", "next", "view", "form", "prompt", "of", "counted",
    "against", "side", "pace", "seen", "wording", "heading", "like", "method", "base_model", "begins_from",
}  # fmt: skip
# Filters of a page that the API has in the path, or under another name.
SAID_OTHERWISE = {
    ("projects.guidelines", "version"): "api.projects.guidelines_version",
    ("preferences.index", "set_id"): "api.preferences.figures",
    ("training.playground", "run"): "api.training.ask",
    ("datasets.compare", "other"): "api.datasets.diff",
    ("datasets.left_out", "submission"): "api.datasets.why",
    ("training.show", "along"): "api.training.events: each event says step, tokens and epoch",
    ("training.live", "along"): "api.training.events: each event says step, tokens and epoch",
    ("accounts.tokens", "after"): "api.accounts.tokens gives all of them",
}


def reads(app: FastAPI) -> dict[str, set[str]]:
    """Every page that is read and every route of the API, with the names of what its address can ask for."""
    found = {}
    for route in every_route(app):
        if "GET" in (route.methods or ()) or str(route.name).startswith("api."):
            dependant = getattr(route.original_route, "dependant", None)
            found[str(route.name)] = asked_by(dependant) if dependant else set()
    return found


def asked_by(dependant: Dependant) -> set[str]:
    """The query parameters of a route, those of its dependencies and of a model that holds several."""
    names: set[str] = set()
    for one in dependant.query_params:
        model = one.field_info.annotation
        if one.alias not in LOOKS and isclass(model) and issubclass(model, BaseModel):
            names |= set(model.model_fields)
        else:
            names.add(one.alias)
    return names.union(*(asked_by(inner) for inner in dependant.dependencies))


def test_what_a_page_shows_the_api_gives(app: FastAPI) -> None:
    every = {str(route.name) for route in every_route(app)}
    pages = {name for name in reads(app) if not name.startswith("api.")}
    alone = {page for page in pages if page not in READ_BY and f"api.{page}" not in every}
    assert alone == {one for one in SHOWN_ON_PAGES_ALONE if f"api.{one}" not in every}
    assert {twin for twins in READ_BY.values() for twin in twins} - every == set()
    assert (READ_BY.keys() | SHOWN_ON_PAGES_ALONE.keys()) - pages == set()


def test_what_a_page_can_be_asked_for_the_api_can_be_asked_for(app: FastAPI) -> None:
    asked, missing = reads(app), []
    for page in sorted(asked):
        if page.startswith("api.") or page in SHOWN_ON_PAGES_ALONE:
            continue
        twins = READ_BY.get(page, (f"api.{page}",))
        given = set[str]().union(*(asked.get(twin, set()) for twin in twins))
        missing += [(page, name) for name in asked[page] - LOOKS - given]
    assert sorted(missing) == sorted(SAID_OTHERWISE)


# Pages whose refusals the API says otherwise, or that show a part of what a route gives, with the reason.
REFUSED_OTHERWISE = {
    "datasets.compare api.datasets.diff": "the page leads on to another",
    "insights.home api.insights.overview": "one project each",
    "preferences.index api.preferences.figures": "of one set: who may not see it does not know of it",
    "projects.revise api.projects.guidelines": "a form of what every member reads",
    "projects.settings api.projects.show": "a form of what every member reads",
    "projects.wording api.projects.wordings": "a form beside what every member reads",
    "prompts.questions api.prompts.questions": "what was asked of one prompt, which its writers read as well",
    "review.draft_comments api.review.comments": "writers see theirs beside the draft, reviewers beside the text",
    "training.new api.training.base_models": "names of models, the same in every project",
    "training.new api.training.list": "of a project: who may not see it hears so",
    "writing.index api.writing.index": "one's own drafts in all projects",
}


def test_the_api_refuses_whom_the_page_refuses(app: FastAPI) -> None:  # S42
    """By the table of tests/test_routes.py, which is checked there against what everybody hears."""
    said, differs = table(), set()
    for page in reads(app):
        twins = [twin for twin in READ_BY.get(page, (f"api.{page}",)) if f"GET {twin}" in said]
        for twin in [] if page.startswith("api.") else twins:
            heard = [(said[f"GET {page}"][person], said[f"GET {twin}"][person]) for person in PEOPLE[1:]]
            if any(mine != theirs for mine, theirs in heard):
                differs.add(f"{page} {twin}")
    assert differs == REFUSED_OTHERWISE.keys()
