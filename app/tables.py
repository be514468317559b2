"""Every table of every room, for those who need them all: migrations, the doctor, tests."""

from app.accounts import models as accounts
from app.core import audit, idempotency
from app.core.database import Base
from app.datasets import models as datasets
from app.insights import models as insights
from app.preferences import models as preferences
from app.preferences.making import models as makings
from app.preferences.ranking import models as rankings
from app.projects import models as projects
from app.prompts import models as prompts
from app.review import models as review
from app.training import models as training
from app.writing import models as writing

APPEND_ONLY = (
    "audit_log",
    "guidelines",
    "acknowledgements",
    "consents",
    "revisions",
    "opinions",
    "reviews",
    "rule_revisions",
    "version_rows",
    "preference_rows",
    "kept_out",
    "retired_versions",
    "run_events",
    "reports",
)
metadata = Base.metadata
ROOMS = (
    audit,
    idempotency,
    accounts,
    projects,
    prompts,
    writing,
    review,
    datasets,
    training,
    preferences,
    makings,
    rankings,
    insights,
)
