"""Measures of a back-test: what a list found, how far a forecast missed, how often an interval held."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.evaluation.rules import LOWEST, Rule, Seen, Tier
from outreach.arrays import Flags, Floats, Ints

#: Share of the tracts that a list has, and that are called the worst.
LIST_SHARE = 0.2
#: Name of the rule that has seen the final rates of all other blocks.
CEILING = "expectation from final rates of other blocks"
_CEILING_METHOD = "Profiles alone, fitted on the final rates of other blocks: nobody had them; what profiles can give at best."
_SIDES = {
    f"final_{side}{level}_share": f"{side}{level}" for level in (50, 80) for side in ("low", "high")
}


@dataclass(frozen=True)
class Truth:
    """What nobody knew on the day: final rates, the worst fifth, the households missing at the end."""

    final: Floats
    missing: Floats | None
    regions: npt.NDArray[Any]


def list_lowest(order: Floats, count: int) -> Ints:
    """Return the positions of the lowest figures; ties by position, missing ones never."""
    placed = np.argsort(order, kind="stable")[:count]
    return np.asarray(placed[np.isfinite(order[placed])], dtype=np.int64)


def find_worst(order: Floats, final: Floats) -> float:
    """Return the share of the final worst fifth that a list of as many tracts finds; missing where the rule says nothing."""
    count = max(round(LIST_SHARE * len(final)), 1)
    if not np.isfinite(order).any():
        return float("nan")
    return len(np.intersect1d(list_lowest(order, count), list_lowest(final, count))) / count


def measure_rules(
    seen: Seen, rules: Sequence[Rule], truth: Truth, ceiling: Floats | None
) -> pd.DataFrame:
    """Measure every rule that says something that day, and the ceiling (final shares told from other blocks); a row is a rule."""
    measured = []
    for rule in rules:
        order = rule.order(seen)
        if not np.isfinite(order).any():
            continue
        row: dict[str, Any] = {"rule": rule.name, "tier": str(rule.tier), "method": rule.method}
        row |= _measure_list(order, truth)
        row["error_points"] = _miss(rule.forecast(seen), truth.final) if rule.forecast else np.nan
        bounds = rule.bounds(seen) if rule.bounds else None
        measured.append(row | _measure_bounds(bounds, truth.final))
    if ceiling is not None:
        row = {
            "rule": CEILING,
            "tier": str(Tier.HINDSIGHT),
            "method": _CEILING_METHOD,
            **_measure_list(ceiling, truth),
        }
        measured.append(
            row | {"error_points": _miss(ceiling, truth.final)} | _measure_bounds(None, truth.final)
        )
    return pd.DataFrame(measured)


def _measure_list(order: Floats, truth: Truth) -> dict[str, float]:
    count = max(round(LIST_SHARE * len(order)), 1)
    covered = float("nan")
    if truth.missing is not None and np.nansum(truth.missing) > 0:
        covered = float(
            np.nansum(truth.missing[list_lowest(order, count)]) / np.nansum(truth.missing)
        )
    return {"worst_found_share": find_worst(order, truth.final), "missing_covered_share": covered}


def _measure_bounds(bounds: pd.DataFrame | None, final: Floats) -> dict[str, float]:
    if bounds is None:
        return {"covered50_share": np.nan, "covered80_share": np.nan, "width80_points": np.nan}
    known = bounds.notna().all(axis=1).to_numpy()
    inside = {level: _held(bounds, level, final)[known].mean() for level in (50, 80)}
    width = 100 * float((bounds["high80"] - bounds["low80"])[known].mean())
    return {"covered50_share": inside[50], "covered80_share": inside[80], "width80_points": width}


def _held(bounds: pd.DataFrame, level: int, final: Floats) -> Flags:
    low, high = bounds[f"low{level}"].to_numpy(), bounds[f"high{level}"].to_numpy()
    return np.asarray((final >= low - 1e-9) & (final <= high + 1e-9))


def measure_levels(table: pd.DataFrame, final: Floats) -> pd.DataFrame:
    """Measure the forecast by fifth of the final rate."""
    bounds = table.rename(columns=_SIDES)
    miss = 100 * (table["final_share"].to_numpy() - final)
    frame = pd.DataFrame(
        {
            "fifth": np.ceil(5 * pd.Series(final).rank(pct=True, method="first")).astype(int),
            "covered50_share": _held(bounds, 50, final),
            "covered80_share": _held(bounds, 80, final),
            "error_points": np.abs(miss),
            "bias_points": miss,
        }
    )[np.isfinite(miss)]
    counted = frame.groupby("fifth").size().rename("tracts_count")
    return frame.groupby("fifth").mean().join(counted, validate="one_to_one").reset_index()


def measure_regions(seen: Seen, rules: Sequence[Rule], truth: Truth) -> pd.DataFrame:
    """Let every rule list a fifth of each region and compare with the lowest current rate there."""
    rows = []
    for rule in rules:
        order = rule.order(seen)
        for region in np.unique(truth.regions[truth.regions != ""]):
            inside = truth.regions == region
            found = find_worst(order[inside], truth.final[inside])
            lowest = find_worst(seen.level[inside], truth.final[inside])
            if rule.name != LOWEST and np.isfinite(found - lowest):
                figures = {"worst_found_share": found, "against_lowest_share": found - lowest}
                rows.append(
                    {
                        "rule": rule.name,
                        "tier": str(rule.tier),
                        "region": region,
                        "tracts_count": int(inside.sum()),
                    }
                    | figures
                )
    return pd.DataFrame(rows)


def _miss(forecast: Floats, final: Floats) -> float:
    known = np.isfinite(forecast)
    return (
        100 * float(np.abs(forecast[known] - final[known]).mean()) if known.any() else float("nan")
    )
