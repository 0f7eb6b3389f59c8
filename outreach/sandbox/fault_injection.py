"""Misbehaviour on request: which requests go wrong, and how, so that tests and drills meet real faults."""

import io
import json
import random
import re
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase

import geopandas as gpd
import shapely

from outreach.errors import SettingsError
from outreach.sandbox.shapefile import zip_shapefile


class Kind(StrEnum):
    """What goes wrong."""

    TOO_MANY = "429"  # status 429; value: Retry-After in seconds (1)
    ERROR = "500"  # status 500 with the service's text for a passing fault
    SLOW = "slow"  # answers late; value: seconds (5)
    RESET = "reset"  # the connection is reset instead of an answer
    DOWN = "down"  # the same, and from then on nobody listens
    TRUNCATE = (
        "truncate"  # half of the body, with a length to match: JSON or a zip that ends too early
    )
    HTML = "html"  # a page with status 200
    MISSING = "missing"  # JSON without a column; value: its name (the first asked for)
    RENAMED = "renamed"  # JSON with a column under another name; value: its name
    TYPE = "type"  # JSON with words where figures belong; value: the column
    RANGE = "range"  # JSON with a figure of 140.0; value: the column
    GEOMETRY = "geometry"  # a shapefile whose first polygons cross themselves


_ON_JSON = {Kind.MISSING, Kind.RENAMED, Kind.TYPE, Kind.RANGE}
_USAGE = "A fault is written KIND[=VALUE]:PATH[:WHEN], as in 'truncate:/data/2020/acs*:2' or 'range=CRRALL:/data/*'."
_WHEN = re.compile(r"(?P<first>\d+)|#(?P<only>\d+)|(?P<since>\d+)\+|(?P<chance>\d+(?:\.\d+)?)%")


@dataclass(frozen=True, slots=True)
class Fault:
    """One rule: requests whose path fits ``path`` (``*`` and ``?``) meet ``kind``.

    Parameters
    ----------
    kind
        What goes wrong.
    path
        A pattern of the whole path, without the query.
    value
        What the kind says about it.
    since, until
        Number of the first and last matching request that is struck, counted from 1.
    chance
        Share of those that are struck, drawn from a fixed seed.
    """

    kind: Kind
    path: str = "*"
    value: str = ""
    since: int = 1
    until: float = float("inf")
    chance: float = 1.0

    @classmethod
    def parse(cls, text: str) -> "Fault":
        """Read ``KIND[=VALUE]:PATH[:WHEN]``; WHEN is ``2`` (the first two), ``#2`` (the second only), ``3+`` (from the third on) or ``20%``.

        Raises
        ------
        SettingsError
            The text does not follow that form.
        """
        head, _, rest = text.partition(":")
        name, _, value = head.partition("=")
        path, _, when = rest.partition(":")
        if name not in {kind.value for kind in Kind}:
            raise SettingsError(
                f"'{name}' is no kind of fault; there are {', '.join(Kind)}.", _USAGE
            )
        if not path:
            raise SettingsError(f"The fault '{text}' names no path.", _USAGE)
        if name in {Kind.SLOW, Kind.TOO_MANY} and value and not re.fullmatch(r"\d+(\.\d+)?", value):
            raise SettingsError(
                f"The fault '{text}' needs a number of seconds, not '{value}'.", _USAGE
            )
        found = _WHEN.fullmatch(when)
        if when and not found:
            raise SettingsError(f"The fault '{text}' says '{when}' for when.", _USAGE)
        since, until, chance = 1, float("inf"), 1.0
        if found and found["first"]:
            until = int(found["first"])
        elif found and found["only"]:
            since = until = int(found["only"])
        elif found and found["since"]:
            since = int(found["since"])
        elif found:
            chance = float(found["chance"]) / 100
        return cls(Kind(name), path, value, since, until, chance)


class Faults:
    """A plan of faults; counts the requests that fit each rule. The first rule that strikes wins."""

    def __init__(self, *rules: Fault, seed: int = 2020) -> None:
        self.rules = rules
        self._seen = [0] * len(rules)
        self._chance = random.Random(seed)
        self._lock = threading.Lock()

    @classmethod
    def parse(cls, texts: Iterable[str]) -> "Faults":
        """Read rules as written on the command line; see :meth:`Fault.parse`."""
        return cls(*(Fault.parse(text) for text in texts))

    def strike(self, path: str) -> Fault | None:
        """Return the fault that a request for ``path`` meets now, if any."""
        struck: Fault | None = None
        with self._lock:
            for number, rule in enumerate(self.rules):
                if not fnmatchcase(path, rule.path):
                    continue
                self._seen[number] += 1
                due = rule.since <= self._seen[number] <= rule.until
                if due and struck is None and self._chance.random() < rule.chance:
                    struck = rule
        return struck


def spoil(fault: Fault, body: bytes, name: str) -> bytes:
    """Return the body as a fault of content leaves it; a body that the fault does not fit stays as it is.

    Parameters
    ----------
    fault
        What goes wrong; kinds that are about the connection change nothing.
    body
        The whole answer.
    name
        The file's name without ending, for shapefiles.
    """
    if fault.kind is Kind.TRUNCATE:
        return body[: len(body) // 2]
    if fault.kind in _ON_JSON and body.startswith(b"["):
        return _spoil_table(fault, json.loads(body))
    if fault.kind is Kind.GEOMETRY and body.startswith(b"PK"):
        return _cross_polygons(body, name)
    return body


def _spoil_table(fault: Fault, table: list[list[str | None]]) -> bytes:
    """Spoil one column of an array of arrays."""
    header = table[0]
    if fault.value and fault.value not in header:
        return json.dumps(table).encode()
    at = header.index(fault.value) if fault.value else 0
    if fault.kind is Kind.MISSING:
        table = [row[:at] + row[at + 1 :] for row in table]
    elif fault.kind is Kind.RENAMED:
        header[at] = f"{header[at]}_X"
    else:
        table[1][at] = "many" if fault.kind is Kind.TYPE else "140.0"
    return json.dumps(table).encode()


def _cross_polygons(body: bytes, name: str, count: int = 3) -> bytes:
    """Turn the first polygons of a zipped shapefile into bow ties within their own bounds."""
    frame = gpd.read_file(io.BytesIO(body))
    ties = [
        shapely.Polygon([(left, low), (right, high), (right, low), (left, high)])
        for left, low, right, high in frame.geometry.iloc[:count].bounds.to_numpy()
    ]
    polygons = [*ties, *frame.geometry.iloc[count:]]
    return zip_shapefile(frame.set_geometry(polygons, crs=frame.crs), name)
