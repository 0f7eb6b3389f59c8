"""Hold the tables of a backtest and say what each measure means."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from outreach.catalog import Words
from outreach.files import make_slug


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
    """One measure of the rules; the catalogs name it (``backtest.measure``).

    Parameters
    ----------
    column
        Column of ``days``.
    share
        Whether it is a share 0-1; other measures are numbers.
    undrawn
        Beginnings of the names of rules that the chart leaves out.
    """

    column: str
    share: bool
    undrawn: tuple[str, ...] = ()

    def title(self, words: Words) -> str:
        """Return its name."""
        return words.say(f"backtest.measure.{self.column}.title")

    def note(self, words: Words) -> str:
        """Say what it means."""
        return words.say(f"backtest.measure.{self.column}.note")

    def write(self, value: float, words: Words) -> str:
        """Write a figure of this measure, a dash where there is none."""
        if not np.isfinite(value):
            return "-"
        return words.share(value) if self.share else words.number(value, 2)


#: All measures, in the order of the page.
MEASURES = (
    Measure(
        "worst_found_share",
        share=True,
        undrawn=("most missing", "last value", "bought: most missing"),
    ),
    Measure(
        "missing_covered_share",
        share=True,
        undrawn=("last value", "Gompertz", "equal", "peer expectation"),
    ),
    Measure(
        "reached_per_1000_usd",
        share=False,
        undrawn=("last value", "Gompertz", "equal", "peer expectation"),
    ),
    Measure("missing_per_household_share", share=True),
    Measure("error_points", share=False),
    Measure("covered80_share", share=True),
    Measure("covered50_share", share=True),
    Measure("width80_points", share=False),
)
#: How many of the first measures get a chart.
DRAWN_COUNT = 4


def name_rule(rule: str, words: Words) -> str:
    """Name a rule in a language; one that no catalog has keeps its name."""
    return words.find(f"backtest.rule.{make_slug(rule)}", rule)


def name_tier(tier: str, words: Words) -> str:
    """Say in a language what a rule has seen."""
    return words.find(f"backtest.tier.{make_slug(tier)}", tier)
