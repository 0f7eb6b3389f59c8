"""Hold the tables of a backtest and say what each measure means."""

from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True, slots=True)
class BacktestTables:
    """The tables of a backtest that its page shows; an empty one is left out of the page.

    Parameters
    ----------
    days
        A row is a rule on a day: ``day``, ``data_date``, ``rule``, ``tier``, ``method``,
        ``worst_found_share``, ``missing_covered_share``, ``missing_per_household_share``,
        ``reached_per_1000_usd``, ``error_points``, ``covered50_share``,
        ``covered80_share``, ``width80_points``.
    levels
        A row is a fifth of the final rate on a day: ``day``, ``tier``, ``fifth``,
        ``tracts_count``, ``covered50_share``, ``covered80_share``, ``error_points``,
        ``bias_points``.
    groups
        A row is a group of people on a day: ``day``, ``tier``, ``dimension``, ``group``,
        ``bias_points``, ``bias_against_all_points``, ``error_points``, ``covered80_share``.
    regions
        A row is a rule in a region on a day: ``rule``, ``tier``, ``region``, ``tracts_count``,
        ``day``, ``against_lowest_share``.
    weights
        A row is a day: ``day``, and ``blend`` and ``season_forecast`` in words.
    """

    days: pd.DataFrame
    levels: pd.DataFrame
    groups: pd.DataFrame
    regions: pd.DataFrame
    weights: pd.DataFrame


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure of the rules.

    Parameters
    ----------
    column
        Column of ``days``.
    title, note
        Its name, and what it means.
    share
        Whether it is a share 0-1; other measures are percentage points.
    undrawn
        Beginnings of the names of rules that the chart leaves out.
    """

    column: str
    title: str
    note: str
    share: bool
    undrawn: tuple[str, ...] = ()

    def write(self, value: float) -> str:
        """Write a figure of this measure, a dash where there is none."""
        if not np.isfinite(value):
            return "-"
        return f"{value:.1%}" if self.share else f"{value:.2f}"


#: All measures, in the order of the page.
MEASURES = (
    Measure(
        "worst_found_share",
        "Share of the final worst fifth found",
        "Found by a list of a fifth of the tracts. The worst fifth has the lowest final rates.",
        share=True,
        undrawn=("most missing", "last value", "bought: most missing"),
    ),
    Measure(
        "missing_covered_share",
        "Share of missing households covered",
        "Households that never responded and live in the listed fifth of the tracts.",
        share=True,
        undrawn=("last value", "Gompertz", "equal", "peer expectation"),
    ),
    Measure(
        "reached_per_1000_usd",
        "Missing households reached for $1,000",
        "Households that never responded, live in the listed fifth, are online, and read the ads,"
        " for each 1,000 dollars of full flights there.",
        share=False,
        undrawn=("last value", "Gompertz", "equal", "peer expectation"),
    ),
    Measure(
        "missing_per_household_share",
        "Missing households among those of the list",
        "Share of the households in the listed fifth that never responded.",
        share=True,
    ),
    Measure(
        "error_points",
        "Forecast error",
        "Mean absolute error of the final rate, in percentage points.",
        share=False,
    ),
    Measure(
        "covered80_share",
        "How often the 80% interval held",
        "Share of the tracts. A well-calibrated interval holds for 80% of them.",
        share=True,
    ),
    Measure(
        "covered50_share",
        "How often the 50% interval held",
        "Share of the tracts. A well-calibrated interval holds for 50% of them.",
        share=True,
    ),
    Measure(
        "width80_points",
        "Width of the 80% interval",
        "Mean, in percentage points.",
        share=False,
    ),
)
#: How many of the first measures get a chart.
DRAWN_COUNT = 4
