"""Does anything get lost in a long day? Many people at once, while the web processes are killed and started again.

Writers save and hand in, reviewers decide, an admin publishes, all by HTTP against two web processes that are killed
(SIGKILL) together five times. What was acknowledged is remembered by who heard it and looked for in the end; `penset
doctor` must find nothing. Run: .venv/bin/python -m benchmarks.soak [minutes] [people]
"""

import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import httpx2 as httpx

from app.accounts.models import Role
from app.core.worker import work
from app.insights.doctor import examine, report
from benchmarks.site import Site, bring_in, browser, httpx_status, rated, site, start

KILLS = 5
PROMPTS = 50_000
TEXT = "Bread is soft because baking swells its starch with water. "


@dataclass
class Heard:
    """What the people were told is stored: texts by assignment, decisions by submission, and every status."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    saved: dict[int, tuple[int, str]] = field(default_factory=dict)
    handed_in: dict[int, str] = field(default_factory=dict)
    decided: set[int] = field(default_factory=set)
    statuses: Counter[int] = field(default_factory=Counter)
    milliseconds: list[float] = field(default_factory=list)


class Person(threading.Thread):
    """Somebody at work until told to stop. What was not answered is asked again, with the same words and key."""

    def __init__(self, client: httpx.Client, here: Site, heard: Heard, stop: threading.Event, number: int) -> None:
        super().__init__(daemon=True)
        self.client, self.here, self.heard, self.stop = client, here, heard, stop
        self.number, self.dice, self.asked = number, random.Random(number), 0
        self.project = f"/api/v1/projects/{here.project_id}"

    def ask(self, method: str, path: str, body: Any = None, *, keyed: bool = False) -> httpx.Response | None:
        """An answer that is no failure of the server; None when told to stop meanwhile."""
        self.asked += 1
        headers = {"Idempotency-Key": f"soak-{self.number}-{self.asked}"} if keyed else {}
        while not self.stop.is_set():
            begun = time.perf_counter()
            try:
                answer = self.client.request(method, path, json=body, headers=headers)
            except httpx.TransportError:
                self.stop.wait(0.2)
                continue
            with self.heard.lock:
                self.heard.statuses[answer.status_code] += 1
                self.heard.milliseconds.append((time.perf_counter() - begun) * 1000)
            if answer.status_code < 500:
                return answer
            self.stop.wait(0.2)
        return None

    def run(self) -> None:
        """One piece of work after the other, with the breaks of somebody who thinks quickly."""
        while not self.stop.is_set():
            self.work()
            self.stop.wait(self.dice.uniform(0, 0.5))

    def work(self) -> None:
        """What this role does once."""
        raise NotImplementedError


class Writer(Person):
    """Takes a prompt, saves twice, hands in."""

    def work(self) -> None:
        """A response."""
        taken = self.ask("POST", f"{self.project}/assignments", {}, keyed=True)
        if taken is None or taken.status_code != 201:
            return
        assignment = taken.json()["id"]
        for revision in (0, 1):
            text = f"{TEXT * self.dice.randrange(1, 20)}{self.number}.{self.asked}.{revision}"
            if not self.save(assignment, revision, text):
                return
        body = {"draft_revision": 2}
        done = self.ask("POST", f"/api/v1/assignments/{assignment}/hand-in", body, keyed=True)
        if done is not None and done.status_code == 201:
            with self.heard.lock:
                self.heard.handed_in[assignment] = text

    def save(self, assignment: int, revision: int, text: str) -> bool:
        """A save; one that was stored without its answer coming back hears of its own text, which is as good."""
        body = {"messages": [{"role": "assistant", "content": text}], "prompt": None, "revision": revision}
        answer = self.ask("PUT", f"/api/v1/assignments/{assignment}/draft", body)
        if answer is None:
            return False
        mine = answer.status_code == 409 and answer.json().get("current", {}).get("messages") == body["messages"]
        if answer.status_code == 200 or mine:
            with self.heard.lock:
                self.heard.saved[assignment] = (revision + 1, text)
            return True
        return False


class Reviewer(Person):
    """Takes what waits and approves it."""

    ratings: dict[str, int]

    def work(self) -> None:
        """A decision."""
        taken = self.ask("POST", f"{self.project}/review/next")
        submission = taken.json().get("submission") if taken is not None and taken.status_code == 200 else None
        if submission is None:
            return
        body = {"decision": "approved", "revision": 1, "ratings": self.ratings}
        made = self.ask("POST", f"/api/v1/submissions/{submission['submission_id']}/reviews", body)
        if made is not None and made.status_code == 201:
            with self.heard.lock:
                self.heard.decided.add(submission["submission_id"])


class Publisher(Person):
    """An admin who looks round: overview, lists, search, and publishes now and then; the jobs are done in the end."""

    dataset: int | None = None

    def work(self) -> None:
        """A look at everything; every tenth time a version."""
        for path in (f"{self.project}/prompts", "/api/v1/submissions", f"/projects/{self.here.project_id}", "/search"):
            self.ask("GET", path)
        if self.dataset is None:
            body = {"name": f"Soak {self.number}"}
            made = self.ask("POST", f"{self.project}/datasets", body, keyed=True)
            self.dataset = made.json().get("id") if made is not None and made.status_code == 201 else None
        elif self.dice.random() < 0.1:
            self.ask("POST", f"/api/v1/datasets/{self.dataset}/versions", keyed=True)


def crowd(here: Site, heard: Heard, stop: threading.Event, count: int, stack: ExitStack) -> list[Person]:
    """Three of five write, two review, and one of them all is an admin."""
    kinds: list[tuple[type[Person], Role, int]] = [(Publisher, Role.ADMIN, max(1, count // 25))]
    kinds += [(Reviewer, Role.REVIEWER, count * 2 // 5), (Writer, Role.ANNOTATOR, count - count // 25 - count * 2 // 5)]
    Reviewer.ratings = rated(here)
    people: list[Person] = []
    for kind, role, many in kinds:
        for cookie in bring_in(here, many, role):
            address = here.addresses[len(people) % len(here.addresses)]
            client = stack.enter_context(browser(here.settings, address, cookie))
            people.append(kind(client, here, heard, stop, len(people)))
    return people


def kill_and_start(here: Site, webs: list[subprocess.Popen[bytes]]) -> None:
    """End every web process as the system does when memory runs out, and start it again."""
    for web in webs:
        web.kill()
        web.wait()
    ports = [int(address.rpartition(":")[2]) for address in here.addresses]
    webs[:] = [start(here.settings, here.url, port) for port in ports]
    while any(httpx_status(here.settings, port) != 200 for port in ports):
        time.sleep(0.1)


def lost(here: Site, heard: Heard) -> list[str]:
    """What was acknowledged and is not there, and prompts that two people have at once."""
    with here.bare() as bare:
        drafts: dict[int, str] = dict(
            bare.execute("SELECT assignment_id, (revision, messages)::text FROM drafts").fetchall()
        )
        texts: dict[int, str] = dict(bare.execute(
            "SELECT s.assignment_id, r.messages #>> '{0,content}' FROM submissions s"
            " JOIN revisions r ON r.submission_id = s.id"
        ).fetchall())  # fmt: skip
        reviewed = {row[0] for row in bare.execute("SELECT submission_id FROM reviews")}
        twice = bare.execute(
            "SELECT slot_id FROM assignments WHERE status <> 'skipped' GROUP BY slot_id HAVING count(*) > 1"
        ).fetchall()
    missing = [f"draft {one}" for one, (_, text) in heard.saved.items() if text not in drafts.get(one, "")]
    missing += [f"hand-in {one}" for one, text in heard.handed_in.items() if texts.get(one) != text]
    missing += [f"decision {one}" for one in heard.decided - reviewed]
    return [*missing, *(f"slot {row[0]} given twice" for row in twice)]


def main() -> None:
    """Ten minutes with fifty people, unless told otherwise."""
    minutes, count = (float(sys.argv[1]) if sys.argv[1:] else 10), int(sys.argv[2]) if sys.argv[2:] else 50
    heard, stop = Heard(), threading.Event()
    with site(PROMPTS, webs=2) as here, ExitStack() as stack:
        people = crowd(here, heard, stop, count, stack)
        for person in people:
            person.start()
        for _ in range(KILLS):
            time.sleep(minutes * 60 / (KILLS + 1))
            kill_and_start(here, here.webs)
        time.sleep(minutes * 60 / (KILLS + 1))
        stop.set()
        for person in people:
            person.join()
        work(here.url, queues=["default"], wait=False)
        gone = lost(here, heard)
        with here.bare() as bare:
            versions = bare.execute("SELECT id FROM versions WHERE status = 'published'").rowcount
        with here.sessions.begin() as session:
            results = examine(session)
    slow = sorted(heard.milliseconds)
    print(f"{minutes:g} minutes, {count} people, {KILLS} kills; load {os.getloadavg()[0]:.1f}")
    print(f"{len(slow):,} answers: {dict(heard.statuses)}; median {slow[len(slow) // 2]:.0f} ms, "
          f"95 % within {slow[len(slow) * 95 // 100]:.0f} ms")  # fmt: skip
    stored = f"{len(heard.saved):,} drafts, {len(heard.handed_in):,} hand-ins, {len(heard.decided):,} decisions"
    print(f"acknowledged: {stored}; published: {versions} versions")
    print(f"lost or given twice: {gone or 'nothing'}")
    lines, well = report(results)
    print(*lines, sep="\n")
    sys.exit(0 if well and not gone else 1)


if __name__ == "__main__":
    main()
