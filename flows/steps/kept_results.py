"""Keep what a run computed by the content it was computed from, for later runs."""

import functools
import hashlib
import pickle
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import flows
import geo
import maps
import models
import outreach
from flows.steps.kept_files import keep_file
from flows.steps.sources.fingerprint import hash_content, hash_folder
from outreach.store import list_versions

T = TypeVar("T")
#: Most results of a kind that are kept; the one that was used longest ago goes first.
_KEPT = 12
#: After this time the services may have something newer, so a result is made again.
_LASTS_SECONDS = 30 * 24 * 3600
_DIGEST_LENGTH = 64
_VERSIONS = ("geopandas", "numpy", "pandas", "scikit-learn", "scipy", "shapely", "topojson")


class KeptResults:
    """Results of earlier runs, in ``cache/kept`` of the service's folder.

    A result is found only if its input, our code, and the libraries are the same to the last bit. A
    damaged or missing one is computed anew. Like Prefect's own cached results, which stand beside
    them, they are pickles: whoever can write the folder can run code as its owner. A backup leaves
    the cache out, so none comes from elsewhere.

    Parameters
    ----------
    home
        The service's folder.
    is_rerun
        Whether the run is to ask the services nothing that an earlier run asked.

    Attributes
    ----------
    reused : list of str
        What was used again, in a planner's words.
    """

    def __init__(self, home: Path, *, is_rerun: bool = False) -> None:
        self._folder = home / "cache" / "kept"
        self.is_rerun = is_rerun
        self.reused: list[str] = []

    def recall(self, title: str, basis: object, make: Callable[[], T]) -> T:
        """Return the result that was kept for an input, or make and keep it.

        Parameters
        ----------
        title
            What it is, as a sentence lists it; also the kind under which it is kept.
        basis
            Everything that the result depends on, as
            :func:`flows.steps.sources.fingerprint.hash_content` takes it.
        make
            Makes it.
        """
        kept: T | None = self.find(title, basis)
        if kept is not None:
            return kept
        made = make()
        self.keep(title, basis, made)
        return made

    def find(self, title: str, basis: object) -> Any:
        """Return the result that was kept for an input; ``None`` if there is none."""
        path = self._locate(title, basis)
        value = _read(path)
        if value is not None and title not in self.reused:
            self.reused.append(title)
        return value

    def keep(self, title: str, basis: object, value: object) -> None:
        """Keep a result; a full disk keeps nothing."""
        content = pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)
        digest = hashlib.sha256(content).hexdigest().encode()
        path = self._locate(title, basis)
        keep_file(path, digest + content, _KEPT)

    def _locate(self, title: str, basis: object) -> Path:
        """Return the file of a result."""
        key = hash_content(basis, _hash_code(), list_versions(*_VERSIONS))
        return self._folder / title.replace(" ", "-") / key


def _read(path: Path) -> Any:
    """Read a kept result; ``None`` if it is not there, too old, or damaged."""
    try:
        if time.time() - path.stat().st_mtime > _LASTS_SECONDS:
            return None
        content = path.read_bytes()
    except OSError:
        return None
    digest, value = content[:_DIGEST_LENGTH], content[_DIGEST_LENGTH:]
    if hashlib.sha256(value).hexdigest().encode() != digest:
        return None
    return pickle.loads(value)  # noqa: S301  our own file, whole by its hash


@functools.cache
def _hash_code() -> str:
    """Return a hash of all our code."""
    packages = (flows, geo, maps, models, outreach)
    return hash_content([hash_folder(Path(each.__path__[0]), "*.py") for each in packages])
