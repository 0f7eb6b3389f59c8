"""Make damaged reports of ads and words of reports, and hold the money against the file."""

import contextlib
import random
from collections.abc import Callable, Iterator
from pathlib import Path

from outreach.delivery.report import read_report
from tests.fuzz.cases import Case, compare_values
from tests.fuzz.mutations import damage_file

_WORDS = """\
columns.spend = {value = ["Cost", "Spend"], source = "our account"}
columns.clicks = {value = ["Clicks"], status = "USER", source = "our account"}
words.totals = {value = ["Total"], source = "our account"}
"""
_HEADS = {
    "csv": "place,day,channel,impressions,reach,clicks,spend",
    "google": "Matched location,Day,Campaign,Impr.,Unique users,Clicks,Cost",
}


@contextlib.contextmanager
def open_round(folder: Path) -> Iterator[Callable[[random.Random], Case]]:
    """Make cases of a plain table and of a Google Ads report, some with words of their own."""
    path, words = folder / "report.csv", folder / "google-report.toml"

    def make_case(rng: random.Random) -> Case:
        platform = rng.choice(tuple(_HEADS))
        cents = [rng.randint(0, 90_000) for _ in range(rng.randint(1, 8))]
        named = "Town | treat | 0123456789abcdef012 | es" if platform == "google" else "meta"
        rows = [
            f"6{number:04d},2020-06-{number + 1:02d},{named},{10 * each},{each},1,{each / 100:.2f}"
            for number, each in enumerate(cents)
        ]
        data, own = "\n".join([_HEADS[platform], *rows, ""]).encode(), _WORDS.encode()
        is_good = rng.random() < 0.2
        if not is_good and platform == "google" and rng.random() < 0.4:
            own = damage_file(own, rng)
        elif not is_good:
            data = damage_file(data, rng)

        def read() -> None:
            path.write_bytes(data)
            words.write_bytes(own)
            report = read_report(path, platform, folder)
            if is_good:
                spent = round(100 * float(report.delivery["spend_usd"].sum()))
                compare_values(sum(cents), spent)

        return Case(read, is_good)

    yield make_case
