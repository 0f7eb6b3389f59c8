"""Keep the lists of each state by the content of what they were made from."""

import contextlib
import datetime as dt
import hashlib
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

import models
import outreach
from flows.steps import nation
from flows.steps.kept_files import keep_file
from flows.steps.nation.lists import StateLists
from flows.steps.packed import pack_tables, unpack_tables
from flows.steps.sources.fingerprint import hash_content, hash_folder
from models.curves.season_model import SeasonModel
from outreach.store import list_versions

#: Most parts that are kept, five days of a whole nation; the oldest go first.
_KEPT = 260
_VERSIONS = ("numpy", "pandas", "scikit-learn", "scipy")


@dataclass(frozen=True)
class Parts:
    """The states that earlier jobs listed.

    Parameters
    ----------
    folder
        Where they are kept.
    request
        A hash of all that lists depend on beside the rates.
    """

    folder: Path
    request: str

    def find(self, rates: bytes) -> tuple[Path, bytes | None]:
        """Return where the lists of these rates are kept, and their packed content if they are."""
        digest = hashlib.sha256(self.request.encode() + hashlib.sha256(rates).digest())
        path = self.folder / f"{digest.hexdigest()}.zip"
        try:
            content = path.read_bytes()
        except OSError:
            return path, None
        if unpack_lists(content) is None:
            return path, None
        with contextlib.suppress(OSError):
            path.touch()
        return path, content

    def keep(self, path: Path, content: bytes) -> None:
        """Keep packed lists; a full disk keeps nothing."""
        keep_file(path, content, _KEPT)


def describe_request(season_model: SeasonModel, list_share: float, deadline: dt.date | None) -> str:
    """Return a hash of all that lists depend on beside the rates, our own code included.

    Parameters
    ----------
    season_model, list_share, deadline
        As :func:`flows.steps.nation.lists.list_state` takes them.
    """
    packages = (models, outreach, nation)
    code = [hash_folder(Path(package.__path__[0]), "*.py") for package in packages]
    return hash_content(season_model, list_share, deadline, code, list_versions(*_VERSIONS))


def pack_lists(lists: StateLists) -> bytes:
    """Write the lists of a state as one file, the same for the same lists."""
    record = {
        "state": lists.state,
        "data_date": lists.data_date.isoformat(),
        "area": dict(lists.area),
        "notes": list(lists.notes),
    }
    return pack_tables({"tracts": lists.tracts, "counties": lists.counties}, record)


def unpack_lists(content: bytes) -> StateLists | None:
    """Read what :func:`pack_lists` wrote; ``None`` if it is damaged in any way."""
    unpacked = unpack_tables(content)
    if unpacked is None:
        return None
    tables, record = unpacked
    try:
        return StateLists(
            state=record["state"],
            data_date=dt.date.fromisoformat(record["data_date"]),
            tracts=tables["tracts"],
            counties=tables["counties"],
            area=record["area"],
            notes=tuple(record["notes"]),
        )
    except (KeyError, TypeError, ValueError):
        return None


def pack_rates(rates: pd.DataFrame) -> bytes:
    """Write rates as one file, the same for the same rates."""
    return pack_tables({"rates": rates}, {})


def unpack_rates(content: bytes) -> pd.DataFrame:
    """Read what :func:`pack_rates` wrote."""
    unpacked = unpack_tables(content)
    if unpacked is None:
        raise ValueError("the rates are damaged")
    return unpacked[0]["rates"]
