"""What both doors of an import share: a file is looked at or brought in, as prompts or as what else it is to be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.prompts import imports
from app.prompts.import_keys import METADATA
from app.prompts.import_tables import check_all_known, read_table, suggest
from app.prompts.imports import ImportReport, Kind
from app.prompts.upload import Upload


@dataclass(frozen=True)
class Columns:
    """The columns of a table, or the keys of JSON lines, and which of them each field of a prompt is read from."""

    names: Sequence[str]
    mapping: Mapping[str, str]
    are_keys: bool = False

    @property
    def unused(self) -> list[str]:
        """The columns that nothing at all is read from."""
        used = {*self.mapping.values(), *([METADATA] if self.are_keys else [])}
        return [name for name in self.names if name not in used]

    @property
    def has_metadata(self) -> bool:
        """Whether some lines have `metadata`, of which a part is read."""
        return self.are_keys and METADATA in self.names


def columns_by_name(upload: Upload) -> Columns | None:
    """The columns of a table that are called like the fields, and no other; None for JSON lines."""
    if not upload.is_table:
        return None
    columns = read_table(upload.file).columns
    check_all_known(columns)
    return Columns(columns, suggest(columns))


def carry_out(
    session: Session, actor: Actor, project_id: int, upload: Upload, columns: Columns | None, kind: Kind, *, keep: bool
) -> ImportReport:
    """Bring a file in and say what it brought; unless it is to be kept, take it all back."""

    def bring_in() -> ImportReport:
        if columns is None:
            return imports.import_jsonl(session, actor, project_id, upload.file, kind)
        if columns.are_keys:
            return imports.import_keys(session, actor, project_id, upload.file, columns.names, columns.mapping, kind)
        return imports.import_table(session, actor, project_id, upload.file, columns.mapping, kind)

    return bring_in() if keep else imports.tried(session, bring_in)
