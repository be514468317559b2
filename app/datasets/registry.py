"""Every kind of dataset. Rooms to come put theirs in: a room knows nothing of those behind it."""

from app.datasets.kinds import Kind
from app.datasets.models import Dataset, DatasetKind, Version
from app.datasets.responses import RESPONSES

KINDS: dict[DatasetKind, Kind] = {DatasetKind.RESPONSES: RESPONSES}


def kind_of(one: Dataset | Version) -> Kind:
    """What is known of the kind of a dataset, or of a version that came with its dataset."""
    return KINDS[(one if isinstance(one, Dataset) else one.dataset).kind]
