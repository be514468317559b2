"""The YAML of a dataset card, where no name ends the document, begins a tag or points elsewhere."""

from collections.abc import Mapping
from typing import Any

import yaml


class Quoting(yaml.SafeDumper):
    """Writes every text in double quotes, with its line ends escaped."""

    def ignore_aliases(self, data: Any) -> bool:
        """What stands twice is written twice: the `datasets` library changes what it reads."""
        return True


Quoting.add_representer(str, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"'))


def quoted_yaml(values: Mapping[str, Any]) -> str:
    """The values in their order."""
    return yaml.dump(dict(values), Dumper=Quoting, sort_keys=False, width=10_000)
