"""Build target lists of every kind, and lists of IDs as the platforms publish them."""

import csv
import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from outreach.exporters.base.exporter import Brief, ExportContext
from outreach.tables import DataFrame, Targets, check

RUN = "2020-05-29T10-00-00-test-abcd1234"


class Bench:
    """Builds briefs, contexts, and targets."""

    run = RUN

    def brief(self, name: str = "Census 2020", **more: Any) -> Brief:
        values = {
            "deadline": dt.date(2020, 10, 15),
            "budget_usd": 100_000.0,
            "languages": ("en", "es"),
        }
        return Brief(name=name, **(values | more))

    def context(self, brief: Brief | None = None, **more: Any) -> ExportContext:
        return ExportContext(brief=brief or self.brief(), run_id=RUN, **more)

    def targets(
        self,
        zips: Sequence[str] = (),
        pins: Sequence[tuple[float, float, float]] = (),
        tracts: Sequence[str] = (),
        **columns: Any,
    ) -> DataFrame[Targets]:
        """Return ZIPs, pins (latitude, longitude, radius in km), and tracts, in this order."""
        nan = float("nan")
        rows = [("zip", code, nan, nan, nan) for code in zips]
        rows += [("pin", f"pin {number}", *pin) for number, pin in enumerate(pins, 1)]
        rows += [("tract", code, 41.5, -87.5, nan) for code in tracts]
        table = pd.DataFrame(rows, columns=["kind", "place", "latitude", "longitude", "radius_km"])
        table["label"] = "Place " + table["place"]
        table["data_date"] = pd.Timestamp("2020-05-28")
        table["arm"] = "treat"
        table["households_count"] = 1000.0
        table["missing_households_count"] = 400.0
        table["budget_usd"] = 141.0
        table["impressions_count"] = 7050.0
        table["rank"] = range(1, len(table) + 1)
        table["why"] = "low rate"
        for name, values in columns.items():
            table[name] = values
        table.index = pd.Index(table["kind"] + "-" + table["place"], name="unit_id", dtype=str)
        return check(table, Targets, "test")

    def geotargets(self, folder: Path, zips: Sequence[str]) -> Path:
        """Write a list as Google does: ID 9,000,000 + ZIP, among other kinds and countries."""
        path = folder / "geotargets-2026-10-06.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, quoting=csv.QUOTE_ALL)
            header = (
                "Criteria ID",
                "Name",
                "Canonical Name",
                "Parent ID",
                "Country Code",
                "Target Type",
                "Status",
            )
            file.write(",".join(header) + "\r\n")
            writer.writerow(
                ["1016367", "60601", "60601,Nowhere,France", "1", "FR", "Postal Code", "Active"]
            )
            writer.writerow(
                [
                    "1016368",
                    "Chicago",
                    "Chicago,Illinois,United States",
                    "1",
                    "US",
                    "City",
                    "Active",
                ]
            )
            for code in zips:
                canonical = f"{code},Illinois,United States"
                writer.writerow(
                    [9_000_000 + int(code), code, canonical, "21147", "US", "Postal Code", "Active"]
                )
        return path

    def lists(self, folder: Path, zips: Sequence[str]) -> dict[str, Path]:
        """Write the lists of the platforms and of the user, as a context takes them."""
        return {
            "geotargets": self.geotargets(folder, zips),
            "location_codes": self.location_codes(folder, zips),
            "routes": self.routes(folder, zips),
            "markets": self.markets(folder),
        }

    def routes(self, folder: Path, zips: Sequence[str]) -> Path:
        """Write a file of carrier routes, two in each ZIP."""
        lines = [
            f"{code},{route},{households}"
            for code in zips
            for route, households in (("C001", 400), ("R012", 90))
        ]
        path = folder / "routes.csv"
        path.write_text("\n".join(["ZIP,Carrier Route,Residential", *lines]), encoding="utf-8")
        return path

    def markets(self, folder: Path) -> Path:
        """Write a table of media markets."""
        path = folder / "markets.csv"
        path.write_text(
            "county,medium,market\n17031,DMA,Chicago\n17031,radio,Chicago\n17197,DMA,Chicago\n"
            "17113,DMA,Peoria-Bloomington\n",
            encoding="utf-8",
        )
        return path

    def location_codes(self, folder: Path, zips: Sequence[str]) -> Path:
        """Write a file of location codes as Microsoft does: ID 5,000,000 + ZIP."""
        path = folder / "location_codes.csv"
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(
                [
                    "Location Id",
                    "Bing Display Name",
                    "Location Type",
                    "Replaces",
                    "Status",
                    "AdWords Location Id",
                    "Code",
                ]
            )
            writer.writerow(["1", "60601|Elsewhere|Mexico", "PostalCode", "", "Active", "", ""])
            writer.writerow(
                ["2", "60699|Illinois|United States", "PostalCode", "", "Deprecated", "", ""]
            )
            for code in zips:
                name = f"ZIP {code}|Some state|Some country"
                writer.writerow(
                    [
                        5_000_000 + int(code),
                        name,
                        "PostalCode",
                        "",
                        "Active",
                        9_000_000 + int(code),
                        code,
                    ]
                )
        return path


@pytest.fixture(scope="session")
def bench() -> Bench:
    """Return the builder of this folder's tables."""
    return Bench()
