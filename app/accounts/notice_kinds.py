"""What can somebody be told of, in which words, and where does it lead? Pure.

The words name no person and quote no text: a notice tells what happened where, and its page shows the rest to whoever
may still see it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """A kind of notice: on which `subject`, its page with the subject's `{id}`, said once or of `{times}`."""

    subject: str
    page: str
    one: str
    many: str = ""

    def said(self, times: int, details: Mapping[str, object]) -> str:
        """The sentence. `details` are numbers of ours that its words name."""
        return (self.many if self.many and times > 1 else self.one).format_map({**details, "times": f"{times:,}"})

    def path(self, subject_id: int) -> str:
        """The page of ours to which it leads."""
        return self.page.format(id=subject_id)


KINDS = {
    "response_approved": Kind("submission", "/submissions/{id}", "A response of yours is approved."),
    "response_edited": Kind(
        "submission", "/submissions/{id}", "A reviewer put a response of yours right and approved it."
    ),
    "changes_requested": Kind(
        "submission",
        "/submissions/{id}",
        "Changes are asked for in a response of yours.",
        "Changes are asked for in a response of yours, {times} times by now.",
    ),
    "response_rejected": Kind("submission", "/submissions/{id}", "A response of yours is turned down."),
    "response_withdrawn": Kind("submission", "/submissions/{id}", "An administrator withdrew a response of yours."),
    "consent_taken_back": Kind(
        "project",
        "/projects/{id}/consent",
        "Your consent was taken back, and what you wrote is withdrawn: {withdrawn} responses.",
    ),
    "others_consent_taken_back": Kind(
        "project",
        "/projects/{id}/consents",
        "Somebody's consent was taken back, and {withdrawn} responses are withdrawn. Publish anew without them.",
    ),
    "response_lost_consent": Kind(
        "submission",
        "/submissions/{id}",
        "A response of yours is withdrawn: its prompt, or a correction in it, may no longer be used.",
    ),
    "draft_lost_consent": Kind(
        "project",
        "/projects/{id}/write",
        "A prompt that you were writing on may no longer be used. Your draft is kept.",
        "{times} prompts that you were writing on may no longer be used. Your drafts are kept.",
    ),
    "reviewer_commented": Kind(
        "submission",
        "/submissions/{id}",
        "There is a new comment on a response of yours.",
        "There are {times} new comments on a response of yours.",
    ),
    "writer_commented": Kind(
        "submission",
        "/submissions/{id}",
        "The writer has commented on a response that you read.",
        "The writer has made {times} comments on a response that you read.",
    ),
    "disputed": Kind(
        "submission", "/submissions/{id}", "Two opinions on a response differ: it waits for a third person."
    ),
    "prompt_approved": Kind(
        "project",
        "/projects/{id}/prompts",
        "A prompt that you proposed is open to writers.",
        "{times} prompts that you proposed are open to writers.",
    ),
    "prompt_rejected": Kind("prompt", "/prompts/{id}", "A prompt that you proposed is turned down."),
    "question_answered": Kind(
        "prompt",
        "/prompts/{id}",
        "A question of yours about a prompt is answered.",
        "There are {times} new answers to what you asked about a prompt.",
    ),
    "prompt_withdrawn": Kind(
        "prompt", "/prompts/{id}", "A prompt was reported or left to others so often that nobody is given it any more."
    ),
    "qualified": Kind("project", "/projects/{id}/write", "You are qualified: the queue is open to you."),
    "handed_over": Kind("assignment", "/write/{id}", "A prompt was handed over to you."),
    "version_published": Kind("version", "/versions/{id}", "Version {number} of a dataset is published."),
    "version_failed": Kind(
        "version",
        "/versions/{id}",
        "Version {number} of a dataset could not be published.",
        "Version {number} of a dataset could not be published, {times} times by now.",
    ),
    "run_done": Kind("run", "/runs/{id}", "Run {number} is done."),
    "run_failed": Kind(
        "run", "/runs/{id}", "Run {number} has failed.", "Run {number} has failed, {times} times by now."
    ),
    "guidelines_revised": Kind("project", "/projects/{id}/guidelines", "The guidelines are new: version {version}."),
    "wording_proposed": Kind(
        "project",
        "/projects/{id}/guidelines",
        "A reviewer proposes how a part of the guidelines should read.",
        "Reviewers propose how {times} parts of the guidelines should read.",
    ),
    "wording_taken": Kind(
        "project",
        "/projects/{id}/guidelines",
        "Your wording of a part of the guidelines is taken over.",
        "{times} of your wordings of the guidelines are taken over.",
    ),
    "wording_declined": Kind(
        "project",
        "/projects/{id}/guidelines",
        "Your wording of a part of the guidelines is declined.",
        "{times} of your wordings of the guidelines are declined.",
    ),
}
NUMBER = re.compile(r"(?<=/)[0-9]{1,18}(?=/|$)")


def led_to(path: str) -> tuple[Sequence[str], int]:
    """Which kinds lead to this page, and the subject of which it is."""
    found = NUMBER.search(path)
    page = f"{path[: found.start()]}{{id}}{path[found.end() :]}" if found else ""
    return [name for name, kind in KINDS.items() if kind.page == page], int(found[0]) if found else 0
