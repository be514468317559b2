"""Whatever Unicode holds, a text comes back as it was: imported, stored, read, exported."""

import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.text import is_blank
from app.datasets.publish.rows import line_of
from app.prompts.models import Prompt
from tests.cast import Cast

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=200).filter(
    lambda text: not is_blank(text)
)


@settings(max_examples=25, deadline=None, print_blob=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(TEXTS, min_size=40, max_size=40, unique=True))
def test_a_thousand_texts_come_back_as_they_were(cast: Cast, session: Session, texts: list[str]) -> None:  # I28
    before = session.scalars(select(Prompt.id)).all()
    lines = "".join(json.dumps({"prompt": text}, ensure_ascii=False) + "\n" for text in texts)
    answer = cast.admin.post(
        f"/api/v1/projects/{cast.project.id}/prompts/import",
        content=lines.encode(),
        headers={"Content-Type": "application/x-ndjson"},
    )
    assert answer.status_code in (200, 201), answer.text
    session.expire_all()
    stored = session.scalars(select(Prompt.messages).where(Prompt.id.not_in(before)).order_by(Prompt.id)).all()
    kept = {message["content"] for (message,) in stored}
    already = {m["content"] for (m,) in session.scalars(select(Prompt.messages).where(Prompt.id.in_(before)))}
    assert set(texts) <= kept | already
    for text in texts:
        assert json.loads(line_of({"text": text})) == {"text": text}
