"""Make damaged logs of partners, and hold the contacts against the file."""

import contextlib
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from outreach.delivery.activity import COLUMNS, read_activity
from tests.fuzz.cases import Case, ChangedValueError, compare_values
from tests.fuzz.mutations import damage_file

_NAMES = ("Casa Central", "Señor; Söhne", "Union 881", "Library")


@contextlib.contextmanager
def open_round(folder: Path) -> Iterator[Callable[[random.Random], Case]]:
    """Make cases of small logs as spreadsheets save them."""
    path = folder / "log.csv"

    def make_case(rng: random.Random) -> Case:
        rows = [_make_row(rng, number) for number in range(rng.randint(1, 8))]
        is_good = rng.random() < 0.2
        text = "\n".join(map(",".join, [COLUMNS, *rows])) + "\n"
        data = text.encode("utf-8-sig" if rng.random() < 0.3 else "utf-8")
        if not is_good:
            data = damage_file(data, rng)

        def read() -> None:
            path.write_bytes(data)
            activity = read_activity(path)
            if is_good:
                contacts = {(row[2], row[0]): float(row[4]) for row in rows}
                kept = activity.set_index(["place", "organization"])["contacts_count"]
                compare_values(sum(contacts.values()), kept.sum())
                compare_values(len(contacts), len(kept))
            else:
                _compare_places(data, set(activity["place"]))

        return Case(read, is_good)

    yield make_case


def _make_row(rng: random.Random, number: int) -> tuple[str, ...]:
    """Make one row of texts; no two name the same place."""
    place = rng.choice((f"6{number:04d}", f"17031{number:06d}", f"zip-6{number:04d}"))
    kind = rng.choice(("calls", "Door knocking", "SMS", "tabling"))
    day = rng.choice(("2020-06-02", "6/2/2020"))
    return rng.choice(_NAMES), kind, place, day, str(rng.randint(0, 900))


def _compare_places(data: bytes, places: set[str]) -> None:
    """Every place that was read must stand in the file."""
    encodings = ("utf-8", "utf-16", "utf-16-le", "utf-32", "cp037")
    digits = {
        re.sub(r"\D", "", data.replace(b"\0", b"").decode(encoding, "ignore"))
        for encoding in encodings
    }
    for place in places:
        own = re.sub(r"\D", "", place)
        if not any(own in text or own.lstrip("0") in text for text in digits):
            raise ChangedValueError(f"the place {place!r} is not in the file")
