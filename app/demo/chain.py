"""The demo's second step: what people compared becomes a version, a reward model learns it, a policy follows that."""

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from app.accounts.models import User
from app.accounts.sign_ins import actor_for
from app.core.settings import Settings
from app.datasets.models import Dataset, DatasetKind, Version, VersionStatus
from app.datasets.service import create_dataset, publish, try_again
from app.demo.people import People
from app.preferences.versions.kind import know_preferences
from app.preferences.versions.rule import People as Whose
from app.training.methods import MethodName
from app.training.models import Run, RunStatus
from app.training.queries import report_of
from app.training.service import start_run

# The first half's reward model is followed; the other half's only measures, so that it shows what was followed too far.
NAMES: dict[Whose, str] = {
    "all": "What people prefer",
    "one_half": "What one half of the people prefer",
    "other_half": "What the other half prefer",
}
COIN = 0.5
CHANCE = "That cannot be told from a coin: from so few pairs so small a model has learned nothing that shows."
BETTER = "That is more than a coin does."
SO_SMALL = "So small a model shows how the parts work together, not that they help: read its reports for that."


def publish_pairs(sessions: sessionmaker[Session], people: People, whose: Whose = "all") -> int:
    """The version of what these people prefer that is there already, or one that the admin publishes: a job. Its id.

    What can still be taken back is not in it, so this comes after run 1.
    """
    know_preferences()
    with sessions.begin() as session:
        kept = select(Version).join(Dataset, Dataset.id == Version.dataset_id)
        kept = kept.where(Dataset.project_id == people.project_id, Dataset.kind == DatasetKind.PREFERENCES)
        admin = actor_for(session, session.get_one(User, people.admin_id))
        if known := session.scalars(kept.where(Dataset.name == NAMES[whose]).order_by(Version.id).limit(1)).first():
            return try_again(session, admin, known.id).id if known.status is VersionStatus.FAILED else known.id
        made = create_dataset(
            session,
            admin,
            people.project_id,
            name=NAMES[whose],
            rule={} if whose == "all" else {"people": whose},
            kind=DatasetKind.PREFERENCES,
        )
        return publish(session, admin, made.id).id


def queue_reward(sessions: sessionmaker[Session], settings: Settings, people: People, version_id: int) -> int:
    """The run of a reward model on these pairs, from run 1's model. Its id."""
    return queue(sessions, settings, people, version_id, "reward")


def queue_policy(sessions: sessionmaker[Session], settings: Settings, people: People) -> int:
    """The run of a policy that follows the first reward model on the prompts of version 1, from run 1's model, and is
    measured by the second, which is other people's. Its id."""
    return queue(
        sessions, settings, people, people.version_id, "rloo",
        reward=people.reward_run_id, second_reward=people.second_reward_run_id,
    )  # fmt: skip


def queue(
    sessions: sessionmaker[Session],
    settings: Settings,
    people: People,
    version_id: int,
    method: MethodName,
    reward: int | None = None,
    second_reward: int | None = None,
) -> int:
    """The run of this method that is there already, unless it ended badly, or a new one. Its id."""
    with sessions.begin() as session:
        badly = (RunStatus.FAILED, RunStatus.STOPPED)
        found = select(Run.id).where(Run.version_id == version_id, Run.plan["method"].astext == method)
        found = found.where(Run.reward_run_id.is_not_distinct_from(reward))
        found = found.where(Run.second_reward_run_id.is_not_distinct_from(second_reward))
        if known := session.scalar(found.where(Run.status.not_in(badly)).order_by(Run.id).limit(1)):
            return known
        admin = actor_for(session, session.get_one(User, people.admin_id))
        run = start_run(
            session, admin, version_id, base_model="", models_root=settings.models_root, method=method,
            begins_from=people.run_id, reward=reward, second_reward=second_reward,
        )  # fmt: skip
        return run.id


def reward_in_words(session: Session, run_id: int) -> str:
    """How well the reward model puts held-out pairs in order, beside a coin and what length alone does."""
    report = report_of(session, run_id)
    ranking = report["ranking"] if report else None
    rows = {row["by"]: row for row in ranking["rows"]} if ranking else {}
    own = rows["model"]["accuracy"] if rows else None
    if own is None or own["low"] is None or own["high"] is None:
        return "too few pairs are held out to say how well it tells them apart"
    of = f"of {rows['model']['pairs']} held-out pairs it puts {percent(own['value'])} in the right order"
    interval = f"95 % interval {100 * own['low']:.0f} to {100 * own['high']:.0f}"
    beside = f"length alone does {percent(rows['length']['accuracy']['value'])}"
    return f"{of} ({interval}); {beside}. {CHANCE if own['low'] <= COIN else BETTER}"


def percent(share: float) -> str:
    """A share as a person reads it."""
    return f"{100 * share:.0f} %"
