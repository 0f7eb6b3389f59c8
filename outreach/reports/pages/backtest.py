"""The back-test page: what every rule would have said on each day of an archived season, in tables and pictures, one file that stands alone."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from outreach.reports.pages.render import render_page
from outreach.reports.text.catalog import Words, read_words

_WIDTH, _HEIGHT = 560, 270
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 14, 12, 28
#: Colours that people who cannot tell red from green can tell (Okabe and Ito 2008), each with a
#: dash of its own for print without colour.
_STROKES = (
    ("#16242f", "7 4"), ("#d55e00", ""), ("#0072b2", ""), ("#009e73", "2 3"), ("#cc79a7", "9 3 2 3"), ("#8a6d00", "4 4"), ("#56b4e9", ""),
    ("#4a5a67", "12 4"), ("#a0522d", "3 2"), ("#6a3d9a", "6 2 1 2"), ("#16242f", ""), ("#d55e00", "5 3"), ("#0072b2", "5 3"),
)  # fmt: skip
_MOST_ROWS = 5
_LABEL_WIDTH = 22
_NOT_WORSE = -1e-9


@dataclass(frozen=True, slots=True)
class PageTables:
    """The tables of a back-test that the page shows; an empty one is said to be missing.

    Attributes
    ----------
    days
        A row is a rule on a day: ``day``, ``data_date``, ``rule``, ``tier``, ``method``,
        ``worst_found_share``, ``missing_covered_share``, ``error_points``, ``covered50_share``,
        ``covered80_share``, ``width80_points``.
    levels
        By fifth of the final rate: ``day``, ``tier``, ``fifth``, ``tracts_count``,
        ``covered50_share``, ``covered80_share``, ``error_points``, ``bias_points``.
    groups
        By group of people: ``day``, ``tier``, ``dimension``, ``group``, ``bias_points``,
        ``error_points``, ``covered80_share``.
    regions
        A row is a rule in a region on a day, with ``against_lowest_share``.
    weights
        A row is a day, with ``blend`` and ``season_forecast`` in words.
    """

    days: pd.DataFrame
    levels: pd.DataFrame
    groups: pd.DataFrame
    regions: pd.DataFrame
    weights: pd.DataFrame


@dataclass(frozen=True, slots=True)
class Line:
    """One rule in a picture: points in pixels, single points where its neighbours are missing, and how it is drawn."""

    name: str
    points: str
    dots: tuple[tuple[float, float], ...]
    colour: str
    dash: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of lines over the days, in pixels."""

    title: str
    alt: str
    rows: tuple[tuple[float, str], ...]
    columns: tuple[tuple[float, str], ...]
    lines: tuple[Line, ...]
    width: int = _WIDTH
    height: int = _HEIGHT
    left: int = _LEFT
    right: int = _WIDTH - _RIGHT
    bottom: int = _HEIGHT - _BOTTOM


@dataclass(frozen=True, slots=True)
class Grid:
    """A table of the page: heads, then rows of a head, a note and cells."""

    title: str
    note: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class _Measure:
    column: str
    title: str
    note: str
    share: bool
    undrawn: tuple[str, ...] = ()


_MEASURES = (
    _Measure(
        "worst_found_share", "Share of the final worst fifth found",
        "By a list of a fifth of the tracts; the worst fifth are those with the lowest final rates.", share=True,
        undrawn=("most missing", "last value"),
    ),
    _Measure(
        "missing_covered_share", "Share of missing households covered",
        "Households without an answer at the end that live in the listed fifth of the tracts.", share=True,
        undrawn=("last value", "Gompertz", "equal", "expectation of the day"),
    ),
    _Measure("error_points", "Error of the forecast", "Mean absolute error of the final rate, percentage points.", share=False),
    _Measure("covered80_share", "How often the 80 % interval held", "Share of the tracts; 80 % is what is promised.", share=True),
    _Measure("covered50_share", "How often the 50 % interval held", "Share of the tracts; 50 % is what is promised.", share=True),
    _Measure("width80_points", "Width of the 80 % interval", "Mean, percentage points.", share=False),
)  # fmt: skip


def write_backtest_page(
    area: str,
    start: dt.date,
    final: dt.date,
    tables: PageTables,
    *,
    tracts_count: int,
    left_out_count: int = 0,
    notes: Sequence[str] = (),
) -> str:
    """Return the page.

    Parameters
    ----------
    area
        In words.
    start, final
        Day 0 and the data date whose rates count as final.
    tables
        What was measured.
    tracts_count, left_out_count
        Tracts judged, and left out for want of a final rate.
    notes
        Sentences that a reader must know.
    """
    words = read_words("en")
    return render_page(
        "backtest",
        words,
        title=f"Back-test of {area}",
        area=area,
        start=words.date(start),
        final=words.date(final),
        tracts=words.count(tracts_count),
        left_out=words.count(left_out_count) if left_out_count else "",
        notes=list(notes),
        dates=_tell_dates(tables.days, words),
        pictures=[
            _draw_picture(tables.days, measure, area)
            for measure in _MEASURES[:4]
            if tables.days[measure.column].notna().any()
        ],
        grids=[
            _list_rules(tables.days, measure)
            for measure in _MEASURES
            if tables.days[measure.column].notna().any()
        ],
        details=[
            grid
            for grid in (
                _list_levels(tables.levels),
                _list_groups(tables.groups),
                _list_regions(tables.regions),
            )
            if grid
        ],
        worse=_list_worse(tables.regions),
        weights=_list_weights(tables.weights),
        methods=tables.days.drop_duplicates("rule")[["rule", "tier", "method"]].to_dict("records"),
    )


def _draw_picture(days: pd.DataFrame, measure: _Measure, area: str) -> Picture:
    """Draw one measure of every rule over the days."""
    known = days[
        days[measure.column].notna() & ~days["rule"].str.startswith(measure.undrawn or ("\0",))
    ]
    low, high, step = _choose_scale(known[measure.column], share=measure.share)
    first, last = int(days["day"].min()), max(int(days["day"].max()), int(days["day"].min()) + 1)

    def across(day: float) -> float:
        return round(_LEFT + (day - first) / (last - first) * (_WIDTH - _LEFT - _RIGHT), 1)

    def down(value: float) -> float:
        return round(
            _TOP + (high - min(max(value, low), high)) / (high - low) * (_HEIGHT - _BOTTOM - _TOP),
            1,
        )

    lines, all_rules = (
        [],
        list(dict.fromkeys(days.sort_values("day", ascending=False, kind="stable")["rule"])),
    )
    for rule, part in known.groupby("rule", sort=False):
        colour, dash = _STROKES[all_rules.index(rule) % len(_STROKES)]
        dots = tuple(
            (across(day), down(value))
            for day, value in zip(part["day"], part[measure.column], strict=True)
        )
        lines.append(
            Line(
                f"{rule} ({part['tier'].iloc[0]})",
                " ".join(f"{x} {y}" for x, y in dots),
                dots,
                colour,
                dash,
            )
        )
    ends = (
        known.sort_values("day")
        .groupby("rule", sort=False)[["day", measure.column]]
        .agg(["first", "last"])
    )
    told = "; ".join(
        f"{rule}: {_write(row[measure.column]['first'], measure)} on day {row['day']['first']:.0f}, "
        f"{_write(row[measure.column]['last'], measure)} on day {row['day']['last']:.0f}"
        for rule, row in ends.iterrows()
    )
    ticks = np.arange(low, high + step / 2, step)
    return Picture(
        title=f"{measure.title}: {area}",
        alt=f"Lines over the days. {told}. The table below has every figure.",
        rows=tuple(
            (down(value), f"{100 * value:.0f} %" if measure.share else f"{value:g}")
            for value in ticks
        ),
        columns=tuple((across(day), str(day)) for day in _spread_out(days["day"], across)),
        lines=tuple(lines),
    )


def _spread_out(days: "pd.Series[int]", places: Callable[[float], float]) -> list[int]:
    """Return the days that can be written below the axis without running into one another."""
    shown: list[int] = []
    for day in sorted(set(days.tolist())):
        if not shown or places(day) - places(shown[-1]) >= _LABEL_WIDTH:
            shown.append(day)
    return shown


def _choose_scale(values: "pd.Series[float]", *, share: bool) -> tuple[float, float, float]:
    """Return the ends of an axis and the step of its marks."""
    if share:
        low = float(np.floor(10 * values.min()) / 10)
        high = max(float(np.ceil(10 * values.max()) / 10), low + 0.1)
        return low, high, 0.1 if high - low <= 0.6 else 0.2  # noqa: PLR2004  six lines at most
    high = max(float(np.ceil(values.quantile(0.9) * 1.15)), 1.0)
    return 0.0, high, float(np.ceil(high / _MOST_ROWS))


def _write(value: float, measure: _Measure) -> str:
    if not np.isfinite(value):
        return "-"
    return f"{100 * value:.1f} %" if measure.share else f"{value:.2f}"


def _list_rules(days: pd.DataFrame, measure: _Measure) -> Grid:
    """Put one measure into a table: a row a rule, a column a day."""
    wide = days.pivot_table(
        index=["rule", "tier"], columns="day", values=measure.column, sort=False
    ).sort_index(axis=1)
    rows = tuple(
        (str(rule), str(tier), tuple(_write(v, measure) for v in row))
        for (rule, tier), row in zip(wide.index, wide.to_numpy(), strict=True)
    )
    return Grid(measure.title, measure.note, ("Rule", *(f"Day {day}" for day in wide)), rows)


def _list_levels(levels: pd.DataFrame) -> Grid | None:
    if levels.empty:
        return None
    heads = (
        "Fifth of the final rate",
        "Tracts",
        "50 % held",
        "80 % held",
        "Error, points",
        "Bias, points",
    )
    rows = tuple(
        (
            f"Day {row['day']}, fifth {row['fifth']}", str(row["tier"]),
            (
                f"{row['tracts_count']}", f"{100 * row['covered50_share']:.0f} %", f"{100 * row['covered80_share']:.0f} %",
                f"{row['error_points']:.2f}", f"{row['bias_points']:+.2f}",
            ),
        )
        for row in levels.to_dict("records")
    )  # fmt: skip
    return Grid(
        "The season forecast by fifth of the final rate",
        "Fifth 1 holds the lowest final rates. Bias: forecast less final.",
        heads,
        rows,
    )


def _list_groups(groups: pd.DataFrame) -> Grid | None:
    if groups.empty:
        return None
    heads = ("Group", "80 % held", "Error, points", "Bias, points", "Bias against all")
    rows = tuple(
        (
            f"Day {row['day']}, {row['group']}", f"{row['dimension']}; {row['tier']}",
            (
                f"{100 * row['covered80_share']:.0f} %", f"{row['error_points']:.2f}", f"{row['bias_points']:+.2f}",
                f"{row['bias_against_all_points']:+.2f}",
            ),
        )
        for row in groups.to_dict("records")
    )  # fmt: skip
    return Grid(
        "The season forecast by group of people",
        "Tracts weighted by the members of the group that live in them.",
        heads,
        rows,
    )


def _list_regions(regions: pd.DataFrame) -> Grid | None:
    """Count for each rule how often it was worse than the lowest current rate in a region on a day."""
    if regions.empty:
        return None
    against = regions.groupby(["rule", "tier"], sort=False)["against_lowest_share"]
    rows = tuple(
        (
            str(rule), str(tier),
            (
                f"{len(part)}", f"{int((part > -_NOT_WORSE).sum())}", f"{int((part.abs() <= -_NOT_WORSE).sum())}",
                f"{int((part < _NOT_WORSE).sum())}", f"{100 * part.min():+.1f}", f"{100 * part.mean():+.1f}",
            ),
        )
        for (rule, tier), part in against
    )  # fmt: skip
    heads = ("Rule", "Region-days", "Better", "Equal", "Worse", "Worst, points", "Mean, points")
    note = "The worst fifth of each region, found by a list of a fifth of it; points are of the share found."
    return Grid("Against the lowest current rate first, region by region", note, heads, rows)


def _list_worse(regions: pd.DataFrame) -> list[str]:
    """Name where the blend was worse than the lowest current rate."""
    if regions.empty:
        return []
    bad = regions[(regions["rule"] == "blend") & (regions["against_lowest_share"] < _NOT_WORSE)]
    return [
        f"{row['region']}, day {row['day']}: {100 * row['against_lowest_share']:+.1f} points of {row['tracts_count']} tracts"
        for row in bad.to_dict("records")
    ]


def _list_weights(weights: pd.DataFrame) -> list[tuple[str, str, str]]:
    return [
        (f"Day {row['day']}", str(row["blend"]), str(row["season_forecast"]))
        for row in weights.to_dict("records")
    ]


def _tell_dates(days: pd.DataFrame, words: Words) -> str:
    """Say which publication each day used."""
    told = []
    for day, when in days.drop_duplicates("day")[["day", "data_date"]].itertuples(index=False):
        told.append(
            f"day {day}: {words.date(when.date()) if pd.notna(when) else 'nothing published yet'}"
        )
    return "; ".join(told)
