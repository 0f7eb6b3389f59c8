"""Align tract profiles of any vintage with the tracts of the rates."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd

from geo.crosswalk.carry import MARGIN, carry_classes, carry_counts, carry_shares
from outreach.errors import GeographyError
from outreach.tables import Crosswalk, DataFrame, TractProfiles

_COUNTS = ("_count",)
#: Carried as weighted means. Columns in ``_usd`` are medians, whose mean is an approximation.
_MEANS = ("_share", "_score", "_usd")
#: Words of a few; a tract takes the one that holds most of it.
_CLASSES = ("_class",)
_WHOLE = 1 - 1e-6


class ProfileSource(NamedTuple):
    """One source of predictors: its name, its profiles, and the census year of its tracts."""

    name: str
    table: DataFrame[TractProfiles]
    tract_year: int


@dataclass(frozen=True, slots=True)
class SourceUse:
    """What happened to one source of predictors.

    Parameters
    ----------
    name, tract_year
        As in :class:`ProfileSource`.
    rows
        Tracts in the source; each is in ``placed``, ``partly_placed``, or ``unplaced``.
    placed
        Number of them that lie completely in the tracts under consideration.
    partly_placed
        The share (0-1) inside of each tract that lies there partly.
    unplaced
        Tracts that lie outside or are not in the relationship file.
    gave
        Number of tracts for which each column came from this source.
    not_carried
        Columns that cannot be carried to other tracts because their ending names no known unit.
    """

    name: str
    tract_year: int
    rows: int
    placed: int
    partly_placed: dict[str, float]
    unplaced: tuple[str, ...]
    gave: dict[str, int]
    not_carried: tuple[str, ...]


@dataclass(frozen=True)
class AlignedProfiles:
    """Profiles on the tracts of the rates.

    Parameters
    ----------
    table
        All columns of all sources by tract, margins included.
    coverage
        By tract and column (without margins): the share of the tract behind the figure, 0 where it
        is missing.
    changed
        Tracts whose figures come from another tract or from several.
    uses
        What happened to each source.
    """

    table: pd.DataFrame
    coverage: pd.DataFrame
    changed: pd.Index
    uses: tuple[SourceUse, ...]


class _Aligned(NamedTuple):
    """One source on the requested tracts."""

    table: pd.DataFrame
    coverage: pd.DataFrame
    share: "pd.Series[float]"
    changed: pd.Index
    not_carried: tuple[str, ...]


def align_profiles(
    profiles: Iterable[ProfileSource],
    geoids: pd.Index,
    forward: DataFrame[Crosswalk] | None,
    backward: DataFrame[Crosswalk] | None,
    census_tract_year: int,
) -> AlignedProfiles:
    """Align every source with ``geoids``; the first source with a figure wins.

    A margin of error always comes with its own figure.

    Parameters
    ----------
    profiles
        The sources, most trusted first.
    geoids
        The requested tracts, of ``census_tract_year``.
    forward, backward
        Crosswalks from the profiles' tracts to those of the rates and back. Only sources on other
        tracts need them.
    census_tract_year
        Census year of the rates' tracts.

    Raises
    ------
    GeographyError
        A source is on other tracts and no crosswalk matches.
    """
    columns: dict[str, pd.Series] = {}
    coverage: dict[str, pd.Series] = {}
    changed = geoids[:0]
    uses = []
    for source in profiles:
        if source.tract_year == census_tract_year:
            aligned = _match_codes(source.table, geoids)
        else:
            _check_kinds(source, forward, backward, census_tract_year)
            assert forward is not None
            assert backward is not None
            aligned = _carry_over(source.table, geoids, forward, backward)
        changed = changed.union(aligned.changed)
        gave = _fill_gaps(columns, coverage, aligned)
        uses.append(_describe_use(source, aligned, gave))
    return AlignedProfiles(
        pd.DataFrame(columns, index=geoids),
        pd.DataFrame(coverage, index=geoids),
        changed,
        tuple(uses),
    )


def _match_codes(table: pd.DataFrame, geoids: pd.Index) -> _Aligned:
    """Take the rows of equal code, for sources on the same tracts."""
    aligned = table.reindex(geoids)
    figures = aligned[[name for name in table.columns if not name.endswith(MARGIN)]]
    share = pd.Series(table.index.isin(geoids).astype(float), index=table.index)
    return _Aligned(aligned, figures.notna().astype(float), share, geoids[:0], ())


def _carry_over(
    table: pd.DataFrame,
    geoids: pd.Index,
    forward: DataFrame[Crosswalk],
    backward: DataFrame[Crosswalk],
) -> _Aligned:
    """Split counts over the new tracts, average shares, and take the class that holds most."""
    inward = forward[forward["target"].isin(geoids)]
    outward = backward[backward["source"].isin(geoids)]
    counts, means, classes = (
        _select_columns(table, endings) for endings in (_COUNTS, _MEANS, _CLASSES)
    )
    figures = [name for name in (*counts, *means) if not name.endswith(MARGIN)]

    # Coverage is about the new tract's own ground, for counts too.
    worded = carry_classes(table[classes], outward)
    coverage = pd.concat(
        [
            carry_shares(table[figures], outward).coverage.reindex(geoids),
            worded.coverage.reindex(geoids),
        ],
        axis=1,
    ).fillna(0.0)
    carried = pd.concat(
        [
            carry_counts(table[counts], inward).table.reindex(geoids),
            carry_shares(table[means], outward).table.reindex(geoids),
            worded.table.reindex(geoids),
        ],
        axis=1,
    )

    # A tract is unchanged if both crosswalks map it to itself as a whole.
    changed = geoids.difference(_list_unchanged(inward).intersection(_list_unchanged(outward)))
    share = inward.groupby("source")["weight"].sum().reindex(table.index, fill_value=0.0)
    lost = tuple(name for name in table.columns if name not in carried.columns)
    return _Aligned(
        carried, coverage.where(carried[list(coverage)].notna(), 0.0), share, changed, lost
    )


def _list_unchanged(crosswalk: DataFrame[Crosswalk]) -> pd.Index:
    """Return the sources that lie completely in the target of equal code."""
    same = (crosswalk["source"] == crosswalk["target"]) & (crosswalk["weight"] > _WHOLE)
    sources: pd.Index = pd.Index(crosswalk.loc[same, "source"])
    return sources


def _select_columns(table: pd.DataFrame, endings: tuple[str, ...]) -> list[str]:
    """Return the columns with one of the ``endings``, and their margins of error."""
    bases = [name for name in table.columns if name.endswith(endings)]
    return [name for base in bases for name in (base, base + MARGIN) if name in table.columns]


def _fill_gaps(
    columns: dict[str, pd.Series], coverage: dict[str, pd.Series], aligned: _Aligned
) -> dict[str, int]:
    """Fill gaps from one more source, and count the tracts that each column took from it."""
    gave = {}
    for name in aligned.coverage.columns:
        figures, margin = aligned.table[name], name + MARGIN
        margins = aligned.table.get(margin)

        # A new column comes as it is.
        if name not in columns:
            columns[name], coverage[name] = figures, aligned.coverage[name]
            gave[name] = int(figures.notna().sum())
            if margins is not None:
                columns[margin] = margins
            continue

        # An older column keeps its figures; a filled figure brings its margin, or none.
        take = columns[name].isna() & figures.notna()
        columns[name] = columns[name].mask(take, figures)
        coverage[name] = coverage[name].mask(take, aligned.coverage[name])
        gave[name] = int(take.sum())
        if margins is not None:
            blank = pd.Series(float("nan"), index=figures.index)
            columns[margin] = columns.get(margin, blank).mask(take, margins)
        elif margin in columns:
            columns[margin] = columns[margin].mask(take)
    return gave


def _describe_use(source: ProfileSource, aligned: _Aligned, gave: dict[str, int]) -> SourceUse:
    """Account for every row and column of a source."""
    share = aligned.share
    part = share[(share > 1 - _WHOLE) & (share < _WHOLE)]
    return SourceUse(
        name=source.name,
        tract_year=source.tract_year,
        rows=len(share),
        placed=int((share >= _WHOLE).sum()),
        partly_placed={str(geoid): float(value) for geoid, value in part.items()},
        unplaced=tuple(share.index[share <= 1 - _WHOLE]),
        gave=gave,
        not_carried=aligned.not_carried,
    )


def _check_kinds(
    source: ProfileSource,
    forward: DataFrame[Crosswalk] | None,
    backward: DataFrame[Crosswalk] | None,
    census_tract_year: int,
) -> None:
    """Refuse a crosswalk that is not between the vintages of the source and the rates."""
    there, here = f"tract{source.tract_year}", f"tract{census_tract_year}"
    for crosswalk, kinds in ((forward, (there, here)), (backward, (here, there))):
        if crosswalk is None or tuple(crosswalk[["source_kind", "target_kind"]].iloc[0]) != kinds:
            raise GeographyError(
                f"The source {source.name} is on tracts of {source.tract_year}, the rates are on"
                f" tracts of {census_tract_year}, and there is no crosswalk from {kinds[0]} to"
                f" {kinds[1]}.",
                "Give the relationship file of the two vintages, or remove the source.",
            )
