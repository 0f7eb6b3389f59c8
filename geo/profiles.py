"""Brings tract profiles of any vintage to the tracts of the rates, several sources one after the other."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd

from geo.crosswalk.carry import MARGIN, carry_counts, carry_shares
from outreach.errors import GeographyError

_COUNTS = ("_count",)
#: Carried as weighted means. For ``_usd`` these are medians: their mean is an approximation.
_MEANS = ("_share", "_score", "_usd")
_WHOLE = 1 - 1e-6


class ProfileSource(NamedTuple):
    """One source of predictors: its name, its :class:`outreach.tables.TractProfiles`, and the census year of its tracts."""

    name: str
    table: pd.DataFrame
    tract_year: int


@dataclass(frozen=True, slots=True)
class SourceUse:
    """What became of one source of predictors.

    Parameters
    ----------
    name, tract_year
        As in :class:`ProfileSource`.
    rows
        Tracts in the source; each is in ``placed``, ``partly_placed`` or ``unplaced``.
    placed
        Number of them that lie wholly in the tracts under consideration.
    partly_placed
        Share (0-1) of those that lie there in part.
    unplaced
        Those that lie there with nothing, or are not in the relationship file.
    gave
        Number of tracts for which each column came from this source.
    not_carried
        Columns that cannot be carried to other tracts, their ending naming no known unit.
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
        Tracts whose figures were made from another tract or from several.
    uses
        What became of each source.
    """

    table: pd.DataFrame
    coverage: pd.DataFrame
    changed: pd.Index
    uses: tuple[SourceUse, ...]


class _Placed(NamedTuple):
    """One source on the wanted tracts."""

    table: pd.DataFrame
    coverage: pd.DataFrame
    share: "pd.Series[float]"
    changed: pd.Index
    not_carried: tuple[str, ...]


def align_profiles(
    profiles: Iterable[ProfileSource],
    geoids: pd.Index,
    forward: pd.DataFrame | None,
    backward: pd.DataFrame | None,
    census_tract_year: int,
) -> AlignedProfiles:
    """Bring every source to ``geoids``; where two give a figure for a tract, the earlier one stands, with its own margin.

    Parameters
    ----------
    profiles
        The sources, the most trusted first.
    geoids
        The tracts wanted, of ``census_tract_year``.
    forward, backward
        Crosswalks from the profiles' tracts to those of the rates and back; needed only for sources
        on other tracts.
    census_tract_year
        Census year of the rates' tracts.

    Raises
    ------
    GeographyError
        A source is on other tracts and there is no crosswalk that fits.
    """
    columns: dict[str, pd.Series] = {}
    coverage: dict[str, pd.Series] = {}
    changed = geoids[:0]
    uses = []
    for source in profiles:
        if source.tract_year == census_tract_year:
            placed = _place_by_code(source.table, geoids)
        else:
            _check_kinds(source, forward, backward, census_tract_year)
            assert forward is not None
            assert backward is not None
            placed = _carry_over(source.table, geoids, forward, backward)
        changed = changed.union(placed.changed)
        gave = _fill(columns, coverage, placed)
        uses.append(_account(source, placed, gave))
    return AlignedProfiles(
        pd.DataFrame(columns, index=geoids),
        pd.DataFrame(coverage, index=geoids),
        changed,
        tuple(uses),
    )


def _place_by_code(table: pd.DataFrame, geoids: pd.Index) -> _Placed:
    """Take the rows of equal code, the tracts being the same."""
    placed = table.reindex(geoids)
    figures = placed[[name for name in table.columns if not name.endswith(MARGIN)]]
    share = pd.Series(table.index.isin(geoids).astype(float), index=table.index)
    return _Placed(placed, figures.notna().astype(float), share, geoids[:0], ())


def _carry_over(
    table: pd.DataFrame, geoids: pd.Index, forward: pd.DataFrame, backward: pd.DataFrame
) -> _Placed:
    """Carry counts forward and describe each tract by the ones it came from for the rest."""
    forward, backward = (
        forward[forward["target"].isin(geoids)],
        backward[backward["source"].isin(geoids)],
    )
    counts, means = (_having(table, endings) for endings in (_COUNTS, _MEANS))
    figures = [name for name in (*counts, *means) if not name.endswith(MARGIN)]
    # How much of a *tract* is known is asked of the tract's own make-up, for counts too.
    coverage = carry_shares(table[figures], backward).coverage.reindex(geoids).fillna(0.0)
    carried = pd.concat(
        [
            carry_counts(table[counts], forward).table.reindex(geoids),
            carry_shares(table[means], backward).table.reindex(geoids),
        ],
        axis=1,
    )
    share = forward.groupby("source")["weight"].sum().reindex(table.index, fill_value=0.0)
    same = [
        pd.Index(
            crosswalk.loc[
                (crosswalk["source"] == crosswalk["target"]) & (crosswalk["weight"] > _WHOLE),
                "source",
            ]
        )
        for crosswalk in (forward, backward)
    ]
    changed = geoids.difference(same[0].intersection(same[1]))
    lost = tuple(name for name in table.columns if name not in carried.columns)
    return _Placed(carried, coverage.where(carried[figures].notna(), 0.0), share, changed, lost)


def _having(table: pd.DataFrame, endings: tuple[str, ...]) -> list[str]:
    """Return the columns whose unit is among ``endings``, and their margins."""
    bases = [name for name in table.columns if name.endswith(endings)]
    return [name for base in bases for name in (base, base + MARGIN) if name in table.columns]


def _fill(
    columns: dict[str, pd.Series], coverage: dict[str, pd.Series], placed: _Placed
) -> dict[str, int]:
    """Fill what is still missing from one more source; a margin always comes with its figure. Return how many tracts each column took."""
    gave = {}
    for name in placed.coverage.columns:
        figures, margin = placed.table[name], name + MARGIN
        margins = placed.table.get(margin)
        if name not in columns:
            columns[name], coverage[name] = figures, placed.coverage[name]
            gave[name] = int(figures.notna().sum())
            if margins is not None:
                columns[margin] = margins
            continue
        take = columns[name].isna() & figures.notna()
        columns[name] = columns[name].mask(take, figures)
        coverage[name] = coverage[name].mask(take, placed.coverage[name])
        gave[name] = int(take.sum())
        if margins is not None:
            columns[margin] = columns.get(
                margin, pd.Series(float("nan"), index=figures.index)
            ).mask(take, margins)
        elif margin in columns:
            columns[margin] = columns[margin].mask(take)
    return gave


def _account(source: ProfileSource, placed: _Placed, gave: dict[str, int]) -> SourceUse:
    """Say what became of every row and column of a source."""
    share = placed.share
    part = share[(share > 1 - _WHOLE) & (share < _WHOLE)]
    return SourceUse(
        source.name,
        source.tract_year,
        len(share),
        int((share >= _WHOLE).sum()),
        {str(geoid): float(value) for geoid, value in part.items()},
        tuple(share.index[share <= 1 - _WHOLE]),
        gave,
        placed.not_carried,
    )


def _check_kinds(
    source: ProfileSource,
    forward: pd.DataFrame | None,
    backward: pd.DataFrame | None,
    census_tract_year: int,
) -> None:
    """Refuse a crosswalk between other vintages than the source's and the rates'."""
    there, here = f"tract{source.tract_year}", f"tract{census_tract_year}"
    for crosswalk, kinds in ((forward, (there, here)), (backward, (here, there))):
        if crosswalk is None or tuple(crosswalk[["source_kind", "target_kind"]].iloc[0]) != kinds:
            raise GeographyError(
                f"The source {source.name} is on tracts of {source.tract_year}, the rates on tracts of {census_tract_year},"
                f" and there is no crosswalk from {kinds[0]} to {kinds[1]}.",
                "Give the relationship file of the two vintages, or leave the source out.",
            )
