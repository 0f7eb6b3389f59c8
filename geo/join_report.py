"""What became of every tract in a join: groups that add up, for people and for the manifest."""

import datetime as dt
from dataclasses import asdict, dataclass
from typing import Any

from geo.profiles import SourceUse

#: So many codes are named in a sentence; the manifest has them all.
_NAMED = 8


@dataclass(frozen=True, slots=True)
class JoinReport:
    """Every tract with a polygon or a rate, twice grouped; within each grouping a tract stands in one group exactly.

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
        Second grouping: all predictors by equal code from an unchanged tract; made from other
        tracts; some predictor known for a part of the tract only (its columns with the share, 0-1,
        that is known); no predictor at all.
    missing_in_rated
        By column: the number of rated tracts for which no source gives a value. Columns without
        gaps are not in it.
    sources
        What became of each source of predictors.
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
    def without_rate(self) -> tuple[str, ...]:
        """Tracts with a polygon and no rate, water or not."""
        return tuple(sorted((*self.water, *self.rateless)))

    @property
    def tracts_count(self) -> int:
        """All tracts under consideration."""
        return len(self.matched) + len(self.without_polygon) + len(self.water) + len(self.rateless)

    @property
    def rated_without_predictor(self) -> tuple[str, ...]:
        """Tracts with a rate of which nothing else is known."""
        return tuple(
            sorted({*self.matched, *self.without_polygon}.intersection(self.without_predictor))
        )

    def lines(self) -> list[str]:
        """Say it to people, one sentence a line."""
        said = [
            (
                f"{self.tracts_count:,} tracts of {self.tract_year}: {len(self.matched):,} with rate and polygon"
                f" (data date {self.data_date}), {len(self.water):,} water, {len(self.rateless):,} without a rate,"
                f" {len(self.without_polygon):,} with a rate but no polygon."
            ),
            (
                f"Predictors: {len(self.by_code):,} tracts by equal code, {len(self.carried_over):,} carried over from other tracts,"
                f" {len(self.partly_covered):,} covered in part, {len(self.without_predictor):,} without any"
                f" ({len(self.rated_without_predictor):,} of these have a rate)."
            ),
        ]
        named = (
            (self.without_polygon, "Rate but no polygon"),
            (self.water, "Water"),
            (self.rateless, "No rate"),
            (self.rated_without_predictor, "Rate but no predictor"),
        )
        said += [f"{what}: {_name(codes)}." for codes, what in named if codes]
        for geoid, columns in list(self.partly_covered.items())[:_NAMED]:
            said.append(
                f"Covered in part: {geoid}, "
                + _name(f"{name} {share:.1%}" for name, share in columns.items())
                + "."
            )
        if len(self.partly_covered) > _NAMED:
            said.append(f"Covered in part: {len(self.partly_covered) - _NAMED:,} more.")
        for use in self.sources:
            said += _describe_use(use)
        gaps = (f"{name} ({count:,})" for name, count in self.missing_in_rated.items())
        said += [f"Missing in rated tracts: {_name(gaps)}."] if self.missing_in_rated else []
        return said

    def to_manifest(self) -> dict[str, Any]:
        """Return plain values for JSON: every exception by name, whole groups by number."""
        whole = ("matched", "by_code", "carried_over")
        plain = asdict(self)
        for name in whole:
            plain[f"{name}_count"] = len(plain.pop(name))
        return {"tracts_count": self.tracts_count, **plain, "data_date": self.data_date.isoformat()}


def _describe_use(use: SourceUse) -> list[str]:
    """Say what became of a source."""
    said = [
        (
            f"{use.name} ({use.rows:,} tracts of {use.tract_year}): {use.placed:,} lie in these tracts, {len(use.partly_placed):,} in part,"
            f" {len(use.unplaced):,} not."
        )
    ]
    said += (
        [f"{use.name}, tracts that lie in none of these: {_name(use.unplaced)}."]
        if use.unplaced
        else []
    )
    said += (
        [f"{use.name}, columns not carried over: {_name(use.not_carried)}."]
        if use.not_carried
        else []
    )
    return said


def _name(codes: Any) -> str:
    """List the first few of many."""
    codes = list(codes)
    more = f" and {len(codes) - _NAMED:,} more" if len(codes) > _NAMED else ""
    return ", ".join(codes[:_NAMED]) + more
