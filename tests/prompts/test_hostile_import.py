"""Hostile files and hostile text through the door of imports: the same verdicts as everywhere."""

import json

from tests.cast import Cast
from tests.hostile import Hostile, rows
from tests.prompts.test_hostile_json import listed

LINES = {"content-type": "application/x-ndjson"}


def door(cast: Cast) -> str:
    """Where files of prompts are taken in."""
    return f"/api/v1/projects/{cast.project.id}/prompts/import"


def line(row: Hostile) -> bytes:
    """A file of one line that holds the row's text; raw UTF-8 where the text can be written so."""
    encodable = not any("\ud800" <= character <= "\udfff" for character in row.text)
    return json.dumps({"prompt": row.text}, ensure_ascii=not encodable).encode() + b"\n"


def test_every_text_that_is_kept_is_kept_byte_for_byte_in_one_file(cast: Cast) -> None:
    # I1 I2 I5 I8 I9 I11 I12
    kept = rows("text", "markdown", stored=True)
    answer = cast.admin.post(door(cast), content=b"".join(map(line, kept)), headers=LINES)
    distinct = list(dict.fromkeys(row.text for row in kept))
    assert answer.json() == {"rows": len(kept), "added": len(distinct), "already_there": len(kept) - len(distinct)}
    found = [prompt["messages"][0]["content"] for prompt in listed(cast)]
    assert [row.id for row in kept if row.text not in set(found)] == []
    assert list(reversed(found)) == distinct


def test_every_text_that_is_refused_elsewhere_is_refused_here_with_line_and_field(cast: Cast) -> None:
    # I2 I3 I4 S79
    for row in rows("text", "markdown", stored=False):
        answer = cast.admin.post(door(cast), content=b'{"prompt":"fine"}\n' + line(row), headers=LINES)
        places = [place["pointer"] for place in answer.json()["errors"]]
        assert (answer.status_code, places) == (422, ["/line/2/prompt"]), row.id
    assert list(listed(cast)) == []


def test_every_hostile_file_is_judged_as_its_row_says(cast: Cast) -> None:
    # I3 I4 I6 I8 I14 I19 I21
    for row in rows("import"):
        before = len(list(listed(cast)))
        answer = cast.admin.post(door(cast), content=row.raw, headers=LINES)
        assert answer.status_code == row.status, f"{row.id}: {answer.text[:300]}"
        added = answer.json()["added"] if row.stored else 0
        assert len(list(listed(cast))) == before + added, row.id
        if row.status == 422:
            assert answer.json()["errors"][0]["pointer"].startswith("/line/"), row.id


def test_bytes_that_are_no_utf8_are_refused_with_the_number_of_their_line(cast: Cast) -> None:
    # I6
    for row in rows("import", kind="invalid-utf8") + rows("import", kind="overlong"):
        if b"\n" in row.raw.rstrip(b"\n") and row.raw.startswith(b'{"prompt":"ok"'):
            answer = cast.admin.post(door(cast), content=row.raw, headers=LINES)
            assert [place["pointer"] for place in answer.json()["errors"]] == ["/line/2"], row.id
            assert "UTF-8" in answer.json()["errors"][0]["detail"], row.id


def test_an_answer_beside_an_imported_prompt_is_kept_byte_for_byte(cast: Cast) -> None:
    # I1 I8
    kept = [row for row in rows("text", stored=True) if len(row.text) < 1000]
    lines = [json.dumps({"id": row.id, "prompt": row.id, "response": row.text}) for row in kept]
    cast.admin.post(door(cast), content="\n".join(lines).encode(), headers=LINES)
    found = {prompt["external_id"]: prompt["imported_response"][0]["content"] for prompt in listed(cast)}
    assert [row.id for row in kept if found[row.id] != row.text] == []


def test_a_key_with_half_a_surrogate_pair_is_refused_with_its_line(cast: Cast) -> None:
    # I3
    for torn in (b'{"\\ud800":1,"prompt":"x"}', b'{"\\ud800":1,"\\ud800":2}', b'{"messages":[{"\\ud800":1}]}'):
        answer = cast.admin.post(door(cast), content=torn + b"\n", headers=LINES)
        assert answer.status_code == 422, answer.text[:300]
        assert answer.json()["errors"][0]["pointer"].startswith("/line/1"), torn
