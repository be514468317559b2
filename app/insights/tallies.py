"""What the tallies must say: the rows of every room, counted one by one. For the doctor alone (decision 0013)."""

from sqlalchemy import text
from sqlalchemy.orm import Session

COUNTED = """
SELECT project_id, 'proposed' AS what, 'epoch'::timestamptz AS hour, count(*) AS n
FROM prompts WHERE status = 'proposed' AND NOT from_pair GROUP BY project_id
UNION ALL
SELECT project_id, 'open', 'epoch', count(*) FROM slots WHERE filled_at IS NULL GROUP BY project_id
UNION ALL
SELECT project_id, 'in_review', 'epoch', count(*) FROM submissions WHERE status = 'submitted' GROUP BY project_id
UNION ALL
SELECT project_id, 'handed_in', date_trunc('hour', submitted_at, 'UTC'), count(*)
FROM submissions WHERE imported_by IS NULL GROUP BY 1, 3
UNION ALL
SELECT project_id, 'approved', coalesce(date_trunc('hour', decided_at, 'UTC'), 'epoch'), count(*)
FROM submissions WHERE status = 'approved' AND imported_by IS NULL GROUP BY 1, 3
UNION ALL
SELECT project_id, 'imported', 'epoch', count(*)
FROM submissions WHERE status = 'approved' AND imported_by IS NOT NULL GROUP BY 1
UNION ALL
SELECT project_id, 'decided', date_trunc('hour', created_at, 'UTC'), count(*) FROM reviews GROUP BY 1, 3
"""
# A phrase for each tally that says something else than the rows.
WRONG = """
SELECT 'project ' || project_id || ' tallies ' || coalesce(t.n, 0) || ' ' || what
    || CASE WHEN hour > 'epoch' THEN ' in the hour of ' || (hour AT TIME ZONE 'UTC') ELSE '' END
    || ', there are ' || coalesce(c.n, 0)
FROM ({counted}) c
FULL JOIN (SELECT project_id, what, hour, sum(n) AS n FROM tallies GROUP BY project_id, what, hour) t
    USING (project_id, what, hour)
WHERE coalesce(t.n, 0) <> coalesce(c.n, 0)
"""
DIFFERENT = WRONG.format(counted=COUNTED)


def count_anew(session: Session) -> None:
    """Replace every tally by what is counted now.

    Whoever has changed a tally and not yet committed is waited for, and whoever is about to waits until this
    transaction ends, so nothing is counted twice or missed. Readers do not wait.
    """
    session.execute(text("LOCK TABLE tallies IN SHARE ROW EXCLUSIVE MODE"))
    session.execute(text("DELETE FROM tallies"))
    session.execute(text("INSERT INTO tallies (project_id, what, hour, n)" + COUNTED))
