"""One site serves one data folder."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from app.core.errors import StartRefused
from app.core.process import alone
from tests.conftest import settings_in


def test_a_second_site_on_one_data_folder_is_refused(tmp_path: Path) -> None:  # R5
    settings = settings_in(tmp_path)
    with alone(settings), pytest.raises(StartRefused, match="Another Penset serves"), alone(settings):
        pass


def test_the_folder_is_free_again_when_the_first_has_ended(tmp_path: Path) -> None:  # R5
    settings = settings_in(tmp_path)
    for _ in range(2):
        with alone(settings):
            pass


def test_many_sites_may_share_a_database_of_the_operators(tmp_path: Path) -> None:
    settings = settings_in(tmp_path).model_copy(update={"database_url": SecretStr("postgresql://somewhere/penset")})
    with alone(settings), alone(settings):
        pass
