"""Routes and markets come from the user's own tables, and are refused where they do harm."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from outreach.errors import ExportError, InputError
from outreach.exporters.check.preflight import export_targets


def read(files: Any, name: str) -> list[str]:
    (file,) = (file for file in files if file.name == name)
    lines: list[str] = file.content.decode("utf-8-sig").split("\r\n")
    return lines[:-1]


def test_routes_are_those_of_the_targeted_zips_and_no_others(bench: Any, tmp_path: Path) -> None:
    routes = bench.routes(tmp_path, ["00501", "60601", "60602"])
    targets = bench.targets(
        zips=["60601", "00501", "60602", "60699"], arm=["treat", "treat", "holdout", "treat"]
    )
    export = export_targets("eddm", targets, bench.context(routes=routes))
    assert read(export.files, "eddm-routes.csv") == [
        "zip,carrier_route,route_code,households_count",
        "60601,C001,60601C001,400",
        "60601,R012,60601R012,90",
        "00501,C001,00501C001,400",
        "00501,R012,00501R012,90",
    ]
    assert read(export.files, "eddm-routes.txt")[2] == "00501C001"
    assert read(export.files, "eddm-unmatched-zips.csv")[1].startswith("60699,")


@pytest.mark.parametrize("route", ["1", "C01", "CC01", "60601C001"])
def test_a_route_of_another_form_is_named(bench: Any, tmp_path: Path, route: str) -> None:
    path = tmp_path / "own.csv"
    path.write_text(f"ZIP,Carrier Route,Residential\n60601,{route},10\n")
    with pytest.raises(InputError, match=rf"own\.csv: the carrier route '{route}' is not a letter"):
        export_targets("eddm", bench.targets(zips=["60601"]), bench.context(routes=path))


@pytest.mark.parametrize(("platform", "option"), [("eddm", "--routes"), ("markets", "--markets")])
def test_a_missing_table_is_asked_for(bench: Any, platform: str, option: str) -> None:
    targets = (
        bench.targets(zips=["60601"])
        if platform == "eddm"
        else bench.targets(tracts=["17031010100"])
    )
    with pytest.raises(ExportError, match=option):
        export_targets(platform, targets, bench.context())


def test_markets_add_up_the_counties_behind_the_targets(bench: Any, tmp_path: Path) -> None:
    targets = bench.targets(zips=["60601"], tracts=["17031010100", "17113000100"])
    members = pd.DataFrame(
        {
            "geoid": ["17031010200", "17197880100"],
            "unit_id": ["zip-60601", "zip-60601"],
            "weight": [0.75, 0.25],
        }
    )
    context = bench.context(markets=bench.markets(tmp_path), members=members)
    export = export_targets("markets", targets, context)
    assert read(export.files, "media-markets.csv")[1:] == [
        "DMA,Chicago,17031 17197,2000,282",
        "DMA,Peoria-Bloomington,17113,1000,141",
        "radio,Chicago,17031,1750,246.75",
    ]


def test_a_market_is_refused_where_units_are_held_out(bench: Any, tmp_path: Path) -> None:
    targets = bench.targets(tracts=["17031010100", "17031010200"], arm=["treat", "holdout"])
    with pytest.raises(ExportError, match="1 units are held out"):
        export_targets("markets", targets, bench.context(markets=bench.markets(tmp_path)))


def test_a_table_without_the_counties_is_named(bench: Any, tmp_path: Path) -> None:
    targets = bench.targets(tracts=["06037010100"])
    with pytest.raises(ExportError, match=r"None of the counties 06037 is in .*markets\.csv"):
        export_targets("markets", targets, bench.context(markets=bench.markets(tmp_path)))
