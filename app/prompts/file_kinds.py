"""Which files an upload takes: the ending of a name, and what a browser may say that such a file is."""

from collections.abc import Collection

UNSAID = ("", "text/plain", "application/octet-stream")  # what browsers send of a file that their system knows not
LINES = ("application/x-ndjson", "application/jsonl", "application/jsonlines")
ALSO_LINES = ("application/ndjson", "application/x-jsonlines", "application/json", "text/jsonl", "text/x-ndjson")
SHEET = "application/vnd.ms-excel"  # what a machine with a spreadsheet says of a table
DECLARED = {
    ".jsonl": (*LINES, *ALSO_LINES, *UNSAID),
    ".ndjson": (*LINES, *ALSO_LINES, *UNSAID),
    ".json": (*LINES, *ALSO_LINES, *UNSAID),
    ".csv": ("text/csv", "application/csv", "text/comma-separated-values", SHEET, *UNSAID),
    ".tsv": ("text/tab-separated-values", "text/csv", SHEET, *UNSAID),
    ".txt": UNSAID,
}
AS_LINES = (".jsonl", ".ndjson", ".json")
AS_TABLE = (".csv", ".tsv")
AS_TEXT = (".txt",)


def is_table(name: str) -> bool:
    """Whether a file of this name is a table."""
    return name.lower().endswith(AS_TABLE)


def wrong_kind(name: str, declared: str, endings: Collection[str]) -> str:
    """Why a file of this name, declared to be this, is not taken where these endings are; empty where it is."""
    ending = next((one for one in endings if name.lower().endswith(one)), "")
    if not ending:
        return f"is of another kind than can be read here: its name has to end in {_or(endings)}"
    said = declared.split(";")[0].strip().lower()
    if said not in DECLARED[ending]:
        return f"ends in {ending} but was sent as another kind of file: send it as {DECLARED[ending][0] or UNSAID[1]}"
    return ""


def _or(words: Collection[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} or {last}" if first else last
