"""Make damaged files of published rates, and hold the archive against the file."""

import contextlib
import datetime as dt
import io
import json
import random
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd

from outreach.archive import Archive, import_files
from tests.fuzz.cases import Case, ChangedValueError, compare_values
from tests.fuzz.mutations import damage_file

_MOMENT = dt.datetime(2020, 6, 1, tzinfo=dt.UTC)


@contextlib.contextmanager
def open_round(folder: Path) -> Iterator[Callable[[random.Random], Case]]:
    """Make cases of CSV, JSON, and Parquet files with the Bureau's columns."""

    def make_case(rng: random.Random) -> Case:
        tracts = sorted(rng.sample(range(1, 900), rng.randint(1, 8)))
        table = pd.DataFrame(
            {
                "GEO_ID": [f"1400000US09001{tract:06d}" for tract in tracts],
                "RESP_DATE": "2020-05-28",
                "CRRALL": [f"{rng.randint(0, 1000) / 10}" for _ in tracts],
                "CRRINT": [f"{rng.randint(0, 1000) / 10}" for _ in tracts],
            }
        )
        suffix = rng.choice((".csv", ".csv", ".json", ".parquet"))
        is_good = rng.random() < 0.2
        data = _write(table, suffix)
        if not is_good:
            data = damage_file(data, rng)

        def read() -> None:
            path, home = folder / f"rates{suffix}", folder / "archive"
            path.write_bytes(data)
            shutil.rmtree(home, ignore_errors=True)
            archive = Archive(home, 2020)
            import_files([path], archive, downloaded_at=_MOMENT)
            rates = archive.read(("09",))
            if is_good:
                written = dict(zip(table["GEO_ID"].str[9:], table["CRRALL"], strict=True))
                shares = {geoid: round(float(rate) / 100, 6) for geoid, rate in written.items()}
                compare_values(shares, rates["cumulative_share"].to_dict())
            elif suffix == ".csv":
                _compare_figures(data, rates["cumulative_share"])

        return Case(read, is_good)

    yield make_case


def _compare_figures(data: bytes, shares: "pd.Series[float]") -> None:
    """Every archived rate of a damaged text file must stand in the file."""
    text = data.replace(b"\0", b"").decode("utf-8", "replace")
    written = {round(float(figure) / 100, 6) for figure in re.findall(r"\d*\.?\d+", text)}
    for geoid, share in shares.items():
        if share not in written:
            raise ChangedValueError(f"the rate {share} of tract {geoid} is not in the file")


def _write(table: pd.DataFrame, suffix: str) -> bytes:
    """Write a table in one of the forms that the importer takes."""
    if suffix == ".csv":
        return table.to_csv(index=False).encode()
    if suffix == ".json":
        return json.dumps([list(table), *table.to_numpy().tolist()]).encode()
    file = io.BytesIO()
    table.to_parquet(file, index=False)
    return file.getvalue()
