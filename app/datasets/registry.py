"""Every kind of dataset. Rooms to come put theirs in: a room knows nothing of those behind it."""

from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from app.datasets.kinds import Kind
from app.datasets.models import Dataset, DatasetKind, Version, VersionStatus
from app.datasets.responses import RESPONSES

KINDS: dict[DatasetKind, Kind] = {DatasetKind.RESPONSES: RESPONSES}


def kind_of(one: Dataset | Version) -> Kind:
    """What is known of the kind of a dataset, or of a version that came with its dataset."""
    return KINDS[(one if isinstance(one, Dataset) else one.dataset).kind]


def dropped_of(session: Session, version: Version) -> int:
    """How many rows of a version were withdrawn since it was published."""
    return dropped_among(session, [version]).get(version.id, 0)


def dropped_among(session: Session, versions: Sequence[Version]) -> Mapping[int, int]:
    """The same of several versions of one dataset, by their ids; those of which nothing was withdrawn are not there."""
    published = [one for one in versions if one.status is VersionStatus.PUBLISHED]
    return kind_of(published[0]).count_dropped(session, published) if published else {}
