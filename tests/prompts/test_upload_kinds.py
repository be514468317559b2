"""A file whose ending, declared type and content disagree is not taken in, by any form that takes one."""

import gzip
import io
import zipfile

import pytest

from tests.cast import Cast

LINE = (
    b'{"prompt": "Why?", "response": "So.", "chosen": "So.", "rejected": "No.", "source": "ours", "licence": "MIT"}\n'
)
TABLE = b"prompt,response,source,licence\nWhy?,So.,ours,MIT\n"
OTHERS = (
    b"%PDF-1.7\n\xe2\xe3\xcf\xd3\n",
    b"PK\x03\x04\x14\0\0\0",
    b"\x1f\x8b\x08\0\0\0\0\0",
    b"<!doctype html><p>Why?</p>\n",
)
IMPORTS = (".jsonl", ".ndjson", ".json", ".csv", ".tsv")
DOORS = {
    "prompts/import": IMPORTS,
    "pairs/import": IMPORTS,
    "preferences/import": (".jsonl", ".ndjson", ".json"),
    "benchmarks/import": (".jsonl", ".ndjson", ".json", ".txt"),
}
GENERIC = ("", "text/plain", "application/octet-stream", "Text/Plain; charset=utf-8")
TYPES = {
    ".jsonl": (*GENERIC, "application/x-ndjson", "application/jsonl", "application/json"),
    ".csv": (*GENERIC, "text/csv", "application/vnd.ms-excel"),
    ".tsv": (*GENERIC, "text/tab-separated-values"),
    ".txt": GENERIC,
}
FOREIGN = ("application/pdf", "text/html", "image/svg+xml", "application/gzip", "application/x-msdownload")
ENDINGS = ("a.html", "a.exe", "a.jsonl.gz", "a.svg", "a.csv.zip", "a", "a.", "jsonl", ".jsonl.html", "")


def refused(cast: Cast, door: str, name: str, declared: str, data: bytes) -> str:
    """What the form says of this file; empty where it is taken in."""
    assert cast.admin.user
    fields = {"name": "Some", "licence": "MIT"} if door.startswith("benchmarks") else {"name": "Some", "step": "import"}
    if door.startswith(("prompts", "pairs")):
        del fields["name"]
    if not door.startswith("benchmarks"):
        fields["user_id"] = str(cast.admin.user.id)
    if door.startswith("preferences"):
        del fields["step"]
    part = f'Content-Disposition: form-data; name="file"; filename="{name}"\r\n'
    part += f"Content-Type: {declared}\r\n" if declared else ""
    rest = "".join(
        f'--x\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n' for key, value in fields.items()
    )
    body = b"--x\r\n" + part.encode() + b"\r\n" + data + b"\r\n" + rest.encode() + b"--x--\r\n"
    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = cast.admin.post(f"/projects/{cast.project.id}/{door}", content=body, headers=kind)
    assert answer.status_code in (200, 303, 422), (answer.status_code, answer.text)
    return answer.text if answer.status_code == 422 else ""


def marked(said: str) -> bool:
    """Whether it is the file that is refused, by the label of its field."""
    return "<li><bdi>File</bdi> " in said or "<li><bdi>Pairs from a file</bdi> " in said


def content_of(ending: str) -> bytes:
    """What a file of this ending holds."""
    return {".csv": TABLE, ".tsv": TABLE.replace(b",", b"\t")}.get(ending, LINE)


@pytest.mark.parametrize("door", DOORS)
def test_a_file_is_taken_in_by_the_endings_and_types_that_browsers_send(cast: Cast, door: str) -> None:
    for ending in DOORS[door]:
        for declared in TYPES.get(ending, TYPES[".jsonl"]):
            said = refused(cast, door, f"Mine{ending.upper()}", declared, content_of(ending))
            assert not marked(said), (ending, declared, said)


@pytest.mark.parametrize("door", DOORS)
def test_ending_and_declared_type_agree_with_what_the_form_reads(cast: Cast, door: str) -> None:  # S75
    for name in (*ENDINGS, *(f"a{ending}" for ending in {*IMPORTS, ".txt"} - {*DOORS[door]})):
        said = refused(cast, door, name, "text/plain", LINE)
        assert marked(said), name
        assert f"{', '.join(DOORS[door][:-1])} or {DOORS[door][-1]}" in said, name
    for ending in DOORS[door]:
        for declared in FOREIGN:
            said = refused(cast, door, f"a{ending}", declared, content_of(ending))
            assert marked(said), (ending, declared)
            assert f"ends in {ending} but was sent as another kind of file" in said


@pytest.mark.parametrize("door", DOORS)
def test_content_of_another_kind_than_the_ending_says_is_refused(cast: Cast, door: str) -> None:  # S75
    for ending in (one for one in DOORS[door] if one != ".txt"):
        table = ending in (".csv", ".tsv")
        for data in (*OTHERS, LINE if table else TABLE):
            assert refused(cast, door, f"a{ending}", "", data), (ending, data)


def zipped(data: bytes) -> bytes:
    """A zip of one file."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.jsonl", data)
    return whole.getvalue()


@pytest.mark.parametrize("door", ["prompts/import", "pairs/import", "benchmarks/import?name=Some&licence=MIT"])
def test_no_archive_is_taken_in_and_nothing_is_unpacked(cast: Cast, door: str) -> None:  # S78
    bomb = gzip.compress(LINE * 100_000)  # unpacked a thousand times as large
    for archive, declared in ((bomb, "application/gzip"), (zipped(LINE), "application/zip")):
        for kind in ({"Content-Type": declared}, {"Content-Type": "application/x-ndjson"},
                     {"Content-Type": "application/x-ndjson", "Content-Encoding": "gzip"}):  # fmt: skip
            answer = cast.admin.post(f"/api/v1/projects/{cast.project.id}/{door}", content=archive, headers=kind)
            assert answer.status_code in (415, 422), (kind, answer.text)
    for name in ("prompts", "benchmarks", "submissions?status=approved"):
        there = f"/api/v1/{name}" if name.startswith("sub") else f"/api/v1/projects/{cast.project.id}/{name}"
        (rows, *_) = cast.admin.get(there).json().values()
        assert rows == [], name
