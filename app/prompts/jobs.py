"""What prompts do later: keep what each is found by when another asks nearly the same."""

from app.core.jobs import enqueue, job_session
from app.core.tasks import task
from app.prompts.fingerprints import remember_next_prompts
from app.prompts.fingerprints import remember_prompt as keep


@task("prompts.remember")
def remember_prompt(prompt_id: int) -> None:
    """Keep what a prompt is found by as it is now."""
    with job_session() as session:
        keep(session, prompt_id)


@task("prompts.remember_all")
def remember_prompts(project_id: int, after: int = 0) -> None:
    """Keep it for the next prompts of a project, such as after an import; the rest is another job's."""
    with job_session() as session:
        last = remember_next_prompts(session, project_id, after)
        if last is not None:
            enqueue(session, "prompts.remember_all", project_id=project_id, after=last)
