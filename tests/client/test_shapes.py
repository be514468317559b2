"""What the client says of answers agrees with what the site promises in its OpenAPI document."""

from typing import Any

import pytest

from app.client import shapes
from tests.api_contract import served

PROMISED = {
    "Assignment": "AssignmentOut", "Bearer": "BearerOut", "Benchmark": "BenchmarkOut", "Explanation": "ExplanationOut",
    "LeftOut": "LeftOutOne", "Preparation": "PreparationOut", "Preview": "PreviewOut", "Push": "PushOut",
    "Rule": "RuleOut", "Change": "ChangeOut", "Dataset": "DatasetOut",
    "Diff": "DiffOut", "Draft": "DraftOut", "DroppedRow": "DroppedOut", "File": "FileOut",
    "Format": "FormatOut", "ModelFile": "ModelFile", "FoundDataset": "FoundDataset", "Project": "ProjectOut",
    "Prompt": "PromptOut", "Review": "ReviewOut", "Row": "RowOut", "Run": "RunOut", "RunData": "DataOut",
    "Saved": "SavedOut", "Seen": "SeenOut", "Submission": "SubmissionLine", "ToReview": "ToReviewOut",
    "TakenBack": "TakenBackOut", "Version": "VersionOut", "Withdrawn": "WithdrawnOut",
}  # fmt: skip
WORDS = {"str": "string", "int": "integer", "bool": "boolean", "float": "number", "list": "array", "dict": "object"}
FREE = {"Message", "Event"}  # one turn, in every room; what a worker writes, EventKind tells of


def kinds(schema: dict[str, Any]) -> set[str]:
    """The JSON types that a field may have."""
    if "anyOf" in schema:
        return set().union(*(kinds(one) for one in schema["anyOf"]))
    return {schema.get("type", "string" if "enum" in schema else "object")}


def test_every_shape_is_compared() -> None:
    own = {name for name, one in vars(shapes).items() if isinstance(one, type) and one.__module__ == shapes.__name__}
    assert own == PROMISED.keys() | FREE


@pytest.mark.parametrize("name", sorted(PROMISED))
def test_every_field_that_the_client_names_is_promised_with_its_type(name: str) -> None:
    parts = served()["components"]["schemas"]
    promised = parts[PROMISED[name]]["properties"]
    for field, said in getattr(shapes, name).__annotations__.items():
        assert field in promised, f"{PROMISED[name]} has no {field}"
        schema = promised[field]
        schema = parts[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
        word = (said.__name__ if isinstance(said, type) else str(said)).split("[")[0].split(" ")[0]
        assert WORDS.get(word, "object") in kinds(schema), f"{name}.{field} is {kinds(schema)}, not {said}"
        assert ("None" in str(said)) <= ("null" in kinds(schema)), f"{name}.{field} is never null"
        assert ("null" in kinds(schema)) <= ("None" in str(said)), f"{name}.{field} may be null"
