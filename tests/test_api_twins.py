"""Whatever somebody can do on a page a program can do by the API, or this list says why not."""

from fastapi import FastAPI

from app.core.signpost import every_route

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
    "review.undo": "a decision by the API is carried out at once, so there is nothing to take back",
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
