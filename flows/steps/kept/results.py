"""Keep what a run computed by the content it was computed from, for later runs."""

import contextlib
import functools
import hashlib
import pickle
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import flows
import geo
import maps
import models
import outreach
from flows.steps.kept.files import keep_file
from flows.steps.kept.fingerprint import hash_content, hash_folder
from outreach.store import list_versions

T = TypeVar("T")
_DIGEST_LENGTH = 64
_VERSIONS = ("geopandas", "numpy", "pandas", "scikit-learn", "scipy", "shapely", "topojson")
#: Where earlier versions kept results, below the cache; nothing reads them now.
_FORMER = ("assessments", "nation")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of results.

    Parameters
    ----------
    title
        What it is, as a sentence lists it; also names the folder of the kind.
    most
        Results that are kept; the one that was used longest ago goes first.
    lasts_days
        After this time the services may have something newer, so the result is made again. By
        default a result follows from its input alone, and lasts.
    """

    title: str
    most: int = 12
    lasts_days: int | None = None


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
        self._cache = home / "cache"
        self.is_rerun = is_rerun
        self.reused: list[str] = []

    def recall(self, kind: Kind, basis: object, make: Callable[[], T]) -> T:
        """Return the result that was kept for an input, or make and keep it.

        Parameters
        ----------
        kind
            What it is.
        basis
            Everything that the result depends on, as
            :func:`flows.steps.kept.fingerprint.hash_content` takes it.
        make
            Makes it.
        """
        kept: T | None = self.find(kind, basis)
        if kept is not None:
            return kept
        made = make()
        self.keep(kind, basis, made)
        return made

    def find(self, kind: Kind, basis: object) -> Any:
        """Return the result that was kept for an input; ``None`` if there is none."""
        path = self._locate(kind, basis)
        value = _read(path, kind)
        if value is None:
            return None
        with contextlib.suppress(OSError):
            path.touch()
        if kind.title not in self.reused:
            self.reused.append(kind.title)
        return value

    def keep(self, kind: Kind, basis: object, value: object) -> None:
        """Keep a result; a full disk keeps nothing."""
        content = pickle.dumps((time.time(), value), protocol=pickle.HIGHEST_PROTOCOL)
        digest = hashlib.sha256(content).hexdigest().encode()
        # A power cut may damage what is not flushed; then the hash fails, and it is made again.
        keep_file(self._locate(kind, basis), digest + content, kind.most, flush=False)
        for former in _FORMER:
            shutil.rmtree(self._cache / former, ignore_errors=True)

    def _locate(self, kind: Kind, basis: object) -> Path:
        """Return the file of a result."""
        return self._cache / "kept" / kind.title.replace(" ", "-") / name_result(basis)


def _read(path: Path, kind: Kind) -> Any:
    """Read a kept result; ``None`` if it is not there, too old, or damaged."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    digest, packed = content[:_DIGEST_LENGTH], content[_DIGEST_LENGTH:]
    if hashlib.sha256(packed).hexdigest().encode() != digest:
        return None
    made_at, value = pickle.loads(packed)  # noqa: S301  our own file, whole by its hash
    days = (time.time() - made_at) / (24 * 3600)
    return value if kind.lasts_days is None or days <= kind.lasts_days else None


def name_result(basis: object) -> str:
    """Return what a result is kept under: a hash of its input, our code, and the libraries."""
    return hash_content(basis, hash_code())


@functools.cache
def hash_code() -> str:
    """Return a hash of all our code, and of the versions of the libraries."""
    packages = (flows, geo, maps, models, outreach)
    code = [hash_folder(Path(each.__path__[0]), "*.py") for each in packages]
    return hash_content(code, list_versions(*_VERSIONS))
