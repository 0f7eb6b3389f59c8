"""What changed between two lists is named tract by tract, with the cause that was planted."""

import datetime as dt
from pathlib import Path
from typing import Any

import pandas as pd

from flows.compare import compare_runs
from outreach.archive import Archive
from outreach.sandbox.county.world import InventedCounty
from outreach.sandbox.server import Sandbox
from outreach.store import Store


def test_data_money_and_wishes_are_told_apart(inside: Any) -> None:
    early, late = (
        InventedCounty(today=dt.date(2020, 4, 15)),
        InventedCounty(today=dt.date(2020, 5, 28)),
    )
    campaign: Path = inside.folder / "campaign.toml"
    with Sandbox(early) as sandbox:
        address = {
            "OUTREACH_API_URL": sandbox.url,
            "OUTREACH_FILES_URL": sandbox.url,
            "OUTREACH_CENSUS_API_KEY": sandbox.key,
        }
        assert inside("init", "campaign.toml", "--example", "invented_county").returncode == 0
        assert inside("run", "campaign.toml", **address).returncode == 0
        sandbox.world = late
        assert inside("run", "campaign.toml", **address).returncode == 0
        campaign.write_text(
            campaign.read_text().replace("budget_usd = 60000", "budget_usd = 90000")
        )
        assert inside("run", "campaign.toml", **address).returncode == 0
    store = Store(inside.home / "runs")
    newest, middle, oldest = (run.id for run in store.runs())
    archive = Archive(inside.home / "archive")

    same = compare_runs(store, newest, newest, archive)
    assert set(same.table["change"]) == {"same"}

    money = compare_runs(store, middle, newest, archive)
    assert set(money.table.loc[money.table["change"] == "in", "why"]) == {"budget"}
    assert (money.table["change"] != "out").all()

    data = compare_runs(store, oldest, middle, archive)
    moved = data.table[data.table["change"].isin(["in", "out"])]
    assert set(moved["why"]) == {"data"}

    said = inside("diff", oldest, newest, "--csv", "changes.csv")
    assert said.returncode == 0, said.stderr
    written = pd.read_csv(inside.folder / "changes.csv", dtype={"geoid": str})
    assert written["geoid"].str.fullmatch("[0-9]{11}").all()
    assert "budget" in set(written["why"].dropna())
