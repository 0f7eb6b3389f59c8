"""Hold the design that several cities agree on, and compare a test plan with it.

Cities that follow one protocol draw their arms by one rule for seeds, so that nobody can try seeds
until the arms look good: a seed is 31 bits of the SHA-256 of the protocol's hash and the campaign's
name.
"""

import datetime as dt
import hashlib
from dataclasses import dataclass, fields
from pathlib import Path

from models.trial.plan import TrialPlan
from outreach.errors import InputError
from outreach.user_files.toml import parse_toml

_PERCENT = 100
#: Characters of a wrong value that a message shows.
_SHOWN = 60
#: The key that a file may write as a whole number or not.
_SHARE = "holdout_percent"
#: What each key of the file means, written above it.
_COMMENTS = {
    "name": "Name of the protocol. Every change of this file makes another protocol.",
    "outcome": "What is measured.",
    "method": "How it is judged.",
    "unit_kind": "Kind of the units that are drawn: tracts, zips, pins, or polygons.",
    "design": 'How arms are drawn: "blocks" or "saturation".',
    "holdout_percent": "Share of the units without ads.",
    "days_count": "Days of the flight, both ends included. Each city has its own first day.",
    "looks": "Looks before the end, as shares of the flight.",
}


@dataclass(frozen=True, slots=True)
class Protocol:
    """The design that cities agree on before their flights.

    Parameters
    ----------
    name
        Its name.
    outcome, method
        What is measured and how it is judged, in the words of test plans.
    unit_kind, design
        Which units are drawn, and how (``blocks`` or ``saturation``).
    holdout_percent, days_count
        Units without ads (0-100), and the length of the flight in days.
    looks
        Looks before the end, as shares of the flight (0-1).
    """

    name: str
    outcome: str
    method: str
    unit_kind: str
    design: str
    holdout_percent: float
    days_count: int
    looks: tuple[float, ...] = ()

    def write_toml(self) -> str:
        """Return the protocol as a commented file; :func:`read_protocol` reads it."""
        lines = ["# A protocol: cities whose campaigns name this file run the same test."]
        for each in fields(self):
            value = getattr(self, each.name)
            written = list(value) if isinstance(value, tuple) else value
            text = _quote(written) if isinstance(written, str) else str(written)
            lines += [f"# {_COMMENTS[each.name]}", f"{each.name} = {text}"]
        return "\n".join(lines) + "\n"

    @property
    def digest(self) -> str:
        """SHA-256 of what the protocol says, whatever its comments and spaces, in hexadecimal."""
        values = [(each.name, getattr(self, each.name)) for each in fields(self)]
        content = repr(
            [(name, float(value) if name == _SHARE else value) for name, value in values]
        )
        return hashlib.sha256(content.encode("utf-8")).hexdigest()

    def draw_seed(self, campaign: str) -> int:
        """Return the seed that the protocol gives a campaign, by its name."""
        digest = hashlib.sha256(f"{self.digest} {campaign}".encode()).digest()
        return int.from_bytes(digest[:4], "big") >> 1


def read_protocol(path: Path) -> Protocol:
    """Read a protocol.

    Raises
    ------
    InputError
        The file cannot be read, lacks a key, has one too many, or a value of the wrong kind.
    """
    todo = "Get the file again from whoever wrote it with 'outreach protocol write'."
    try:
        content = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise InputError(f"The protocol {path} cannot be read.", todo) from None
    return parse_protocol(content, str(path))


def parse_protocol(content: str, origin: str) -> Protocol:
    """Read a protocol from its text; see :func:`read_protocol`.

    Parameters
    ----------
    content, origin
        The text, and where it comes from, for messages.
    """
    todo = "Get the file again from whoever wrote it with 'outreach protocol write'."
    values = parse_toml(content, f"The protocol {origin}", todo)
    for each in fields(Protocol):
        if each.name not in values:
            raise InputError(f"The protocol {origin} has no '{each.name}'.", todo)
        if not _fits(each.name, values[each.name]):
            raise InputError(
                f"The protocol {origin}: '{each.name}' is {repr(values[each.name])[:_SHOWN]}.",
                todo,
            )
    unknown = sorted(set(values) - {each.name for each in fields(Protocol)})
    if unknown:
        raise InputError(f"The protocol {origin} has '{unknown[0]}', which is no key.", todo)
    return Protocol(**values | {"looks": tuple(map(float, values["looks"]))})


def list_departures(
    protocol: Protocol, plan: TrialPlan, looks: tuple[dt.date, ...]
) -> tuple[str, ...]:
    """Say in which ways a test plan departs from a protocol; empty if it follows it.

    Parameters
    ----------
    protocol, plan
        What was agreed, and what is planned.
    looks
        The days of the protocol's looks in the plan's flight.
    """
    pairs = {
        "outcome": (plan.outcome, protocol.outcome),
        "method": (plan.method, protocol.method),
        "kind of units": (plan.unit_kind, protocol.unit_kind),
        "design": ("saturation" if plan.levels else "blocks", protocol.design),
        "share held out, percent": (
            f"{_PERCENT * plan.holdout_share:g}",
            f"{protocol.holdout_percent:g}",
        ),
        "days of the flight": (
            (plan.flight_end - plan.flight_start).days + 1,
            protocol.days_count,
        ),
        "looks": (_join_days(plan.looks), _join_days(looks)),
        "seed": (plan.seed, protocol.draw_seed(plan.campaign)),
    }
    return tuple(
        f"The {name} of the test is '{own}', that of the protocol '{agreed}'."
        for name, (own, agreed) in pairs.items()
        if own != agreed
    )


def _fits(name: str, value: object) -> bool:
    """Return whether a value of the file has the kind and range that its key needs."""
    if name == "looks":
        return isinstance(value, list) and all(
            isinstance(look, float) and 0 < look < 1 for look in value
        )
    if name == "days_count":
        return isinstance(value, int) and not isinstance(value, bool) and value > 1
    if name == _SHARE:
        is_number = isinstance(value, float | int) and not isinstance(value, bool)
        return is_number and 0 < float(str(value)) < _PERCENT
    return isinstance(value, str) and bool(value.strip())


def _quote(text: str) -> str:
    """Write text as TOML has it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _join_days(days: tuple[dt.date, ...]) -> str:
    """Write days in a row."""
    return ", ".join(map(str, days)) or "none"
