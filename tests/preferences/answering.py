"""Runs with a model of a few bytes, and who answers for it: a set whose answers come without any model."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core.settings import Settings
from app.core.storage import Storage
from app.datasets.models import Dataset, Version, VersionStatus
from app.preferences.models import ComparedResponse, ComparisonPrompt, ComparisonSet, Generation
from app.training.artefacts import keep_model
from app.training.generator.desk import Left, Tell
from app.training.generator.protocol import Ask
from app.training.models import Run, RunStatus
from tests import factories
from tests.cast import Cast
from tests.jobs import do_jobs
from tests.training.speaking import speaking

MODEL = ("config.json", "tokenizer.json", "model.safetensors")
SMALL = {"run_ids": [], "bases": True, "temperature": 0.5, "max_tokens": 9, "seed": 3, "check_every": 0}


def a_version(cast: Cast, session: Session, name: str = "Everything") -> Version:
    """A version without a row, which nobody published: only runs and splits name it."""
    assert cast.admin.user
    own = {"project_id": cast.project.id, "rule": {}, "created_by": cast.admin.user.id}
    dataset = factories.stored(session, Dataset(**own, name=name))
    published = {"status": VersionStatus.PUBLISHED, "published_at": func.now(), "counts": {}}
    version: Version = factories.stored(session, Version(**own, dataset_id=dataset.id, number=1, **published))
    return version


def a_run(cast: Cast, session: Session, storage: Storage, version: Version, folder: Path, **more: Any) -> Run:
    """A run that has left a model, without the work."""
    assert cast.admin.user
    number = 1 + (session.scalar(select(func.count(Run.id))) or 0)
    values = {"base_model": "tiny", "plan": {}, "status": RunStatus.DONE, "created_by": cast.admin.user.id} | more
    run: Run = factories.stored(
        session,
        Run(project_id=version.project_id, version_id=version.id, number=number, folder=f"run-{number}", **values),
    )
    like = folder / "like"
    like.mkdir(parents=True, exist_ok=True)
    for name in MODEL:
        (like / name).write_bytes(b"{}")
    keep_model(storage, run, like)
    session.commit()
    return run


class Answers:
    """Answers each ask in the words of `say`, and remembers what it was asked. `then`: what happens after an answer;
    `fails`: what the next asks end with."""

    def __init__(self, say: Callable[[str, str], str] = lambda side, asked: f"{side} on {asked}") -> None:
        self.say, self.asked, self.fails = say, list[Ask](), list[str]()
        self.then: Callable[[], object] = lambda: None

    def __call__(self, ask: Ask, tell: Tell, left: Left) -> None:
        self.asked.append(ask)
        (side,) = ask.sides
        if self.fails:
            tell({"kind": "failed", "side": side.name, "code": self.fails.pop(), "sentence": "It has no room."})
        else:
            tell({"kind": "token", "side": side.name, "text": self.say(side.name, side.messages[-1]["content"])})
            tell({"kind": "answered", "side": side.name, "tokens": 3, "seconds": 0.5, "ended": True})
            self.then()
        tell({"kind": "done"})

    @property
    def prompts(self) -> list[str]:
        """What each ask ended with."""
        return [ask.sides[0].messages[-1]["content"] for ask in self.asked]


@contextmanager
def answering(settings: Settings, answers: Answers) -> Iterator[Answers]:
    """Who answers at the model's socket."""
    with speaking(settings.playground_folder, answers):
        yield answers


def asked_for(cast: Cast, *runs: Run, **wanted: object) -> int:
    """The id of a set that asks these runs' models; their jobs have not begun."""
    body = SMALL | {"name": "Asked", "run_ids": [run.id for run in runs]} | wanted
    answer = cast.admin.api("POST", f"/api/v1/projects/{cast.project.id}/comparison-sets/answers", **body)
    assert answer.status_code == 201, answer.text
    return int(answer.json()["id"])


def generated(session: Session, set_id: int) -> Generation:
    """How far a set's answers are, once every job has been done."""
    do_jobs(session)
    session.expire_all()
    return session.get_one(Generation, set_id)


def said_in(session: Session, made: ComparisonSet | int) -> dict[tuple[str, str], str]:
    """What is stored, by prompt and source."""
    of_set = ComparedResponse.set_id == (made if isinstance(made, int) else made.id)
    found = select(ComparisonPrompt.messages, ComparedResponse.source, ComparedResponse.messages)
    found = found.join(ComparisonPrompt, ComparisonPrompt.id == ComparedResponse.comparison_prompt_id).where(of_set)
    return {(asked[-1]["content"], source): said[-1]["content"] for asked, source, said in session.execute(found).all()}
