"""Which projects am I in, and who begins a new one?"""

from tests.cast import Cast
from tests.projects.conftest import Forms


def test_a_member_sees_their_projects_and_no_others(cast: Cast) -> None:  # S52
    shown = cast.author.get("/projects").text
    assert cast.project.name in shown
    assert cast.other_project.name not in shown
    assert "you are annotator" in shown


def test_who_is_in_no_project_reads_what_will_stand_here(cast: Cast) -> None:
    shown = cast.operator.get("/projects").text
    assert "No project yet" in shown
    assert "Make the first project" in shown


def test_only_who_runs_the_installation_begins_a_project(cast: Cast, forms: Forms) -> None:
    made = forms.post(cast.operator, "/projects/new", name="Kind words", target="50")
    assert made.status_code == 303
    assert "Kind words" in cast.operator.get("/projects").text
    assert forms.post(cast.admin, "/projects/new", name="Mine").status_code == 403
    assert cast.admin.get("/projects/new").status_code == 403
    assert "New project" not in cast.admin.get("/projects").text


def test_a_form_drawn_for_somebody_else_does_nothing(cast: Cast) -> None:  # S26
    assert cast.author.user
    sent = {"user_id": cast.author.user.id, "name": "Kind words"}
    assert cast.operator.post("/projects/new", data=sent).status_code == 409
    assert "Kind words" not in cast.operator.get("/projects").text


def test_the_api_lists_and_begins_projects(cast: Cast) -> None:
    listed = cast.author.api("GET", "/api/v1/projects").json()["projects"]
    assert [project["id"] for project in listed] == [cast.project.id]
    made = cast.operator.api("POST", "/api/v1/projects", name="Kind words", lease_minutes=30)
    assert (made.status_code, made.json()["lease_minutes"]) == (201, 30)


def test_another_project_does_not_exist_in_page_or_api(cast: Cast) -> None:  # S43
    theirs, never = cast.other_project.id, 10**12
    for path in ("/api/v1/projects/{}", "/api/v1/projects/{}/guidelines", "/api/v1/projects/{}/categories",
                 "/api/v1/projects/{}/members"):  # fmt: skip
        hidden, absent = (cast.admin.get(path.format(number)).json() for number in (theirs, never))
        assert hidden["status"] == 404
        assert hidden | {"instance": ""} == absent | {"instance": ""}
    for page in ("guidelines", "guidelines/revise", "members", "settings"):
        assert cast.admin.get(f"/projects/{theirs}/{page}").status_code == 404
