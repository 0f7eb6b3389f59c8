"""Report what happened to every tract in a join, in groups that add up."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from geo.profiles import SourceUse
from outreach.phrasing import list_names, write_count, write_date, write_percent

#: This many codes are named in a sentence; the manifest has them all.
_NAMED = 8


@dataclass(frozen=True, slots=True)
class JoinReport:
    """Every tract with a polygon or a rate, in two groupings with one group per tract each.

    Parameters
    ----------
    tract_year
        Census year of the tracts.
    data_date
        Of the rates.
    matched, without_polygon, water, rateless
        First grouping: rate and polygon; rate only; polygon only, water by code or without land;
        polygon only, on land.
    by_code, carried_over, partly_covered, without_predictor
        Second grouping: all predictors by equal code from an unchanged tract; all of them from
        other tracts; some predictor for only part of the tract (its columns with the share, 0-1,
        that is covered); no predictor at all.
    missing_in_rated
        By column: the number of rated tracts without a value from any source. Columns without gaps
        are not in it.
    sources
        What happened to each source of predictors.
    """

    tract_year: int
    data_date: dt.date
    matched: tuple[str, ...]
    without_polygon: tuple[str, ...]
    water: tuple[str, ...]
    rateless: tuple[str, ...]
    by_code: tuple[str, ...]
    carried_over: tuple[str, ...]
    partly_covered: dict[str, dict[str, float]]
    without_predictor: tuple[str, ...]
    missing_in_rated: dict[str, int]
    sources: tuple[SourceUse, ...]

    @property
    def tracts_count(self) -> int:
        """All tracts under consideration."""
        return len(self.matched) + len(self.without_polygon) + len(self.water) + len(self.rateless)

    @property
    def rated_without_predictor(self) -> tuple[str, ...]:
        """Tracts with a rate and no predictor."""
        rated = {*self.matched, *self.without_polygon}
        return tuple(sorted(rated.intersection(self.without_predictor)))

    def lines(self) -> list[str]:
        """Describe the report for people, one sentence per line."""
        lines = [
            (
                f"{self.tracts_count:,} tracts of {self.tract_year}:"
                f" {len(self.matched):,} with a rate and a polygon (data of"
                f" {write_date(self.data_date)}), {len(self.water):,} water,"
                f" {len(self.rateless):,} without a rate,"
                f" {len(self.without_polygon):,} with a rate but no polygon."
            ),
            (
                f"Predictors: {len(self.by_code):,} tracts by equal code,"
                f" {len(self.carried_over):,} carried over from other tracts,"
                f" {len(self.partly_covered):,} partly covered,"
                f" {len(self.without_predictor):,} without any"
                f" ({len(self.rated_without_predictor):,} of these have a rate)."
            ),
        ]

        # Name the exceptions.
        for codes, title in (
            (self.without_polygon, "Rate but no polygon"),
            (self.water, "Water"),
            (self.rateless, "No rate"),
            (self.rated_without_predictor, "Rate but no predictor"),
        ):
            if codes:
                lines.append(f"{title}: {_list_some(codes)}.")
        for geoid, columns in list(self.partly_covered.items())[:_NAMED]:
            shares = (f"{name} {write_percent(share, 1)}" for name, share in columns.items())
            lines.append(f"Partly covered: {geoid}, {_list_some(shares)}.")
        if len(self.partly_covered) > _NAMED:
            lines.append(f"Partly covered: {len(self.partly_covered) - _NAMED:,} more.")

        for use in self.sources:
            lines += _describe_use(use)
        gaps = [f"{name} ({count:,})" for name, count in self.missing_in_rated.items()]
        return [*lines, f"Missing in rated tracts: {_list_some(gaps)}."] if gaps else lines

    def to_manifest(self) -> dict[str, Any]:
        """Return plain values for JSON: every exception by name, whole groups as counts."""
        values = asdict(self)
        for name in ("matched", "by_code", "carried_over"):
            values[f"{name}_count"] = len(values.pop(name))
        date = self.data_date.isoformat()
        return {"tracts_count": self.tracts_count, **values, "data_date": date}


def _describe_use(use: SourceUse) -> list[str]:
    """Describe what happened to a source."""
    lines = [
        (
            f"{use.name}: of {write_count(use.rows, 'tract')} of {use.tract_year},"
            f" {use.placed:,} lie in these tracts, {len(use.partly_placed):,} partly, and"
            f" {len(use.unplaced):,} not."
        )
    ]
    if use.unplaced:
        lines.append(f"{use.name}, tracts outside: {_list_some(use.unplaced)}.")
    if use.not_carried:
        lines.append(f"{use.name}, columns not carried over: {_list_some(use.not_carried)}.")
    return lines


def _list_some(names: Iterable[str]) -> str:
    """List the first few of many names."""
    return list_names(list(names), _NAMED)
