"""Measure lists, forecasts, and intervals against the final rates."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.curves.forecast import COVERAGES
from models.evaluation.rules import LOWEST, Rule, Tier
from models.evaluation.snapshot import Snapshot
from outreach.arrays import Flags, Floats, Ints

#: Share of the tracts that a list has, and that are called the worst.
LIST_SHARE = 0.2
#: Name of the rule that has seen the final rates of all other blocks.
CEILING = "peer expectation from final rates"
_CEILING_METHOD = (
    "Profiles alone, fitted on the final rates of other blocks, which nobody had: the best that"
    " profiles can do."
)
_SIDES = {
    f"final_{side}{level}_share": f"{side}{level}"
    for level in COVERAGES
    for side in ("low", "high")
}
_TOLERANCE = 1e-9


@dataclass(frozen=True)
class Truth:
    """What nobody knew on the day.

    Attributes
    ----------
    final
        Final rate of each tract, a share.
    missing
        Households missing at the end, if known.
    people
        By tract, if profiles say it: ``households``; ``reached``, the households missing at the end
        that a full flight reaches and speaks to; ``cost_usd`` of the flight.
    regions
        Name of each tract's region; empty for none.
    """

    final: Floats
    missing: Floats | None
    regions: npt.NDArray[Any]
    people: pd.DataFrame | None = None


def list_lowest(order: Floats, count: int) -> Ints:
    """Return the positions of the lowest figures; ties by position, missing ones never."""
    first = np.argsort(order, kind="stable")[:count]
    return np.asarray(first[np.isfinite(order[first])], dtype=np.int64)


def find_worst(order: Floats, final: Floats) -> float:
    """Return the share of the final worst fifth that a list of the same length contains.

    Missing if the rule says nothing.
    """
    count = max(round(LIST_SHARE * len(final)), 1)
    if not np.isfinite(order).any():
        return float("nan")
    return len(np.intersect1d(list_lowest(order, count), list_lowest(final, count))) / count


def measure_rules(
    seen: Snapshot, rules: Sequence[Rule], truth: Truth, ceiling: Floats | None
) -> pd.DataFrame:
    """Measure every rule that says something that day, and the ceiling.

    Parameters
    ----------
    seen
        What could be known.
    rules
        The rules.
    truth
        What happened.
    ceiling
        Final shares as expected from other blocks, or ``None``.

    Returns
    -------
    DataFrame
        A row is a rule: ``rule``, ``tier``, ``method``, and the columns of
        :attr:`models.evaluation.backtest.Backtest.days` that measure it.
    """
    rows: list[dict[str, Any]] = []
    for rule in rules:
        order = rule.order(seen)
        if not np.isfinite(order).any():
            continue
        error = _average_miss(rule.forecast(seen), truth.final) if rule.forecast else np.nan
        bounds = rule.bounds(seen) if rule.bounds else None
        rows.append(
            {"rule": rule.name, "tier": str(rule.tier), "method": rule.method}
            | _measure_list(order, truth)
            | {"error_points": error}
            | _measure_bounds(bounds, truth.final)
        )

    if ceiling is not None:
        rows.append(
            {"rule": CEILING, "tier": str(Tier.HINDSIGHT), "method": _CEILING_METHOD}
            | _measure_list(ceiling, truth)
            | {"error_points": _average_miss(ceiling, truth.final)}
            | _measure_bounds(None, truth.final)
        )
    return pd.DataFrame(rows)


def measure_levels(table: pd.DataFrame, final: Floats) -> pd.DataFrame:
    """Measure a forecast by fifth of the final rate.

    Parameters
    ----------
    table
        As :attr:`models.curves.forecast.Forecast.table`, in the order of ``final``.
    final
        Final rates, shares.

    Returns
    -------
    DataFrame
        A row is a fifth, 1 the lowest: ``fifth``, ``covered50_share``, ``covered80_share``,
        ``error_points``, ``bias_points``, ``tracts_count``.
    """
    bounds = table.rename(columns=_SIDES)
    miss = 100 * (table["final_share"].to_numpy() - final)
    frame = pd.DataFrame(
        {
            "fifth": np.ceil(5 * pd.Series(final).rank(pct=True, method="first")).astype(int),
            "covered50_share": _is_covered(bounds, 50, final),
            "covered80_share": _is_covered(bounds, 80, final),
            "error_points": np.abs(miss),
            "bias_points": miss,
        }
    )[np.isfinite(miss)]

    counts = frame.groupby("fifth").size().rename("tracts_count")
    return frame.groupby("fifth").mean().join(counts, validate="one_to_one").reset_index()


def measure_regions(seen: Snapshot, rules: Sequence[Rule], truth: Truth) -> pd.DataFrame:
    """Compare every rule's list in each region with the lowest current rate there.

    Returns
    -------
    DataFrame
        As :attr:`models.evaluation.backtest.Backtest.regions`, without the day.
    """
    rows = []
    for rule in rules:
        order = rule.order(seen)
        for region in np.unique(truth.regions[truth.regions != ""]):
            inside = truth.regions == region
            own = find_worst(order[inside], truth.final[inside])
            lowest = find_worst(seen.level[inside], truth.final[inside])
            reached = _measure_reached(order, truth, inside)
            if rule.name != LOWEST and np.isfinite(own - lowest):
                rows.append(
                    {
                        "rule": rule.name,
                        "tier": str(rule.tier),
                        "region": region,
                        "tracts_count": int(inside.sum()),
                        "worst_found_share": own,
                        "against_lowest_share": own - lowest,
                        "reached_per_1000_usd": reached,
                        "against_lowest_reached": reached
                        - _measure_reached(seen.level, truth, inside),
                    }
                )
    return pd.DataFrame(rows)


def _measure_list(order: Floats, truth: Truth) -> dict[str, float]:
    """Measure the list of a fifth of the tracts that an order makes."""
    everywhere = np.ones(len(order), dtype=bool)
    covered, per_household = float("nan"), float("nan")
    if truth.missing is not None and np.nansum(truth.missing) > 0:
        chosen = _list_fifth(order, everywhere)
        listed = np.nansum(truth.missing[chosen])
        covered = float(listed / np.nansum(truth.missing))
        if truth.people is not None:
            per_household = float(listed / np.nansum(truth.people["households"].to_numpy()[chosen]))
    return {
        "worst_found_share": find_worst(order, truth.final),
        "missing_covered_share": covered,
        "missing_per_household_share": per_household,
        "reached_per_1000_usd": _measure_reached(order, truth, everywhere),
    }


def _measure_reached(order: Floats, truth: Truth, inside: Flags) -> float:
    """Return the missing households that a list of a fifth of some tracts reaches for 1,000 USD."""
    if truth.people is None:
        return float("nan")
    listed = truth.people.iloc[_list_fifth(order, inside)].dropna()
    cost = float(listed["cost_usd"].sum())
    return 1000 * float(listed["reached"].sum()) / cost if cost > 0 else float("nan")


def _list_fifth(order: Floats, inside: Flags) -> Ints:
    """Return the positions of the first fifth of some tracts in an order."""
    places = np.flatnonzero(inside)
    return places[list_lowest(order[places], max(round(LIST_SHARE * len(places)), 1))]


def _measure_bounds(bounds: pd.DataFrame | None, final: Floats) -> dict[str, float]:
    """Measure coverage and width of intervals; missing without any."""
    if bounds is None:
        return {"covered50_share": np.nan, "covered80_share": np.nan, "width80_points": np.nan}
    given = bounds.notna().all(axis=1).to_numpy()
    width = 100 * float((bounds["high80"] - bounds["low80"])[given].mean())
    return {
        "covered50_share": _is_covered(bounds, 50, final)[given].mean(),
        "covered80_share": _is_covered(bounds, 80, final)[given].mean(),
        "width80_points": width,
    }


def _is_covered(bounds: pd.DataFrame, level: int, final: Floats) -> Flags:
    """Return whether each final rate lies within its interval."""
    low, high = bounds[f"low{level}"].to_numpy(), bounds[f"high{level}"].to_numpy()
    return np.asarray((final >= low - _TOLERANCE) & (final <= high + _TOLERANCE))


def _average_miss(forecast: Floats, final: Floats) -> float:
    """Return the mean absolute error in points, missing without any forecast."""
    given = np.isfinite(forecast)
    if not given.any():
        return float("nan")
    return 100 * float(np.abs(forecast[given] - final[given]).mean())
