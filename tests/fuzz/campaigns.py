"""Make damaged campaign files, and hold the campaign against its TOML."""

import contextlib
import random
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

from outreach.campaign import parse_campaign, read_campaign
from outreach.campaign.read import resolve_files
from tests.fuzz.cases import Case, compare_values
from tests.fuzz.mutations import damage_file

EXAMPLES = Path(__file__).parents[2] / "outreach" / "examples"
_RICH = """
name = "Bürger & Räte"
census_year = 2020
goal_percent = 75.5
deadline = 2020-10-15
budget_usd = 150_000
keep_borderline = false
creative_languages = ["en", "es"]
platforms = ["csv", "zips"]
areas = [{ state = "17", county = "031" }, { state = "99", tracts = ["99001000100"] }]
[units]
kind = "zips"
coverage_percent = 80.0
[holdout]
percent = 10
seed = 7
looks = [0.5, 2020-09-25]
protocol = "ads.toml"
[flight]
start = 2020-09-01
end = 2020-10-01
[[events]]
name = "Reminder postcard"
first = 2020-09-10
last = 2020-09-12
[claim]
vendor = "Agency"
usd = 1.80
counts = "a view of the landing page"
source = "its letter of May 2, 2020"
[activity]
public = true
[forecast]
trajectory_percent = 50
trend_percent = 25.0
expectation_percent = 25
[[channels]]
name = "meta"
cpm_usd = 14.75
[[floors]]
language = "es"
percent = 5
[[districts]]
name = "wards"
file = "wards.geojson"
id_column = "ward"
"""


@contextlib.contextmanager
def open_round(folder: Path) -> Iterator[Callable[[random.Random], Case]]:
    """Make cases from the shipped examples and from a file with every table."""
    texts = [path.read_bytes() for path in sorted(EXAMPLES.glob("*.toml"))]
    texts += [_RICH.encode()] * len(texts)
    path = folder / "campaign.toml"

    def make_case(rng: random.Random) -> Case:
        whole = rng.choice(texts)
        is_good = rng.random() < 0.1
        data = _rewrite(whole, rng) if is_good else damage_file(whole, rng)

        def read() -> None:
            path.write_bytes(data)
            campaign = read_campaign(path)
            written = tomllib.loads((whole if is_good else data).decode("utf-8-sig"))
            request = parse_campaign(written, "the file")
            compare_values(written, request.model_dump(exclude_unset=True))
            # Paths are relative to the file's folder, web addresses are not; nothing else differs
            # from the request.
            moved = resolve_files(
                request, lambda file: file if file.startswith("https://") else str(folder / file)
            )
            compare_values(moved.model_dump(), campaign.model_dump())

        return Case(read, is_good)

    yield make_case


def _rewrite(whole: bytes, rng: random.Random) -> bytes:
    """Write the same campaign another way: a mark, line ends, comments, blanks."""
    lines = whole.decode().splitlines()
    lines = [line + rng.choice(("", "  ", "\t", " # so")) for line in lines]
    lines.insert(0, rng.choice(("", "# a comment")))
    end = rng.choice(("\n", "\r\n"))
    return rng.choice((b"", b"\xef\xbb\xbf")) + (end.join(lines) + end).encode()
