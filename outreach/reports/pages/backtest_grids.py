"""List the figures of a backtest as tables of text for its page."""

from dataclasses import dataclass

import pandas as pd

from outreach.reports.data.backtest import Measure

#: A difference smaller than this is rounding.
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Grid:
    """A table of the page.

    Parameters
    ----------
    title, note
        Its heading, and a sentence below it.
    heads
        Names of the columns.
    rows
        A row's name, a note beside it, and its cells.
    """

    title: str
    note: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, str, tuple[str, ...]], ...]


def list_rules(days: pd.DataFrame, measure: Measure) -> Grid:
    """Return one measure as a table: a row is a rule, a column is a day."""
    wide = days.pivot_table(
        index=["rule", "tier"], columns="day", values=measure.column, sort=False
    ).sort_index(axis=1)
    rows = tuple(
        (str(rule), str(tier), tuple(measure.write(value) for value in row))
        for (rule, tier), row in zip(wide.index, wide.to_numpy(), strict=True)
    )
    return Grid(measure.title, measure.note, ("Rule", *(f"Day {day}" for day in wide)), rows)


def list_levels(levels: pd.DataFrame) -> Grid | None:
    """Return the season forecast by fifth of the final rate; ``None`` without one."""
    if levels.empty:
        return None
    rows = tuple(
        (
            f"Day {row['day']}, fifth {row['fifth']}",
            str(row["tier"]),
            (
                f"{row['tracts_count']}",
                f"{row['covered50_share']:.0%}",
                f"{row['covered80_share']:.0%}",
                f"{row['error_points']:.2f}",
                f"{row['bias_points']:+.2f}",
            ),
        )
        for row in levels.to_dict("records")
    )
    return Grid(
        "Season forecast by fifth of the final rate",
        "Fifth 1 has the lowest final rates. Bias is forecast minus final.",
        (
            "Fifth of the final rate",
            "Tracts",
            "50% held",
            "80% held",
            "Error, points",
            "Bias, points",
        ),
        rows,
    )


def list_groups(groups: pd.DataFrame) -> Grid | None:
    """Return the season forecast by group of people; ``None`` without one."""
    if groups.empty:
        return None
    rows = tuple(
        (
            f"Day {row['day']}, {row['group']}",
            f"{row['dimension']}; {row['tier']}",
            (
                f"{row['covered80_share']:.0%}",
                f"{row['error_points']:.2f}",
                f"{row['bias_points']:+.2f}",
                f"{row['bias_against_all_points']:+.2f}",
            ),
        )
        for row in groups.to_dict("records")
    )
    return Grid(
        "Season forecast by group of people",
        "Tracts are weighted by the members of the group who live in them.",
        ("Group", "80% held", "Error, points", "Bias, points", "Bias against all"),
        rows,
    )


def list_regions(regions: pd.DataFrame) -> Grid | None:
    """Count how often each rule beat the lowest current rate; ``None`` without regions."""
    if regions.empty:
        return None
    rows = []
    for (rule, tier), part in regions.groupby(["rule", "tier"], sort=False)["against_lowest_share"]:
        better = int((part > _ROUNDING).sum())
        worse = int((part < -_ROUNDING).sum())
        counts = (len(part), better, len(part) - better - worse, worse)
        points = (100 * part.min(), 100 * part.mean())
        cells = (*(str(count) for count in counts), *(f"{value:+.1f}" for value in points))
        rows.append((str(rule), str(tier), cells))
    return Grid(
        "Against the rule \N{LEFT DOUBLE QUOTATION MARK}lowest current rate first"
        "\N{RIGHT DOUBLE QUOTATION MARK}, by region",
        "Each rule lists a fifth of a region. Points are of the share of its worst fifth found.",
        ("Rule", "Region-days", "Better", "Equal", "Worse", "Worst, points", "Mean, points"),
        tuple(rows),
    )


def list_worse_regions(regions: pd.DataFrame) -> list[str]:
    """Name the regions and days where the blend did worse than the lowest current rate."""
    if regions.empty:
        return []
    worse = regions[(regions["rule"] == "blend") & (regions["against_lowest_share"] < -_ROUNDING)]
    return [
        f"{row['region']}, day {row['day']}: {100 * row['against_lowest_share']:+.1f} points of "
        f"{row['tracts_count']} tracts"
        for row in worse.to_dict("records")
    ]
