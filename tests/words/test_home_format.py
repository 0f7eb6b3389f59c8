"""A folder of a newer version is refused, and one without a number is taken over."""

from pathlib import Path

import pytest

from flows.engine.serving.service import lock_service
from outreach.errors import SettingsError
from outreach.settings import read_settings
from outreach.settings.home_format import HOME_FORMAT, mark_home, read_home_format


def test_a_folder_without_a_number_is_taken_over_by_the_service(tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    assert read_home_format(tmp_path) == 0
    assert read_settings(home=tmp_path).home == tmp_path
    assert not (tmp_path / "format.json").exists()
    with lock_service(tmp_path):
        assert read_home_format(tmp_path) == HOME_FORMAT
    before = (tmp_path / "format.json").stat().st_mtime_ns
    mark_home(tmp_path)
    assert (tmp_path / "format.json").stat().st_mtime_ns == before


def test_a_folder_of_a_newer_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    text = '{"format": 99, "tool_version": "7.1.0"}'
    (tmp_path / "format.json").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=r"is of the newer version 7\.1\.0"):
        read_settings(home=tmp_path)
    with pytest.raises(SettingsError, match="newer version"), lock_service(tmp_path):
        pass
    assert (tmp_path / "format.json").read_text(encoding="utf-8") == text


@pytest.mark.parametrize("text", ["", "{", '{"format": "x"}'])
def test_a_damaged_number_is_one_sentence(text: str, tmp_path: Path) -> None:
    (tmp_path / "format.json").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=r"number of the folder's layout .* cannot be read"):
        read_settings(home=tmp_path)
