"""Inject faults on request, so that tests and drills meet real ones.

Rules say which requests go wrong, and how.
"""

import io
import json
import random
import re
import threading
import time
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase

import geopandas as gpd
import shapely

from outreach.errors import SettingsError
from outreach.sandbox.shapefile import zip_shapefile


class FaultKind(StrEnum):
    """What goes wrong."""

    TOO_MANY = "429"  # status 429; the value is Retry-After in seconds (1)
    ERROR = "500"  # status 500 with the service's text for a temporary failure
    SLOW = "slow"  # a late answer; the value is seconds (5)
    DRIP = "drip"  # one byte at a time; the value is seconds before each (1)
    RESET = "reset"  # the connection is reset instead of an answer
    DOWN = "down"  # the same, and the server stops listening
    TRUNCATE = "truncate"  # half of the body, with a matching length
    HTML = "html"  # a page with status 200
    GZIP = "gzip"  # a small body that unpacks to a huge one; the value is megabytes (300)
    DEEP = "deep"  # JSON of lists inside lists; the value is their number (100000)
    MISSING = "missing"  # JSON without a column; the value is its name (the first column)
    RENAMED = "renamed"  # JSON with a renamed column; the value is its name
    TYPE = "type"  # JSON with a word instead of a figure; the value is the column
    RANGE = "range"  # JSON with a figure of 140.0; the value is the column
    GEOMETRY = "geometry"  # a shapefile whose first polygons cross themselves


_WITH_NUMBER = {
    FaultKind.TOO_MANY,
    FaultKind.SLOW,
    FaultKind.DRIP,
    FaultKind.GZIP,
    FaultKind.DEEP,
}
_ON_JSON = {FaultKind.MISSING, FaultKind.RENAMED, FaultKind.TYPE, FaultKind.RANGE}
_USAGE = (
    "Write a fault as KIND[=VALUE]:PATH[:WHEN], such as 'truncate:/data/2020/acs*:2' or"
    " 'range=CRRALL:/data/*'."
)
_WHEN = re.compile(r"(?P<first>\d+)|#(?P<only>\d+)|(?P<since>\d+)\+|(?P<chance>\d+(?:\.\d+)?)%")


@dataclass(frozen=True, slots=True)
class Fault:
    """One rule: what happens to requests whose path matches.

    Parameters
    ----------
    kind
        What goes wrong.
    path
        A pattern (``*`` and ``?``) of the whole path, without the query.
    value
        Depends on the kind; see :class:`FaultKind`.
    since, until
        Number of the first and last matching request with the fault, counted from 1.
    chance
        Share of those that get the fault, drawn from a fixed seed.
    """

    kind: FaultKind
    path: str = "*"
    value: str = ""
    since: int = 1
    until: float = float("inf")
    chance: float = 1.0

    @classmethod
    def parse(cls, text: str) -> "Fault":
        """Read ``KIND[=VALUE]:PATH[:WHEN]``.

        Parameters
        ----------
        text
            WHEN is ``2`` (the first two), ``#2`` (the second only), ``3+`` (from the third on), or
            ``20%``.

        Raises
        ------
        SettingsError
            The text is not in that form.
        """
        head, _, rest = text.partition(":")
        name, _, value = head.partition("=")
        path, _, when = rest.partition(":")
        if name not in {kind.value for kind in FaultKind}:
            raise SettingsError(
                f"'{name}' is not a kind of fault. The kinds are {', '.join(FaultKind)}.", _USAGE
            )
        if not path:
            raise SettingsError(f"The fault '{text}' names no path.", _USAGE)
        if name in _WITH_NUMBER and value and not re.fullmatch(r"\d+(\.\d+)?", value):
            raise SettingsError(f"The fault '{text}' needs a number, not '{value}'.", _USAGE)
        parts = _WHEN.fullmatch(when)
        if when and not parts:
            raise SettingsError(f"The fault '{text}' has the unknown time '{when}'.", _USAGE)
        since, until, chance = 1, float("inf"), 1.0
        if parts and parts["first"]:
            until = int(parts["first"])
        elif parts and parts["only"]:
            since = until = int(parts["only"])
        elif parts and parts["since"]:
            since = int(parts["since"])
        elif parts:
            chance = float(parts["chance"]) / 100
        return cls(FaultKind(name), path, value, since, until, chance)


class Faults:
    """Fault rules, and how many requests have matched each. The first rule that applies wins."""

    def __init__(self, *rules: Fault, seed: int = 2020) -> None:
        self.rules = rules
        self._counts = [0] * len(rules)
        self._rng = random.Random(seed)
        self._lock = threading.Lock()

    @classmethod
    def parse(cls, texts: Iterable[str]) -> "Faults":
        """Read rules as written on the command line; see :meth:`Fault.parse`."""
        return cls(*(Fault.parse(text) for text in texts))

    def find_fault(self, path: str) -> Fault | None:
        """Count a request for ``path`` and return the fault it gets, if any."""
        fault: Fault | None = None
        with self._lock:
            for number, rule in enumerate(self.rules):
                if not fnmatchcase(path, rule.path):
                    continue
                self._counts[number] += 1
                due = rule.since <= self._counts[number] <= rule.until
                if due and fault is None and self._rng.random() < rule.chance:
                    fault = rule
        return fault


def spoil_body(fault: Fault, body: bytes, name: str) -> bytes:
    """Return the body with the fault in it, or unchanged if the fault does not apply.

    Parameters
    ----------
    fault
        What goes wrong. Faults of the connection change nothing.
    body
        The whole answer.
    name
        The file's name without its ending, for shapefiles.
    """
    if fault.kind is FaultKind.TRUNCATE:
        return body[: len(body) // 2]
    if fault.kind in _ON_JSON and body.startswith(b"["):
        return _spoil_table(fault, json.loads(body))
    if fault.kind is FaultKind.GEOMETRY and body.startswith(b"PK"):
        return _cross_polygons(body, name)
    return body


def pack_blanks(megabytes: float) -> bytes:
    """Return so many megabytes of blanks, packed with gzip to about a thousandth."""
    packer = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)
    blanks = b" " * 1_000_000
    parts = [packer.compress(blanks) for _ in range(round(megabytes))]
    return b"".join([*parts, packer.flush()])


def nest_lists(depth: int) -> bytes:
    """Return JSON of so many lists, each inside the one before."""
    return b"[" * depth + b"]" * depth


def drip_bytes(body: bytes, seconds: float) -> Iterator[bytes]:
    """Yield a body one byte at a time, with a pause before each."""
    for place in range(len(body)):
        time.sleep(seconds)
        yield body[place : place + 1]


def _spoil_table(fault: Fault, table: list[list[str | None]]) -> bytes:
    """Spoil one column of an array of arrays."""
    header = table[0]
    if fault.value and fault.value not in header:
        return json.dumps(table).encode()
    at = header.index(fault.value) if fault.value else 0
    if fault.kind is FaultKind.MISSING:
        table = [row[:at] + row[at + 1 :] for row in table]
    elif fault.kind is FaultKind.RENAMED:
        header[at] = f"{header[at]}_X"
    else:
        table[1][at] = "many" if fault.kind is FaultKind.TYPE else "140.0"
    return json.dumps(table).encode()


def _cross_polygons(body: bytes, name: str, count: int = 3) -> bytes:
    """Turn the first polygons of a zipped shapefile into bow ties within their bounds."""
    frame = gpd.read_file(io.BytesIO(body))
    ties = [
        shapely.Polygon([(left, low), (right, high), (right, low), (left, high)])
        for left, low, right, high in frame.geometry.iloc[:count].bounds.to_numpy()
    ]
    polygons = [*ties, *frame.geometry.iloc[count:]]
    return zip_shapefile(frame.set_geometry(polygons, crs=frame.crs), name)
