"""The error of a crosswalk, measured against a better one."""

from dataclasses import dataclass

import pandas as pd

from outreach.errors import GeographyError


@dataclass(frozen=True, slots=True)
class CrosswalkError:
    """How far the poorer of two crosswalks is from the better one.

    Parameters
    ----------
    misallocated_share
        Share (0-1) of the units that it puts into another target than the better one does.
    worst_target, worst_target_share
        The target with the greatest error, and that error as a share of its units by the better
        crosswalk (can exceed 1).
    units_count
        Units compared.
    left_out
        Sources with units that only one of the two knows.
    better, poorer
        Method, unit and kind of target of each.
    """

    misallocated_share: float
    worst_target: str
    worst_target_share: float
    units_count: float
    left_out: tuple[str, ...]
    better: str
    poorer: str

    def line(self) -> str:
        """Say it to people."""
        also = f" {len(self.left_out):,} areas stand in one of them only." if self.left_out else ""
        return (
            f"{self.poorer} puts {self.misallocated_share:.1%} of {self.units_count:,.0f} units elsewhere than {self.better};"
            f" at worst {self.worst_target_share:.0%} of {self.worst_target or 'no target'}.{also}"
        )


def compare_crosswalks(
    better: pd.DataFrame, poorer: pd.DataFrame, units: "pd.Series[float]"
) -> CrosswalkError:
    """Measure the error of ``poorer``, taking ``better`` as true.

    Parameters
    ----------
    better, poorer
        Crosswalks from the same kind of source. ZIPs against ZCTAs is allowed; the result names
        both kinds.
    units
        Units by source.
    """
    kinds = {table["source_kind"].iloc[0] for table in (better, poorer)}
    if len(kinds) > 1:
        raise GeographyError(
            f"Crosswalks from {' and '.join(sorted(kinds))} cannot be compared.", "Use one vintage."
        )
    units = units[units > 0]
    known = [units.index.isin(table["source"]) for table in (better, poorer)]
    common = units[known[0] & known[1]]
    true, guess = (
        table[table["source"].isin(common.index)].set_index(["source", "target"])["weight"]
        for table in (better, poorer)
    )
    both = pd.concat([true, guess], axis=1, keys=["true", "guess"]).fillna(0.0)
    both = both.mul(common, axis=0, level="source")
    totals = both.groupby("target").sum()
    held = totals[totals["true"] > 0]
    off = (held["guess"] - held["true"]).abs() / held["true"]
    return CrosswalkError(
        misallocated_share=float((both["guess"] - both["true"]).abs().sum() / 2 / common.sum())
        if len(common)
        else 0.0,
        worst_target=str(off.idxmax()) if len(off) else "",
        worst_target_share=float(off.max()) if len(off) else 0.0,
        units_count=float(common.sum()),
        left_out=tuple(units.index[known[0] ^ known[1]]),
        better=_describe(better),
        poorer=_describe(poorer),
    )


def _describe(crosswalk: pd.DataFrame) -> str:
    """Name a crosswalk by what it is made of."""
    first = crosswalk.iloc[0]
    return f"{first['method']} ({crosswalk['unit'].mode()[0]}, {first['target_kind']})"
