"""What people do all day, request by request: a writer, a reviewer, somebody who looks round."""

import re
from urllib.parse import urlencode

from benchmarks.bare import TEXT
from benchmarks.people import Ask, Day


def writer(project_id: int, times: int) -> Day:
    """Take a prompt, save twice, hand in, and so on."""
    for _ in range(times):
        taken = yield Ask("next task", "POST", f"/api/v1/projects/{project_id}/assignments", {})
        at = f"/api/v1/assignments/{taken['id']}"
        yield from saves(at)
        yield Ask("hand in", "POST", f"{at}/hand-in", {"draft_revision": 2})


def saves(at: str) -> Day:
    """Two saves of a new draft, each over the one before."""
    for revision in (0, 1):
        turns = [{"role": "assistant", "content": f"{TEXT}{revision}"}]
        body = {"messages": turns, "prompt": None, "revision": revision}
        said = yield Ask("draft save", "PUT", f"{at}/draft", body)
        assert said["revision"] == revision + 1, said


def reviewer(project_id: int, ratings: dict[str, int], times: int) -> Day:
    """Take what waits, approve it, and so on."""
    for _ in range(times):
        taken = yield Ask("claim for review", "POST", f"/api/v1/projects/{project_id}/review/next")
        submission = taken["submission"]["submission_id"]
        body = {"decision": "approved", "revision": 1, "ratings": ratings}
        yield Ask("decide", "POST", f"/api/v1/submissions/{submission}/reviews", body)


def at_the_desk(project_id: int, times: int) -> Day:
    """Decide in the browser, look at the next, take the decision back and make it once more, and so on."""
    queue = f"/projects/{project_id}/review"
    person = found(r'name="user_id" value="(\d+)"', (yield Ask("", "GET", queue)))
    yield Ask("", "POST", f"{queue}/next", urlencode({"user_id": person}))
    page = yield Ask("", "GET", queue)
    for _ in range(times):
        at = found(r'action="(/sheets/[^"/]+/decision)"', page)
        form = {"decision": "approved", "revision": 1, "user_id": person, "note": ""}
        form |= dict.fromkeys(re.findall(r'name="(rating[^"]*)"', page), 4)
        yield Ask("decide at the desk, and take the next", "POST", at, urlencode(form))
        page = yield Ask("the next on the desk, a page", "GET", queue)
        undo = found(r'action="(/sheets/[^"/]+/undo)"', page)
        yield Ask("undo, a page", "POST", undo, urlencode({"user_id": person}))
        yield Ask("decide at the desk, and take the next", "POST", at, urlencode(form))
        page = yield Ask("", "GET", queue)
    last = found(r'action="(/sheets/[^"/]+/decision)"', page)
    yield Ask("", "POST", last, urlencode({**form, "decision": "skipped"}))


def found(what: str, page: str) -> str:
    """What stands on a page."""
    seen = re.search(what, page)
    assert seen, (what, page[:2000])
    return seen[1]


def onlooker(project_id: int, times: int) -> Day:
    """Read lists, search, look at the overview; and an empty route, for what a request costs at least."""
    prompts = f"/api/v1/projects/{project_id}/prompts"
    for _ in range(times):
        yield Ask("prompts, newest", "GET", prompts)
        yield Ask("submissions, newest", "GET", f"/api/v1/submissions?project_id={project_id}")
        yield Ask("search, rare words", "GET", f"{prompts}?words=ocean+starch")
        yield Ask("search, a common word", "GET", f"{prompts}?words=the")
        yield Ask("overview", "GET", f"/projects/{project_id}")
        yield Ask("overview by the API", "GET", f"/api/v1/projects/{project_id}/overview")
        yield Ask("empty route", "GET", "/health/live")
