"""Twenty people who write while the site breaks under them, and who remember what they were told is stored."""

import itertools
import random
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event, Lock, Thread
from time import monotonic
from typing import Any

import httpx2 as httpx
from sqlalchemy import insert, select
from sqlalchemy.orm import Session, sessionmaker

from app.accounts.models import Role
from app.accounts.sign_ins import open_sign_in
from app.insights.doctor import examine, report
from app.prompts.models import Prompt, PromptStatus, Slot
from app.writing.models import Draft, Revision, Submission
from tests import factories

PROMPTS = 3_000
COOKIE = "penset"


@dataclass
class Memory:
    """What all of them sent and heard. A text is told apart by its assignment."""

    lock: Lock = field(default_factory=Lock)
    sent: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    saved: dict[int, tuple[int, str]] = field(default_factory=dict)
    handed_in: dict[int, str] = field(default_factory=dict)
    statuses: Counter[int] = field(default_factory=Counter)
    hints: Counter[str | None] = field(default_factory=Counter)
    strange: list[str] = field(default_factory=list)
    acknowledged: int = 0


class Writer(Thread):
    """One person: takes a prompt, saves three times, hands in, again and again; repeats what was not answered."""

    def __init__(self, name: str, address: str, cookie: str, project_id: int, memory: Memory, stop: Event) -> None:
        super().__init__(daemon=True)
        self.who, self.memory, self.stop, self.project_id = name, memory, stop, project_id
        headers = {"Sec-Fetch-Site": "same-origin"}
        self.client = httpx.Client(base_url=address, headers=headers, cookies={COOKIE: cookie}, timeout=30)

    def run(self) -> None:
        """Write until told to stop."""
        with self.client:
            for round_ in itertools.count():
                path = f"/api/v1/projects/{self.project_id}/assignments"
                taken = self.ask("POST", path, key=f"{self.who}-take-{round_}")
                if taken is None or not self.write(int(taken.json()["id"]), round_):
                    return

    def write(self, assignment_id: int, round_: int) -> bool:
        """One response. False when told to stop meanwhile."""
        revision, text = 0, ""
        draft = f"/api/v1/assignments/{assignment_id}/draft"
        for keystroke in range(3):
            text = f"{self.who} {round_}.{keystroke} \u200d🖋 \r\n e\u0301 "
            self.memory.sent[assignment_id].add(text)
            body = {"messages": factories.answered(text), "prompt": None, "revision": revision}
            saved = self.ask("PUT", draft, json=body, also=409)
            if saved is not None and saved.status_code == 409:  # stored, and the answer was lost
                saved = self.ask("GET", draft)
            if saved is None:
                return False
            revision = int(saved.json()["revision"])
            self.memory.saved[assignment_id] = (revision, text)
        path, body = f"/api/v1/assignments/{assignment_id}/hand-in", {"draft_revision": revision}
        if self.ask("POST", path, key=f"{self.who}-hand-in-{round_}", json=body) is None:
            return False
        self.memory.handed_in[assignment_id] = text
        return True

    def ask(self, method: str, path: str, *, key: str = "", also: int = 0, **more: Any) -> httpx.Response | None:
        """Ask until answered with more than "later". None when told to stop meanwhile."""
        while not self.stop.is_set():
            try:
                answer = self.client.request(method, path, headers={"Idempotency-Key": key} if key else {}, **more)
            except httpx.TransportError:
                self.stop.wait(0.05)
                continue
            if self.heard(answer, method, path, also):
                return answer
            self.stop.wait(0.05)
        return None

    def heard(self, answer: httpx.Response, method: str, path: str, also: int) -> bool:
        """Remember an answer. Whether it is one to go on with."""
        with self.memory.lock:
            self.memory.statuses[answer.status_code] += 1
            if answer.status_code == 503:
                self.memory.hints[answer.headers.get("retry-after")] += 1
                return False
            if answer.is_success or answer.status_code == also:
                self.memory.acknowledged += 1
                return True
            self.memory.strange.append(f"{method} {path}: {answer.status_code} {answer.text[:200]}")
            self.stop.set()
            return False


class Crowd:
    """The people of one project, with prompts for all of them."""

    def __init__(self, sessions: sessionmaker[Session], address: str, people: int = 20) -> None:
        self.sessions, self.memory, self.stop = sessions, Memory(), Event()
        with sessions.begin() as session:
            admin = factories.user(session, "Ada Admin")
            project = factories.project(session, admin)
            names = [f"Writer-{number}" for number in range(people)]
            persons = [factories.user(session, name) for name in names]
            for person in persons:
                factories.member(session, project, person, Role.ANNOTATOR)
            cookies = [open_sign_in(session, person) for person in persons]
            open_prompts(session, project.id, admin.id)
        self.writers = [
            Writer(name, address, cookie, project.id, self.memory, self.stop)
            for name, cookie in zip(names, cookies, strict=True)
        ]

    def start(self) -> None:
        """Let them write."""
        for writer in self.writers:
            writer.start()

    def go_on(self, count: int, seconds: float = 60) -> None:
        """Wait until this many more of their requests were acknowledged."""
        goal = self.memory.acknowledged + count
        self.wait(lambda: self.memory.acknowledged >= goal, f"{count} more acknowledged requests", seconds)

    def wait(self, so: Callable[[], bool], what: str, seconds: float = 60) -> None:
        """Wait for a condition of theirs, or until something strange was answered."""
        end = monotonic() + seconds
        while not so():
            assert self.memory.strange == []
            assert monotonic() < end, f"no {what} within {seconds} s: {self.memory.statuses}"
            self.stop.wait(0.01)

    def leave(self) -> None:
        """Let them stop writing."""
        self.stop.set()
        for writer in self.writers:
            writer.join(60)

    def check(self) -> None:
        """Everything that was acknowledged is stored, once and byte for byte; nothing is torn."""
        memory = self.memory
        assert memory.strange == []
        with self.sessions.begin() as session:
            drafts = {draft.assignment_id: draft for draft in session.scalars(select(Draft))}
            for assignment_id, (revision, text) in memory.saved.items():
                draft = drafts[assignment_id]
                assert draft.revision >= revision
                assert [turn["content"] for turn in draft.messages] == [text] or draft.revision > revision
            for draft in drafts.values():
                texts = {turn["content"] for turn in draft.messages if draft.revision > 0}
                assert texts <= memory.sent[draft.assignment_id]
        with self.sessions.begin() as session:
            stored = session.execute(
                select(Submission.assignment_id, Revision.messages).join(
                    Revision, Revision.submission_id == Submission.id
                )
            ).all()
            by_assignment = {assignment_id: messages[0]["content"] for assignment_id, messages in stored}
            assert len(by_assignment) == len(stored), "a response was handed in twice"
            assert memory.handed_in.items() <= by_assignment.items()
            for assignment_id, text in by_assignment.items():
                assert text in memory.sent[assignment_id]
        with self.sessions.begin() as session:
            lines, well = report(examine(session))
            assert well, "\n".join(lines)


def open_prompts(session: Session, project_id: int, author_id: int) -> None:
    """Many approved prompts with one open slot each."""
    rows = [
        {
            "project_id": project_id,
            "author_id": author_id,
            "language": "en",
            "messages": factories.asked(f"Question {n}"),
        }
        for n in range(PROMPTS)
    ]
    made = session.scalars(
        insert(Prompt).returning(Prompt.id), [row | {"status": PromptStatus.APPROVED} for row in rows]
    )
    slots = [{"project_id": project_id, "prompt_id": prompt_id, "number": 1} for prompt_id in made]
    session.execute(insert(Slot), slots)


def chance(seed: int) -> random.Random:
    """Chance that can be repeated: the seed is printed, and shown where a test fails."""
    print(f"seed {seed}")
    return random.Random(seed)
