"""Hostile guidelines, names and numbers: kept byte for byte or refused, and rendered in a moment."""

import re
from time import process_time

from app.core.markdown import TAGS
from tests.cast import Cast
from tests.hostile import rows

JSON = {"content-type": "application/json"}
SECONDS = 2.0  # of work; a second on a quiet machine


def test_every_guideline_text_is_kept_and_rendered_in_a_moment_or_refused(cast: Cast) -> None:  # I1 I3 I22 S65
    here = f"/projects/{cast.project.id}/guidelines"
    for row in rows("markdown"):
        answer = cast.admin.api("POST", f"/api/v1{here}", text=row.text)
        assert answer.status_code in ((201, 422) if row.stored else (row.status,)), row.id
        if answer.status_code != 201:
            continue
        assert cast.author.get(f"/api/v1{here}").json()["text"] == row.text, row.id
        began = process_time()
        shown = cast.author.get(here)
        assert (shown.status_code, process_time() - began < SECONDS) == (200, True), row.id
        html = shown.text.split("<article")[1].split(">", 1)[1].split("</article>")[0]
        assert set(re.findall(r"<([a-z0-9]+)", html)) <= TAGS, row.id
        hrefs = re.findall(r'<a [^>]*href="([^"]*)"', html)
        assert [href for href in hrefs if not re.match(r"(https?:|mailto:)", href)] == [], row.id


def test_every_hostile_body_with_a_text_is_judged_as_its_row_says(cast: Cast) -> None:  # I3 I5 I6 I13 I14
    path = f"/api/v1/projects/{cast.project.id}/guidelines"
    for row in rows("json"):
        if b'"text"' in row.raw:
            answer = cast.admin.post(path, content=row.raw, headers=JSON)
            assert answer.status_code == (201 if row.stored else row.status), f"{row.id}: {answer.text[:300]}"


def test_every_hostile_number_is_judged_as_its_row_says(cast: Cast) -> None:  # I14 I15 I16
    path = f"/api/v1/projects/{cast.project.id}/categories"
    for row in rows("json"):
        if row.raw.startswith(b'{"count":'):
            body = row.raw.replace(b'"count":', b'"name":"Code","target":')
            answer = cast.admin.post(path, content=body, headers=JSON)
            assert answer.status_code == row.status, f"{row.id}: {answer.text[:300]}"


def test_every_name_of_a_category_is_judged_as_its_row_says(cast: Cast) -> None:  # I2 I3 I10
    path = f"/api/v1/projects/{cast.project.id}/categories"
    seen: set[str] = set()
    for row in rows("name"):
        answer = cast.admin.api("POST", path, name=row.text)
        wanted = row.status if not row.stored else 409 if row.text in seen else 201
        assert answer.status_code == wanted, f"{row.id}: {answer.text[:300]}"
        seen.add(row.text)
    kept = {one["name"] for one in cast.author.get(path).json()["categories"]}
    assert {row.text for row in rows("name", stored=True)} <= kept
