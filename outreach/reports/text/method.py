"""Say how the figures of a report are computed, sentence by sentence."""

import pandas as pd

from outreach.catalog import Words
from outreach.catalog.retell import Told, retell_all, tell_plainly
from outreach.rates import average_rate
from outreach.reports.data.inputs import ReportView
from outreach.reports.data.metrics import THIN_DAYS, Figures
from outreach.reports.open_data.small_counts import FEWEST_HOUSEHOLDS

#: Units of a crosswalk that the catalogs have a word for.
_UNITS = ("households", "housing_units", "residential_addresses", "population", "land_area", "area")


def describe_method(
    figures: Figures, view: ReportView, words: Words, district: str | None, *, brief: bool = False
) -> list[Told]:
    """Return the method of one district's page, or of a page about all (``None``).

    Source, dates, weights, the error of splitting tracts, and what a range means, then the notes of
    the run, each marked if the language lacks it. ``brief`` leaves out what only pages with ranks
    need.
    """
    row = figures.row(district)
    sentences = [
        words.say(
            "method.rate" if figures.has_households else "method.rate_alike",
            source=words.source(view.census_year),
            date=words.date(view.data_date),
            deadline=words.date(view.deadline),
        ),
        *([words.say("method.households")] if figures.has_households else []),
        words.say(
            "method.split",
            unit=_name_unit(view, words),
            method=_name_method(view, words),
            share=words.share(_sum_split_share(figures, district), 0),
        ),
    ]

    # The error of splitting tracts, here and over all districts.
    if district is not None:
        sentences += _describe_errors(row, words)
    sentences.append(_describe_error_overall(figures, words))

    # What is left out, and what a forecast means.
    if row["rateless_count"] >= 1:
        sentences.append(words.say("method.uncovered", count=row["rateless_count"]))
    if view.hidden_count:
        sentences.append(
            words.say("method.hidden", count=view.hidden_count, fewest=FEWEST_HOUSEHOLDS)
        )
    if view.is_public:
        sentences.append(words.say("method.small_parts", fewest=FEWEST_HOUSEHOLDS))
    if pd.notna(row["final_share"]):
        sentences.append(words.say("method.forecast"))
        if figures.history_days < THIN_DAYS:
            key = "thin" if figures.history_days else "alone"
            sentences.append(words.say(f"method.forecast_{key}", days=figures.history_days))

    if not brief:
        if figures.peer_basis:
            count = figures.table["peer_count"].max()
            sentences.append(words.say(f"method.peers_{figures.peer_basis}", count=count))
        if view.days_left:
            sentences.append(words.say("method.needed"))
    return [*tell_plainly(*sentences), *retell_all(view.notes, words, "note")]


def find_largest_error(figures: Figures) -> tuple[str, float, float]:
    """Return how far rates move when each split tract goes whole to one district.

    Returns
    -------
    tuple
        Name of the district that moves most, how far it moves, and the mean over all districts.
    """
    table = figures.table.dropna(subset=["alone_share", "cumulative_share"])
    moves = (table["alone_share"] - table["cumulative_share"]).abs().to_numpy(dtype=float)
    if not len(moves):
        return "", float("nan"), float("nan")
    return str(table["name"].iloc[int(moves.argmax())]), float(moves.max()), float(moves.mean())


def _describe_errors(row: "pd.Series[float]", words: Words) -> list[str]:
    """Say what the rate of one district would be with other ways to split tracts."""
    sentences = []
    for key, name in (("error", "alone"), ("land", "land")):
        share = row.get(f"{name}_share")
        if share is not None and pd.notna(share):
            difference = words.points(share - row["cumulative_share"])
            values = {name: words.share(share), "difference": difference}
            sentences.append(words.say(f"method.{key}", **values))
    return sentences


def _describe_error_overall(figures: Figures, words: Words) -> str:
    name, most, mean = find_largest_error(figures)
    return words.say(
        "method.error_all",
        count=len(figures.table),
        most=words.points(most).lstrip("+"),
        name=words.name(name),
        mean=words.points(mean).lstrip("+"),
    )


def _sum_split_share(figures: Figures, district: str | None) -> float:
    """Return the share of households that live in split tracts."""
    if district is not None:
        return float(figures.row(district)["split_share"])
    if not figures.has_households:
        return float(figures.table["split_share"].mean())
    return average_rate(figures.table["split_share"], figures.table["households_count"])


def _name_method(view: ReportView, words: Words) -> str:
    """Return what the crosswalk is from; a chain of two has both."""
    methods = str(view.crosswalk["method"].mode()[0]).split("+")
    return words.join([words.say(f"method.split_method_{method}") for method in methods])


def _name_unit(view: ReportView, words: Words) -> str:
    """Return the word for what the crosswalk weighs."""
    unit = str(view.crosswalk["unit"].mode()[0])
    if unit in _UNITS:
        return words.say(f"method.split_unit_{unit}")
    return words.say("method.split_unit_other", unit=unit)
