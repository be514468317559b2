"""The JSON door of datasets."""

from app.core.web import api

router = api("datasets")
