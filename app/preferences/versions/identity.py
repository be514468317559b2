"""Which prompt of its project does a compared prompt ask? Those that came in from a file get one that asks the same.

Splits, clusters and what is held out are kept by prompt, so a pair that came in from a file needs one, too. It stands
among the project's prompts as that of a finished pair does: complete, by nobody, with its source and licence, and it is
given to nobody to answer.
"""

from sqlalchemy import text
from sqlalchemy.orm import Session

FIND = text(
    """
    UPDATE comparison_prompts c SET prompt_id = found.id
    FROM (
        SELECT c.id AS compared, min(p.id) AS id
        FROM comparison_prompts c JOIN prompts p ON p.project_id = c.project_id AND p.messages = c.messages
        WHERE c.project_id = :project_id AND c.prompt_id IS NULL
        GROUP BY c.id
    ) found
    WHERE c.id = found.compared
    """
)
# It has the name that MAKE gave it, also where its text was changed since.
FIND_MADE = text(
    """
    UPDATE comparison_prompts c SET prompt_id = p.id FROM prompts p
    WHERE c.project_id = :project_id AND c.prompt_id IS NULL AND p.project_id = c.project_id
        AND p.external_id = 'compared:' || encode(sha256(convert_to(c.messages::text, 'UTF8')), 'hex')
    """
)
MAKE = text(
    """
    INSERT INTO prompts
        (project_id, messages, language, source, licence, external_id, imported, from_pair, status, reason, decided_at)
    SELECT DISTINCT ON (name) c.project_id, c.messages, c.language,
        coalesce(nullif(named.source, ''), 'comparison set'), coalesce(nullif(named.licence, ''), 'not stated'),
        'compared:' || encode(sha256(convert_to(c.messages::text, 'UTF8')), 'hex') AS name,
        true, true, 'complete', '', now()
    FROM comparison_prompts c
    LEFT JOIN LATERAL (
        SELECT r.details ->> 'source' AS source, r.details ->> 'licence' AS licence
        FROM compared_responses r WHERE r.comparison_prompt_id = c.id AND r.kind = 'imported' ORDER BY r.id LIMIT 1
    ) named ON true
    WHERE c.project_id = :project_id AND c.prompt_id IS NULL
    ORDER BY name, c.id
    ON CONFLICT (project_id, external_id) DO NOTHING
    """
)


def name_prompts(session: Session, project_id: int) -> None:
    """Give each compared prompt of a project the prompt that asks the very same, made where there is none.

    Done again it changes nothing. Sets of before, or of an older process, are named when a version is published.
    """
    for statement in (FIND, MAKE, FIND_MADE):
        session.execute(statement, {"project_id": project_id})
