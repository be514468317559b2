"""Somebody leaves a project or hands work over: prompts go on, drafts stay with their writer, submissions stay."""

import re
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, sessionmaker

from app.accounts.models import Role
from app.accounts.sign_ins import actor_for
from app.projects import service
from app.prompts.models import Prompt, PromptStatus, Slot
from app.review.service import take_next as take_to_review
from app.writing.handover import hand_over
from app.writing.models import Assignment, Draft, Submission
from app.writing.service import hand_in, save_draft, start_pair, take_next
from tests import factories
from tests.cast import Cast, Client
from tests.projects.conftest import Forms
from tests.projects.races import Act, at_once
from tests.world import people

SECRET = "What nobody else may read yet."


@pytest.fixture
def draft(cast: Cast, session: Session) -> Assignment:
    """The author has begun to answer the only open prompt."""
    factories.prompt(session, cast.project, people(cast.admin), "Why is ice slippery?", status=PromptStatus.APPROVED)
    taken = take_next(session, cast.author.actor, cast.project.id)
    assert taken
    save_draft(session, cast.author.actor, taken.id, messages=factories.answered(SECRET), revision=0)
    session.commit()
    return taken


def removed(cast: Cast, forms: Forms, person: Client) -> Any:
    """The admin takes somebody out."""
    return forms.post(cast.admin, f"/projects/{cast.project.id}/members/{people(person).id}/remove")


def work(cast: Cast, person: Client) -> Any:
    """What the admin sees of somebody's work by the API."""
    return cast.admin.get(f"/api/v1/projects/{cast.project.id}/members/{people(person).id}/work").json()


def test_the_page_names_what_will_happen_and_shows_no_word_of_a_draft(
    draft: Assignment, cast: Cast, here: str, session: Session
) -> None:
    pair = start_pair(session, cast.author.actor, cast.project.id)
    asked = factories.asked("A secret question?")
    save_draft(session, cast.author.actor, pair.id, prompt_messages=asked, messages=factories.answered(""), revision=0)
    session.commit()
    page = cast.admin.get(f"{here}/members/{people(cast.author).id}/work").text
    assert f'href="{here}/members" aria-current="page"' in page
    assert "1 prompt goes back to the queue at once" in page
    assert "2 drafts are kept for their return" in page
    assert "Why is ice slippery?" in page
    shown = work(cast, cast.author)
    assert (shown["drafts"], [one["held"] for one in shown["begun"]]) == (2, [True])
    for text in (SECRET, "A secret question?"):
        assert text not in page
        assert text not in str(shown)


def test_who_leaves_gives_back_at_once_and_finds_the_draft_on_return(
    draft: Assignment, cast: Cast, forms: Forms, here: str, session: Session
) -> None:
    assert removed(cast, forms, cast.author).status_code == 303
    taken = take_next(session, cast.second_author.actor, cast.project.id)
    assert taken
    assert taken.prompt_id == draft.prompt_id
    service.add_member(session, cast.admin.actor, cast.project.id, user_id=people(cast.author).id, role=Role.ANNOTATOR)
    session.commit()
    kept = cast.author.get(f"/api/v1/assignments/{draft.id}/draft").json()
    assert kept["messages"][0]["content"] == SECRET


def test_who_leaves_keeps_what_they_hold_in_another_project(cast: Cast, forms: Forms, session: Session) -> None:
    writer = people(cast.author)
    factories.member(session, cast.other_project, writer, Role.ANNOTATOR)
    elsewhere = people(cast.outsider)
    factories.prompt(session, cast.other_project, elsewhere, "Elsewhere?", status=PromptStatus.APPROVED)
    taken = take_next(session, cast.author.actor, cast.other_project.id)
    assert taken
    session.commit()
    removed(cast, forms, cast.author)
    assert session.scalar(select(Slot.lease_holder_id).where(Slot.id == taken.slot_id)) == writer.id


def test_a_reviewer_who_leaves_frees_what_they_were_reading(cast: Cast, forms: Forms, session: Session) -> None:
    prompt = factories.prompt(session, cast.project, people(cast.admin), status=PromptStatus.APPROVED)
    waiting = factories.submission(session, prompt, people(cast.author))
    session.commit()
    assert take_to_review(session, cast.reviewer.actor, cast.project.id)
    session.commit()
    assert work(cast, cast.reviewer)["reviews"] == 1
    removed(cast, forms, cast.reviewer)
    taken = take_to_review(session, cast.second_reviewer.actor, cast.project.id)
    assert taken
    assert taken.id == waiting.id


def test_a_reviewer_who_decides_no_longer_frees_what_they_were_reading_and_keeps_what_they_wrote(
    draft: Assignment, cast: Cast, session: Session
) -> None:
    role = {"user_id": people(cast.author).id}
    service.set_role(session, cast.admin.actor, cast.project.id, **role, role=Role.REVIEWER)
    prompt = factories.prompt(session, cast.project, people(cast.admin), status=PromptStatus.APPROVED)
    waiting = factories.submission(session, prompt, people(cast.second_author))
    assert take_to_review(session, cast.author.actor, cast.project.id) == waiting
    assert take_to_review(session, cast.reviewer.actor, cast.project.id) is None
    service.set_role(session, cast.admin.actor, cast.project.id, **role, role=Role.ANNOTATOR)
    session.expire_all()
    assert take_to_review(session, cast.reviewer.actor, cast.project.id) == waiting
    assert session.scalars(select(Slot.id).where(Slot.lease_holder_id == role["user_id"])).all() == [draft.slot_id]


def test_what_was_handed_in_stays(draft: Assignment, cast: Cast, forms: Forms, session: Session) -> None:
    handed_in = hand_in(session, cast.author.actor, draft.id, draft_revision=1)
    session.commit()
    removed(cast, forms, cast.author)
    assert cast.reviewer.get(f"/api/v1/submissions/{handed_in.id}").status_code == 200


def test_a_prompt_goes_to_the_person_whom_the_admin_chooses_and_the_draft_stays(
    draft: Assignment, cast: Cast, forms: Forms, here: str, session: Session
) -> None:
    other = people(cast.second_author).id
    answer = forms.post(cast.admin, f"/assignments/{draft.id}/hand-over", to=other)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{here}/members")
    theirs = session.scalars(select(Assignment).where(Assignment.writer_id == other)).one()
    assert (theirs.prompt_id, theirs.slot_id) == (draft.prompt_id, draft.slot_id)
    begun = cast.second_author.get(f"/write/{theirs.id}").text
    assert "Why is ice slippery?" in begun
    assert SECRET not in begun
    assert cast.second_author.get(f"/api/v1/assignments/{draft.id}/draft").status_code == 404
    assert cast.author.get(f"/api/v1/assignments/{draft.id}/draft").json()["messages"][0]["content"] == SECRET
    late = cast.author.api("POST", f"/api/v1/assignments/{draft.id}/hand-in", draft_revision=1)
    assert (late.status_code, late.json()["type"]) == (409, "/errors/writing.no_slot")
    assert [one["held"] for one in work(cast, cast.author)["begun"]] == [False]


def offered(page: str) -> list[str]:
    """Whom the page offers for the one prompt that somebody has begun."""
    return re.findall(r'<option value="\d+">([^<]+)</option>', page)


def test_only_who_can_be_given_it_is_offered(draft: Assignment, cast: Cast, here: str, session: Session) -> None:
    page = f"{here}/members/{people(cast.author).id}/work"
    away = factories.user(session, "Abe Away", disabled_at=func.now())
    factories.member(session, cast.project, away, Role.ANNOTATOR)
    taken = session.get_one(Prompt, draft.prompt_id)
    factories.assignment(session, taken, people(cast.second_reviewer))
    session.commit()
    assert offered(cast.admin.get(page).text) == [people(cast.reviewer).name, people(cast.second_author).name]
    session.execute(update(Slot).values(lease_holder_id=people(cast.second_author).id))
    session.commit()
    assert offered(cast.admin.get(page).text) == [], "another holds the only place"


def test_who_had_it_can_still_hand_in_where_another_place_is_open(cast: Cast, session: Session) -> None:
    admin, ready = people(cast.admin), PromptStatus.APPROVED
    factories.prompt(session, cast.project, admin, "Why is ice slippery?", status=ready, slots=2)
    taken = take_next(session, cast.author.actor, cast.project.id)
    assert taken
    save_draft(session, cast.author.actor, taken.id, messages=factories.answered(SECRET), revision=0)
    hand_over(session, cast.admin.actor, taken.id, to=people(cast.second_author).id)
    assert hand_in(session, cast.author.actor, taken.id, draft_revision=1).current_revision == 1


def test_nobody_but_the_admin_sees_or_hands_over(draft: Assignment, cast: Cast, here: str) -> None:  # S50
    other, mine = people(cast.second_author).id, people(cast.author).id
    for person in (cast.author, cast.reviewer, cast.outsider):
        refusal = person.api("POST", f"/api/v1/assignments/{draft.id}/hand-over", to=other)
        assert refusal.status_code == 404
        assert person.get(f"{here}/members/{mine}/work").status_code in (403, 404)
    assert work(cast, cast.author)["begun"][0]["held"]


def test_what_cannot_go_stays_and_says_why(draft: Assignment, cast: Cast, session: Session) -> None:
    here, other = f"/api/v1/assignments/{draft.id}/hand-over", people(cast.second_author).id

    def refused(path: str, to: int) -> str:
        return str(cast.admin.api("POST", path, to=to).json()["type"].removeprefix("/errors/"))

    assert refused(here, people(cast.admin).id) == "writing.had_it_before"
    assert refused(here, people(cast.author).id) == "writing.had_it_before"
    assert refused(here, people(cast.outsider).id) == "projects.no_such_member"
    pair = start_pair(session, cast.author.actor, cast.project.id)
    session.commit()
    assert refused(f"/api/v1/assignments/{pair.id}/hand-over", other) == "writing.pair_stays"
    hand_in(session, cast.author.actor, draft.id, draft_revision=1)
    session.commit()
    assert refused(here, other) == "writing.not_a_draft"


class Begun:
    """A draft of the first of three writers, on a prompt that wants one response, where transactions commit."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self.sessions = sessions
        with sessions.begin() as session:
            self.admin = factories.user(session, "Ada Admin")
            project = factories.project(session, self.admin)
            self.writers = [factories.user(session, name) for name in ("Ann Author", "Ben Author", "Cem Author")]
            for person in self.writers:
                factories.member(session, project, person, Role.ANNOTATOR)
            prompt = factories.prompt(session, project, self.admin, status=PromptStatus.APPROVED)
            self.draft_id = factories.assignment(session, prompt, self.writers[0], "So.").id

    def handing_in(self) -> Act:
        """Its writer hands the draft in."""
        return lambda session: hand_in(session, actor_for(session, self.writers[0]), self.draft_id, draft_revision=1)

    def handing_over(self, *, to: int) -> Act:
        """The admin gives the prompt to another."""
        receiver = self.writers[to].id
        return lambda session: hand_over(session, actor_for(session, self.admin), self.draft_id, to=receiver)

    def left(self) -> list[tuple[str, int]]:
        """How many have begun, and how many responses are handed in."""
        with self.sessions() as session:
            begun = session.scalar(select(func.count()).select_from(Draft)) or 0
            return [("begun", begun), ("handed in", session.scalar(select(func.count()).select_from(Submission)) or 0)]


def test_handing_in_and_handing_over_at_once_ends_as_one_of_the_two(own_sessions: sessionmaker[Session]) -> None:
    site = Begun(own_sessions)
    refused = at_once(own_sessions, site.handing_in(), site.handing_over(to=1))
    assert [error.code for error in refused] in (["writing.no_slot"], ["writing.not_a_draft"])
    assert sorted(site.left()) in ([("begun", 1), ("handed in", 1)], [("begun", 2), ("handed in", 0)])


def test_two_admins_who_hand_over_the_same_work_give_it_away_once(own_sessions: sessionmaker[Session]) -> None:
    site = Begun(own_sessions)
    refused = at_once(own_sessions, site.handing_over(to=1), site.handing_over(to=2))
    assert [error.code for error in refused] == ["writing.no_place_left"]
    assert site.left() == [("begun", 2), ("handed in", 0)]
