"""How the figures of a report are made, in sentences: source, date, weights, the error of dividing tracts, what a range means."""

import pandas as pd

from outreach.rates import average_rate
from outreach.reports.data.inputs import ReportView
from outreach.reports.data.metrics import THIN_DAYS, Figures
from outreach.reports.text.catalog import Words

_UNITS = ("households", "housing_units", "residential_addresses", "population", "land_area", "area")


def tell_method(
    figures: Figures, view: ReportView, words: Words, district: str | None, *, brief: bool = False
) -> list[str]:
    """Return the method of one district's page, or of a page about all (``None``); ``brief`` leaves out what only pages with ranks need."""
    row = figures.row(district)
    dates = {"date": words.date(view.data_date), "deadline": words.date(view.deadline)}
    said = [words.say("method.rate", source=view.source, **dates), words.say("method.households")]
    said.append(
        words.say(
            "method.split",
            unit=_name_unit(view, words),
            method=_name_method(view),
            share=words.share(_split_share(figures, district), 0),
        )
    )
    if district is not None:
        said += _tell_errors(row, words)
    said.append(_tell_error_overall(figures, words))
    if row["rateless_count"] >= 1:
        said.append(words.say("method.uncovered", count=row["rateless_count"]))
    if view.hidden_count:
        said.append(words.say("method.hidden", count=view.hidden_count))
    if pd.notna(row["final_share"]):
        said.append(words.say("method.forecast"))
        if figures.history_days < THIN_DAYS:
            said.append(words.say("method.forecast_thin", days=figures.history_days))
    if brief:
        return [*said, *view.notes]
    if figures.peer_basis:
        said.append(
            words.say(f"method.peers_{figures.peer_basis}", count=figures.table["peer_count"].max())
        )
    said.append(words.say("method.needed"))
    return [*said, *view.notes]


def find_largest_error(figures: Figures) -> tuple[str, float, float]:
    """Return the district whose rate moves most when split tracts are given whole to one district, by how much, and the mean over all."""
    known = figures.table.dropna(subset=["alone_share", "cumulative_share"])
    moved = (known["alone_share"] - known["cumulative_share"]).abs().to_numpy(dtype=float)
    if not len(moved):
        return "", float("nan"), float("nan")
    return str(known["name"].iloc[int(moved.argmax())]), float(moved.max()), float(moved.mean())


def _tell_errors(row: "pd.Series[float]", words: Words) -> list[str]:
    """Say what the rate of one district would be under other ways to divide tracts."""
    said = []
    for key, column in (("error", "alone_share"), ("land", "land_share")):
        if column in row and pd.notna(row[column]):
            name = "alone" if key == "error" else "land"
            values = {
                name: words.share(row[column]),
                "difference": words.points(row[column] - row["cumulative_share"]),
            }
            said.append(words.say(f"method.{key}", **values))
    return said


def _tell_error_overall(figures: Figures, words: Words) -> str:
    name, most, mean = find_largest_error(figures)
    return words.say(
        "method.error_all",
        count=len(figures.table),
        most=words.points(most).lstrip("+"),
        name=words.name(name),
        mean=words.points(mean).lstrip("+"),
    )


def _split_share(figures: Figures, district: str | None) -> float:
    if district is not None:
        return float(figures.row(district)["split_share"])
    return average_rate(figures.table["split_share"], figures.table["households_count"])


def _name_unit(view: ReportView, words: Words) -> str:
    unit = str(view.crosswalk["unit"].mode()[0])
    return (
        words.say(f"method.split_unit_{unit}")
        if unit in _UNITS
        else words.say("method.split_unit_other", unit=unit)
    )


def _name_method(view: ReportView) -> str:
    return str(view.crosswalk["method"].mode()[0])
