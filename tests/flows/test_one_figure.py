"""Run, report, mail, map, and atlas say the same rate of a county, and what it is weighted by."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from flows.atlas import build_atlas
from flows.handout.mail import prepare_mails
from flows.handout.report import run_reports
from flows.steps.results.map_view import make_map_view
from flows.steps.results.summary import measure_rates
from maps.run.page import describe_view
from outreach.archive import Archive
from outreach.reports.mail.recipients import SEASON, Recipient
from outreach.settings import Settings
from outreach.store import Store
from outreach.tables import Scores, Tracts, as_geo_table, as_table
from tests.twins import list_faults, read_pages


def decode(column: dict[str, Any]) -> "np.ndarray[Any, Any]":
    """Return a column of the map as its script reads it."""
    return np.array(column["values"], dtype=float) * column["scale"]


def test_a_county_has_one_rate_everywhere(home: Settings, tmp_path: Path) -> None:
    store = Store(home.runs_folder)
    run = store.find("latest")[0]
    tracts = as_geo_table(store.read_table(run.id, "tracts"), Tracts)
    share = measure_rates(tracts)["rate_by_households_share"]
    alike = float(tracts["cumulative_share"].mean())
    figure = f"{share:.1%}"
    assert f"{alike:.1%}" != figure

    # The report's line of the whole campaign, and the subject of a mail about all districts.
    (done,) = run_reports.fn("latest", languages=("en",))
    assert figure in (done.folder / "index.html").read_text(encoding="utf-8")
    (mail,) = prepare_mails("latest", [Recipient(SEASON, "a@example.org")], "team@example.org")
    assert f"{figure} of households have responded" in mail["Subject"]

    # What the map's script weighs: rates by households.
    columns = describe_view(
        make_map_view(
            tracts, as_table(store.read_table(run.id, "scores"), Scores), None, run.campaign
        )
    )["columns"]
    rates, homes = (decode(columns[name]) for name in ("cumulative_share", "households_count"))
    assert np.average(rates, weights=homes) == pytest.approx(share, abs=5e-5)

    # The atlas, which takes its weights from the run, in each language.
    offline = home.model_copy(
        update={"files_url": "http://127.0.0.1:9", "retries": 0, "backoff_seconds": 0.0}
    )
    atlas = build_atlas(Archive(home.archive_folder, 2020), offline, tmp_path / "atlas").folder
    for page in ("index.html", "counties/99001.html"):
        text = (atlas / page).read_text(encoding="utf-8")
        assert f"<b>{figure}</b>" in text
        assert "of homes answered, weighted by households" in text
    assert 'data-weight="households"' in (atlas / "index.html").read_text(encoding="utf-8")
    assert "ponderado por hogares" in (atlas / "es" / "index.html").read_text(encoding="utf-8")
    assert list_faults(read_pages(atlas), ("99", "001", "State", "County")) == {}
