"""The demo's texts, all of them: the demo that the tests play has every second one."""

from app.demo.texts import Fate, answered, unanswered
from app.prompts.schemas import ProposeIn
from app.writing.schemas import PairIn


def test_every_row_is_one_that_the_doors_take() -> None:
    rows = [*answered(), *unanswered()]
    assert len({row.id for row in rows}) == len(rows) > 200
    for row in rows:
        whence = {"language": row.language, "licence": row.licence, "source": row.source, "external_id": row.id}
        ProposeIn.model_validate({"messages": row.prompt, **whence})
        if row.turns:
            PairIn.model_validate({"prompt_messages": row.prompt, "messages": row.turns})


def test_every_fate_is_somebody_s() -> None:
    assert {row.fate for row in answered()} == {*Fate}
