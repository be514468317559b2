"""Doing the queued jobs in a test's own transaction, where no worker could see them."""

from threading import Thread

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.core.tasks import jobs
from app.core.worker import work


def work_off(url: str, *queues: str) -> Thread:
    """A real worker that ends when nothing is left; in a thread, since a browser's driver may own this one's loop."""
    thread = Thread(target=work, args=(url,), kwargs={"queues": list(queues), "wait": False})
    thread.start()
    return thread


def do_jobs(session: Session, *, most: int | None = None) -> list[str]:
    """Run every waiting job, those included that these enqueue, or so many. The names of the tasks that ran."""
    jobs.perform_import_paths()  # type: ignore[no-untyped-call]
    done: list[str] = []
    while True:
        session.expire_all()
        row = session.execute(
            text("SELECT id, task_name, args FROM procrastinate_jobs WHERE status = 'todo' ORDER BY id LIMIT 1")
        ).one_or_none()
        if row is None or len(done) == most:
            session.commit()
            return done
        session.execute(text("UPDATE procrastinate_jobs SET status = 'doing' WHERE id = :id"), {"id": row.id})
        session.commit()
        jobs.tasks[row.task_name](**row.args)
        session.execute(text("UPDATE procrastinate_jobs SET status = 'succeeded' WHERE id = :id"), {"id": row.id})
        session.commit()
        done.append(row.task_name)
