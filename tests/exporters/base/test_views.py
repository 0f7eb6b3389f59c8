"""Views keep their zeros, run no formula, hold no protected trait, and reach no ad platform."""

import csv
import io
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from outreach import exporters
from outreach.errors import ExportError
from outreach.exporters.base.exporter import Exporter, View
from outreach.exporters.base.views import TITLES, gather_views, write_view
from outreach.exporters.check.preflight import export_targets
from outreach.registry import discover

MARK = "=cmd|'calc'!A1"


def make_view(**columns: Any) -> View:
    table = pd.DataFrame(
        {
            "label": MARK,
            "missing_households_count": 12.449,
            "offline_share": 0.12345,
            "low": float("nan"),
            "worth_places_count": 3,
        },
        index=pd.Index(["01001000300"], name="geoid"),
    )
    return View("handoff", "Hand-off", table.assign(**columns))


def read(content: bytes) -> list[dict[str, str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_a_view_keeps_its_zeros_and_runs_no_formula() -> None:
    file = write_view(make_view())
    assert file.name == "handoff.csv"
    assert read(file.content) == [
        {
            "geoid": "01001000300",
            "geo_id": "1400000US01001000300",
            "label": f"'{MARK}",
            "missing_households_count": "12.4",
            "offline_share": "0.1235",
            "low": "",
            "worth_places_count": "3",
        }
    ]


@pytest.mark.parametrize("column", ["race", "hispanic_share", "born_foreign_count", "religion"])
def test_a_view_with_a_protected_trait_is_refused(bench: Any, column: str) -> None:
    view = make_view(**{column: 0.5})
    with pytest.raises(ExportError, match=f"'{column}'.*protected trait"):
        write_view(view)
    with pytest.raises(ExportError, match=f"'{column}'.*protected trait"):
        export_targets("excel", bench.targets(zips=["60601"]), bench.context(views=(view,)))


@pytest.mark.parametrize(
    "platform", [name for name in discover(exporters, "EXPORTER", Exporter) if name != "excel"]
)
def test_no_view_reaches_an_ad_platform(bench: Any, platform: str, tmp_path: Path) -> None:
    lists = bench.lists(tmp_path, ["60601"])
    targets = {
        "points": bench.targets(pins=[(41.0, -87.0, 1.0)]),
        "markets": bench.targets(tracts=["17031010100"]),
    }.get(platform, bench.targets(zips=["60601"]))
    plain = export_targets(platform, targets, bench.context(**lists))
    rich = export_targets(platform, targets, bench.context(**lists, views=(make_view(),)))
    assert rich.files == plain.files


def test_views_are_among_the_tables_of_a_run_and_an_old_run_has_none() -> None:
    assert gather_views({"targets": make_view().table}) == ()
    (view,) = gather_views({"handoff": make_view().table})
    assert (view.name, view.title) == ("handoff", TITLES["handoff"])
    assert view.table.index.tolist() == ["01001000300"]
