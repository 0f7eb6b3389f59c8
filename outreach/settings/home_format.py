"""Number the layout of the service's folder, so that no older version spoils it."""

from pathlib import Path

from pydantic import BaseModel

from outreach import __version__
from outreach.errors import SettingsError
from outreach.files import read_record, write_file

#: Of the layout; it grows when an older version could no longer read what a newer one wrote.
HOME_FORMAT = 1
_NAME = "format.json"


class _Mark(BaseModel):
    """The content of the file: the number, and the version that wrote it."""

    format: int
    tool_version: str


def read_home_format(home: Path) -> int:
    """Return the number of a folder's layout; 0 for one that has none yet.

    Raises
    ------
    SettingsError
        The folder is of a newer version, or its number cannot be read.
    """
    path = home / _NAME
    if not path.is_file():
        return 0
    todo = "Restore it from a backup, or remove it if this version made the folder."
    mark = read_record(path, _Mark, "number of the folder's layout", todo, SettingsError)
    if mark.format > HOME_FORMAT:
        raise SettingsError(
            f"{home} is of the newer version {mark.tool_version}. Nothing was changed.",
            "Install that version, or choose another folder with OUTREACH_HOME.",
        )
    return mark.format


def mark_home(home: Path) -> None:
    """Give a folder the number of this version's layout; an older one is taken over as it is.

    Raises
    ------
    SettingsError
        The folder is of a newer version.
    OSError
        It cannot be written.
    """
    if read_home_format(home) < HOME_FORMAT:
        mark = _Mark(format=HOME_FORMAT, tool_version=__version__)
        write_file(home / _NAME, mark.model_dump_json() + "\n")
