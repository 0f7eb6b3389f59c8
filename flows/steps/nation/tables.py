"""Write the lists of counties and the roll-ups of states and the nation for people."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from flows.steps.nation.lists import COUNTS, HOMES, PREDICTORS, StateLists
from flows.steps.nation.parts import ListedState
from outreach.counties import name_area, name_county
from outreach.spreadsheet import write_csv

_PERCENT = 100
#: Column for people -> what it holds.
COLUMNS = {
    "geoid": "Code of the tract, 11 digits, on the tracts of the census year.",
    "county": "Code of the county, 5 digits.",
    "state": "Code of the state, 2 digits.",
    "name": "Name of the county, the state, or the nation.",
    "data_date": "Day of the rates.",
    "rests_on": (
        "What the county's list rests on: its rates alone, or also the predictors that its newest"
        " run holds."
    ),
    "rank": (
        "Place in the county's list. With predictors, in the order of the campaign that holds them;"
        " else 1 is the lowest expected rate, or the lowest rate without a forecast."
    ),
    "is_listed": "Whether the tract is among the listed share of its county.",
    "rate_percent": (
        "Self-response rate on the data date, percent; of an area, the mean of its tracts, because"
        " the archive has no homes."
    ),
    "internet_percent": "Self-response rate by internet, percent.",
    "growth_points_per_week": "Growth over about the last two weeks, percentage points a week.",
    "pace": "Whether the tract keeps pace with its own start and its county.",
    "expected_final_percent": (
        "Self-response rate expected at the deadline, percent; of an area, the mean of its tracts,"
        " lapsed ones at their last rate included."
    ),
    "expected_low80_percent": "Lower end of the 80% range of the expected rate, percent.",
    "expected_high80_percent": "Upper end of the 80% range of the expected rate, percent.",
    "households_count": "Households, where a run holds them.",
    "missing_at_deadline_count": (
        "Households expected to be missing at the deadline, where a run holds households."
    ),
    "tracts_count": "Tracts with a rate on the data date.",
    "lapsed_count": "Tracts with an earlier rate and none on the data date; they are not listed.",
    "listed_count": "Tracts listed.",
    "behind_count": "Tracts behind their pace.",
    "counties_count": "Counties with a rate on the data date.",
    "predictors_counties_count": "Counties whose lists rest on predictors, too.",
}
_PERCENTS = {
    "cumulative_share": "rate_percent",
    "internet_share": "internet_percent",
    "final_share": "expected_final_percent",
    "final_low80_share": "expected_low80_percent",
    "final_high80_share": "expected_high80_percent",
}


def finish_state(lists: StateLists) -> ListedState:
    """Make the files of a state where its lists are made, so that one writer is not all busy."""
    content = io.BytesIO()
    lists.tracts.to_parquet(content, compression="zstd")
    table = _show(lists.tracts).rename(columns={"county_rank": "rank"})
    table.insert(0, "data_date", lists.data_date.isoformat())
    table["growth_points_per_week"] = (_PERCENT * table.pop("growth_per_week_share")).round(2)
    table["is_listed"] = table["is_listed"].map({True: "yes", False: "no"})
    order = [column for column in COLUMNS if column in table]
    return ListedState(
        state=lists.state,
        data_date=lists.data_date,
        counties=lists.counties,
        area=lists.area,
        notes=lists.notes,
        mean_share=float(lists.tracts["cumulative_share"].mean()),
        table=content.getvalue(),
        rows=write_csv(table[order]),
    )


def write_state(folder: Path, listed: ListedState) -> None:
    """Write a list for each county of a state, and the state's tracts for programs.

    Parameters
    ----------
    folder
        Gets ``lists/17031.csv`` and the like, for people, and ``tracts/17.parquet``, for programs
        (shares 0-1).
    listed
        The state. Its text is divided by lines, because a table for each county took ten times as
        long.
    """
    (folder / "lists").mkdir(exist_ok=True)
    (folder / "tracts").mkdir(exist_ok=True)
    (folder / "tracts" / f"{listed.state}.parquet").write_bytes(listed.table)
    header, *lines = listed.rows.splitlines(keepends=True)
    start = 0
    for code, count in listed.counties["tracts_count"].items():
        if count:
            text = header + "".join(lines[start : start + count])
            (folder / "lists" / f"{code}.csv").write_text(text, encoding="utf-8")
            start += count


def write_roll_ups(folder: Path, states: Sequence[ListedState]) -> pd.DataFrame:
    """Write ``counties.csv``, ``states.csv``, ``nation.csv``, and what their columns mean.

    Parameters
    ----------
    folder
        Where to write.
    states
        What was listed, at least one.

    Returns
    -------
    DataFrame
        Index two digits, one row a state, as in ``states.csv``.
    """
    counties = pd.concat([_show(each.counties).assign(data_date=each.data_date) for each in states])
    counties.insert(0, "name", counties.index.map(_name_county))
    _write(folder / "counties.csv", counties)
    table = pd.DataFrame({each.state: _sum_up(each) for each in states}).T.rename_axis("state")
    table = table.infer_objects()
    _write(folder / "states.csv", table)
    _write(folder / "nation.csv", _sum_up_nation(table))
    dictionary = pd.Series(COLUMNS, name="meaning").rename_axis("column").to_frame()
    (folder / "columns.csv").write_text(write_csv(dictionary), encoding="utf-8")
    return table


def _show(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with percentages for people in place of shares."""
    shown = table.rename(columns=_PERCENTS)
    for column in _PERCENTS.values():
        if column in shown:
            shown[column] = (_PERCENT * shown[column]).round(1)
    for column in HOMES:
        shown[column] = shown[column].round().astype("Int64")
    return shown


def _sum_up(listed: ListedState) -> "pd.Series[Any]":
    """Return the row of a state."""
    counties = listed.counties
    figures = {
        "name": name_area(listed.state),
        "data_date": listed.data_date,
        "counties_count": int((counties["tracts_count"] > 0).sum()),
        "predictors_counties_count": int((counties["rests_on"] == PREDICTORS).sum()),
        **{column: int(counties[column].sum()) for column in COUNTS},
        "rate_percent": listed.mean_share * _PERCENT,
    }
    for name in ("final_share", "final_low80_share", "final_high80_share"):
        figures[_PERCENTS[name]] = listed.area.get(name, np.nan) * _PERCENT
    return pd.Series(
        {
            key: round(value, 1) if isinstance(value, float) else value
            for key, value in figures.items()
        }
    )


def _sum_up_nation(states: pd.DataFrame) -> pd.DataFrame:
    """Return the one row of all states together.

    Means are weighted by tracts. The nation has no range: how much the errors of states have in
    common was never measured.
    """
    weight = states["tracts_count"].astype(float)
    row: dict[str, object] = {
        "name": "All states listed",
        "data_date": states["data_date"].max(),
        "counties_count": int(states["counties_count"].sum()),
        "predictors_counties_count": int(states["predictors_counties_count"].sum()),
        **{column: int(states[column].sum()) for column in COUNTS},
    }
    for column in ("rate_percent", "expected_final_percent"):
        values = states[column].astype(float)
        row[column] = round(float((values * weight).sum(skipna=False) / weight.sum()), 1)
    return pd.DataFrame([row]).set_index("name")


def _write(path: Path, table: pd.DataFrame) -> None:
    """Write a table in the order of the dictionary."""
    index = table.index.name
    order = [column for column in COLUMNS if column in table and column != index]
    table = table[order].assign(data_date=[day.isoformat() for day in table["data_date"]])
    path.write_text(write_csv(table), encoding="utf-8")


def _name_county(code: str) -> str:
    return name_county(code) or f"County {code[2:]}"
