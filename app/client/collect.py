"""The verbs by which data comes to be: prompts, responses, decisions.

Proposing is open to a token. Writing and deciding are a person's own acts: they take a session, see `Penset.sign_in`.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from app.client.server import Server
from app.client.shapes import Assignment, Message, Project, Prompt, Review, Saved, Submission, TakenBack, ToReview

NO_RATINGS: Mapping[str, int] = {}


class Collecting:
    """What writers and reviewers do, in the order of a text."""

    server: Server

    def projects(self) -> list[Project]:
        """The projects of which you are a member."""
        return self.server.get(dict[str, list[Project]], "/projects")["projects"]

    def prompts(self, project_id: int, *, status: str | None = None) -> Iterator[Prompt]:
        """The prompts of a project, the newest first; `status` is proposed, approved, rejected or complete."""
        return self.server.pages(Prompt, f"/projects/{project_id}/prompts", "prompts", status=status)

    def propose(self, project_id: int, prompt: str | Sequence[Message], **more: Any) -> Prompt:
        """Suggest a prompt: one text, or messages that end with a user turn.

        `more`: category_id, language, licence, source, external_id.
        """
        asked = {"prompt": prompt} if isinstance(prompt, str) else {"messages": list(prompt)}
        return self.server.once(Prompt, f"/projects/{project_id}/prompts", {**asked, **more})

    def import_prompts(self, project_id: int, path: Path | str, *, preview: bool = False) -> dict[str, int]:
        """Take in a JSONL file of prompts, all or nothing; with `preview` only say what that would do."""
        return self._import(f"/projects/{project_id}/prompts/import", path, {}, preview)

    def import_pairs(
        self, project_id: int, path: Path | str, *, source: str = "", licence: str = "", preview: bool = False
    ) -> dict[str, int]:
        """Take in a JSONL file of finished pairs, all or nothing: nobody writes or reviews them here.

        `source` and `licence` are of the rows that name none; each row has both.
        """
        of_all = {name: said for name, said in (("source", source), ("licence", licence)) if said}
        return self._import(f"/projects/{project_id}/pairs/import", path, of_all, preview)

    def _import(self, address: str, path: Path | str, asked: Mapping[str, str], preview: bool) -> dict[str, int]:
        return self.server.send(
            dict[str, int],
            "POST",
            address,
            content=Path(path).read_bytes(),
            headers={"Content-Type": "application/x-ndjson"},
            params={**asked, **({"preview": "true"} if preview else {})},
        )

    def approve(self, prompt_id: int) -> Prompt:
        """Open a proposed prompt to writers."""
        return self.server.send(Prompt, "POST", f"/prompts/{prompt_id}/approve")

    def reject(self, prompt_id: int, reason: str) -> Prompt:
        """Turn a proposed prompt down; its author reads why."""
        return self.server.send(Prompt, "POST", f"/prompts/{prompt_id}/reject", {"reason": reason})

    def next_task(self, project_id: int, *, category_id: int | None = None) -> Assignment:
        """Take the next open prompt. Problem `writing.nothing_open` where there is none for you."""
        return self.server.once(Assignment, f"/projects/{project_id}/assignments", {"category_id": category_id})

    def save_draft(self, assignment_id: int, response: str | Sequence[Message], *, revision: int) -> Saved:
        """Save over the revision that you last saw. Problem `writing.draft_changed` where there is a newer one."""
        body = {"messages": turns(response), "revision": revision}
        return self.server.send(Saved, "PUT", f"/assignments/{assignment_id}/draft", body)

    def hand_in(self, assignment_id: int, *, draft_revision: int) -> Submission:
        """Hand the draft in as it stands at this revision."""
        body = {"draft_revision": draft_revision}
        return self.server.once(Submission, f"/assignments/{assignment_id}/hand-in", body)

    def skip(self, assignment_id: int, reason: str) -> None:
        """Give a prompt back to others, and say why."""
        self.server.send(None, "POST", f"/assignments/{assignment_id}/skip", {"kind": "other", "reason": reason})

    def write_pair(
        self, project_id: int, prompt: str | Sequence[Message], response: str | Sequence[Message]
    ) -> Submission:
        """Hand in a prompt and the response to it at once; one review decides on both."""
        asked = [Message(role="user", content=prompt)] if isinstance(prompt, str) else list(prompt)
        body = {"prompt_messages": asked, "messages": turns(response)}
        return self.server.once(Submission, f"/projects/{project_id}/pairs", body)

    def submissions(
        self, *, project_id: int | None = None, status: str | None = None, writer: str | None = None
    ) -> Iterator[Submission]:
        """What you handed in, and all of the projects in which you review; newest first. A writer by pseudonym."""
        return self.server.pages(
            Submission, "/submissions", "submissions", project_id=project_id, status=status, writer=writer
        )

    def submission(self, submission_id: int) -> Submission:
        """One submission with every revision."""
        return self.server.get(Submission, f"/submissions/{submission_id}")

    def withdraw_for(self, submission_id: int, reason: str) -> Submission:
        """Withdraw what a member handed in, as an administrator; they are told, with the reason."""
        body = {"reason": reason}
        return self.server.send(Submission, "POST", f"/submissions/{submission_id}/withdraw-for", body)

    def withdraw(self, submission_id: int) -> Submission:
        """Take back what you handed in and nobody has approved or rejected."""
        return self.server.send(Submission, "POST", f"/submissions/{submission_id}/withdraw")

    def take_consent_back(self, project_id: int) -> TakenBack:
        """Take back what you accepted in a project: a job withdraws all that holds a text of yours."""
        return self.server.send(TakenBack, "POST", f"/projects/{project_id}/consent/take-back")

    def next_review(
        self, project_id: int, *, category: int | None = None, writer: str = "", waited: int | None = None
    ) -> ToReview | None:
        """Take the submission that comes first; None where nothing waits for you. Of one category's id, by one writer's
        pseudonym, or of those that have waited for over so many days."""
        asked = {"category": category, "writer": writer, "waited": waited}
        where = f"/projects/{project_id}/review/next?{urlencode({name: one for name, one in asked.items() if one})}"
        return self.server.send(dict[str, ToReview | None], "POST", where)["submission"]

    def review(
        self,
        submission_id: int,
        decision: str,
        *,
        revision: int,
        ratings: Mapping[str, int] = NO_RATINGS,
        note: str = "",
    ) -> Review:
        """Decide on the revision you saw: approved, changes_requested or rejected. Sent twice, it is stored once."""
        body = {"decision": decision, "revision": revision, "ratings": dict(ratings), "note": note}
        return self.server.send(Review, "POST", f"/submissions/{submission_id}/reviews", body)

    def reviews(self, project_id: int) -> Iterator[Review]:
        """The decisions of a project, newest first."""
        return self.server.pages(Review, f"/projects/{project_id}/reviews", "reviews")


def turns(response: str | Sequence[Message]) -> list[Message]:
    """A response as turns: one text is the assistant's one turn."""
    return [Message(role="assistant", content=response)] if isinstance(response, str) else list(response)
