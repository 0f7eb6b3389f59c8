"""Measure the error of a crosswalk against a better one."""

from dataclasses import dataclass

import pandas as pd

from outreach.errors import GeographyError
from outreach.phrasing import write_count, write_percent
from outreach.tables import Crosswalk, DataFrame


@dataclass(frozen=True, slots=True)
class CrosswalkComparison:
    """How far the poorer of two crosswalks is from the better one.

    Parameters
    ----------
    misallocated_share
        Share (0-1) of the units that the poorer one puts into another target.
    worst_target
        The target with the greatest error.
    worst_target_share
        That error as a share of the target's units by the better crosswalk; can exceed 1.
    units_count
        Units compared.
    left_out
        Sources with units that only one of the two has.
    better, poorer
        Method, unit, and kind of target of each.
    """

    misallocated_share: float
    worst_target: str
    worst_target_share: float
    units_count: float
    left_out: tuple[str, ...]
    better: str
    poorer: str

    def line(self) -> str:
        """Describe the comparison in one or two sentences."""
        line = (
            f"{self.poorer} puts {write_percent(self.misallocated_share, 1)} of"
            f" {self.units_count:,.0f} units elsewhere than {self.better}; at worst"
            f" {write_percent(self.worst_target_share)} of {self.worst_target or 'no target'}."
        )
        if self.left_out:
            line += f" Only one of them has {write_count(len(self.left_out), 'area')}."
        return line


def compare_crosswalks(
    better: DataFrame[Crosswalk], poorer: DataFrame[Crosswalk], units: "pd.Series[float]"
) -> CrosswalkComparison:
    """Measure the error of ``poorer``, taking ``better`` as the truth.

    Parameters
    ----------
    better, poorer
        Crosswalks from the same kind of source. ZIPs may be compared with ZCTAs; the result names
        both kinds.
    units
        Units by source.

    Raises
    ------
    GeographyError
        The sources are of different kinds.
    """
    kinds = {table["source_kind"].iloc[0] for table in (better, poorer)}
    if len(kinds) > 1:
        raise GeographyError(
            f"Crosswalks from {' and '.join(sorted(kinds))} cannot be compared.", "Use one vintage."
        )

    # Compare the sources with units that both crosswalks have.
    units = units[units > 0]
    present = [units.index.isin(table["source"]) for table in (better, poorer)]
    common = units[present[0] & present[1]]
    truth, estimate = (
        table[table["source"].isin(common.index)].set_index(["source", "target"])["weight"]
        for table in (better, poorer)
    )
    both = pd.concat([truth, estimate], axis=1, keys=["truth", "estimate"]).fillna(0.0)
    both = both.mul(common, axis=0, level="source")

    # Find the target with the greatest error.
    totals = both.groupby("target").sum()
    inhabited = totals[totals["truth"] > 0]
    error = (inhabited["estimate"] - inhabited["truth"]).abs() / inhabited["truth"]

    # Each misallocated unit counts once where it is missing and once where it is too much.
    misallocated = float((both["estimate"] - both["truth"]).abs().sum()) / 2
    return CrosswalkComparison(
        misallocated_share=misallocated / float(common.sum()) if len(common) else 0.0,
        worst_target=str(error.idxmax()) if len(error) else "",
        worst_target_share=float(error.max()) if len(error) else 0.0,
        units_count=float(common.sum()),
        left_out=tuple(units.index[present[0] ^ present[1]]),
        better=_name_crosswalk(better),
        poorer=_name_crosswalk(poorer),
    )


def _name_crosswalk(crosswalk: DataFrame[Crosswalk]) -> str:
    """Name a crosswalk by its method, unit, and kind of target."""
    first = crosswalk.iloc[0]
    return f"{first['method']} ({crosswalk['unit'].mode()[0]}, {first['target_kind']})"
