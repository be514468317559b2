"""A category is removed while somebody files something under it: one of the two happens, and the other hears of it."""

from functools import partial

from sqlalchemy.orm import Session, sessionmaker

from app.accounts.models import Role
from app.accounts.sign_ins import actor_for
from app.projects.service import add_category, remove_category
from app.prompts.service import propose
from tests import factories
from tests.projects.races import at_once
from tests.rounds import rounds


def test_of_a_removal_and_a_prompt_of_the_category_one_is_refused(own_sessions: sessionmaker[Session]) -> None:
    with own_sessions.begin() as session:
        admin, writer = (factories.user(session, name) for name in ("Ada", "Wim"))
        project = factories.project(session, admin)
        factories.member(session, project, writer, Role.ANNOTATOR)
        ada, wim = actor_for(session, admin), actor_for(session, writer)
        made = [add_category(session, ada, project.id, name=f"Kind {number}").id for number in range(rounds(30))]
    asked = [{"role": "user", "content": "Why?"}]
    refusals = []
    for category_id in made:
        refused = at_once(
            own_sessions,
            partial(propose, actor=wim, project_id=project.id, messages=asked, category_id=category_id),
            partial(remove_category, actor=ada, project_id=project.id, category_id=category_id),
        )
        refusals.append([one.code for one in refused])
    assert {len(codes) for codes in refusals} == {1}
    assert {code for codes in refusals for code in codes} <= {"prompts.no_such_category", "projects.category_in_use"}
