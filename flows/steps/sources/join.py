"""Join the pulled tables into the tracts of a campaign."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import geopandas as gpd
import pandas as pd

from flows.steps.indicators.losses import find_lost_indicators, list_known_tracts
from flows.steps.sources.gather import Gathered
from flows.steps.sources.lost_predictors import find_lost_predictors
from flows.steps.sources.pulled import Pulled
from geo.districts import find_tracts_in_place
from geo.join import join_tracts
from geo.join_report import JoinReport
from geo.profiles import ProfileSource, align_profiles
from outreach.archive import Archive
from outreach.campaign import Area, Campaign
from outreach.connecticut import recode_tracts
from outreach.errors import NothingThere
from outreach.phrasing import list_names, write_count
from outreach.tables import DataFrame, GeoDataFrame, ResponseRates, TractProfiles, Tracts, as_table

_Table = TypeVar("_Table", bound=pd.DataFrame)
#: Most tracts that a note names.
_NAMED = 8


@dataclass(frozen=True)
class Joined:
    """The tracts of a campaign, a report on each, and how many tracts the sources offered.

    ``notes`` has a sentence for each county that loses a source of predictors, and for tracts that
    the campaign names and does not use.
    """

    tracts: GeoDataFrame[Tracts]
    report: JoinReport
    offered_count: int
    notes: tuple[str, ...]


def join_gathered(campaign: Campaign, gathered: Gathered) -> Joined:
    """Join the pulled tables into the tracts of the campaign's areas.

    Raises
    ------
    NothingThere
        An area has no tract, or its place is not in the boundary file.
    """
    # Areas of a campaign may overlap, so a tract may have been pulled twice.
    rates = pd.concat([pulled.table for pulled in gathered.rates])
    rates = rates[~rates.index.duplicated()]
    boundaries = pd.concat([pulled.table for pulled in gathered.boundaries])
    boundaries, unused = _keep_areas(_recode(boundaries, rates.index), campaign, gathered.places)
    rates = rates[[_is_requested(geoid, campaign, boundaries.index) for geoid in rates.index]]

    known = boundaries.index.union(rates.index)
    sources = _list_sources(gathered.profiles, known)
    own = _list_sources(gathered.list_indicators(then=False), known)

    tracts, report = join_tracts(
        boundaries,
        as_table(rates, ResponseRates),
        [*sources, *own],
        gathered.forward,
        gathered.backward,
        gathered.boundaries[0].tract_year,
    )
    losses = find_lost_predictors(tracts, sources, gathered.boundaries[0].tract_year)
    losses += _find_lost_indicators(gathered, tracts)
    return Joined(tracts, report, len(known), (*unused, *losses))


def _find_lost_indicators(gathered: Gathered, tracts: GeoDataFrame[Tracts]) -> list[str]:
    """Say what the campaign's own files miss of all tracts that were pulled."""
    if not gathered.indicators:
        return []
    pulls = (*gathered.boundaries, *gathered.rates)
    forward = gathered.forward
    return find_lost_indicators(
        gathered.indicators,
        tracts,
        known=list_known_tracts([pulled.table for pulled in pulls]),
        carried=pd.Index([]) if forward is None else pd.Index(forward["source"].unique()),
        tract_year=gathered.boundaries[0].tract_year,
    )


def place_race(gathered: Gathered, tracts: pd.DataFrame) -> DataFrame[TractProfiles] | None:
    """Align race and origin with the campaign's tracts, for the equity sheet only."""
    pulls = [pulled for pulled in gathered.race if len(pulled.table)]
    if not pulls:
        return None
    source = ProfileSource(
        "race",
        as_table(_recode(_concat_unique(pulls), tracts.index), TractProfiles),
        pulls[0].tract_year,
    )
    year = gathered.boundaries[0].tract_year
    aligned = align_profiles([source], tracts.index, gathered.forward, gathered.backward, year)
    return as_table(aligned.table, TractProfiles)


def place_profiles(
    pulls: Iterable[Pulled], gathered: Gathered, geoids: pd.Index
) -> DataFrame[TractProfiles]:
    """Align further profiles with the campaign's tracts; the first source with a figure wins.

    Parameters
    ----------
    pulls
        What was pulled, most trusted first.
    gathered
        For the crosswalks and the tract year.
    geoids
        The tracts.
    """
    sources = _list_sources([pull for pull in pulls if len(pull.table)], geoids)
    year = gathered.boundaries[0].tract_year
    aligned = align_profiles(sources, geoids, gathered.forward, gathered.backward, year)
    return as_table(aligned.table, TractProfiles)


def read_history(
    archive: Archive, codes: Sequence[str], tracts: DataFrame[Tracts]
) -> DataFrame[ResponseRates]:
    """Read the archived rates of the tracts up to their data date.

    Parameters
    ----------
    archive
        The ledger.
    codes
        FIPS codes of the areas that the tracts lie in.
    tracts
        The tracts, with ``data_date``.
    """
    rates = archive.read(codes, through=tracts["data_date"].max().date())
    return as_table(rates[rates.index.isin(tracts.index)], ResponseRates)


def _list_sources(pulls: Iterable[Pulled], known: pd.Index) -> list[ProfileSource]:
    """Put the areas of each source together; a source without rows is left out."""
    by_name: dict[str, list[Pulled]] = {}
    for pulled in pulls:
        by_name.setdefault(pulled.source.name, []).append(pulled)
    sources = [
        ProfileSource(
            name,
            as_table(_recode(_concat_unique(own), known), TractProfiles),
            own[0].tract_year,
        )
        for name, own in by_name.items()
    ]
    return [source for source in sources if len(source.table)]


def _concat_unique(pulls: Iterable[Pulled]) -> pd.DataFrame:
    """Concatenate the areas of one source; a tract in two areas appears once."""
    table = pd.concat([pulled.table for pulled in pulls])
    return table[~table.index.duplicated()]


def _recode(table: _Table, partners: pd.Index) -> _Table:
    """Give Connecticut's tracts the county codes of their partners, in a copy."""
    codes = recode_tracts(table.index, partners)
    return table if codes is table.index else table.set_axis(codes)


def _keep_areas(
    boundaries: gpd.GeoDataFrame, campaign: Campaign, places: tuple[Pulled, ...]
) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Keep the tracts of the campaign's areas, and say which named ones no area uses."""
    geoids: set[str] = set()
    for area in campaign.areas:
        inside = boundaries[boundaries.index.map(area.holds)]
        if inside.empty:
            raise NothingThere(
                f"The boundary file of {campaign.vintages.boundaries} has no tract in"
                f" {area.label}.",
                "Check the FIPS codes in [[areas]].",
            )
        unknown = sorted(set(area.tracts) - set(inside.index))
        if unknown:
            raise NothingThere(
                f"{write_count(len(unknown), 'tract')} in [[areas]], such as {unknown[0]}, cannot"
                f" be found in the boundary file of {campaign.vintages.boundaries}.",
                "Check the codes, or remove them.",
            )
        geoids.update(_keep_place(inside, area, places).index)

    unused = []
    for area in campaign.areas:
        outside = sorted(set(area.tracts) - geoids)
        if outside:
            verbs = ("lies", "is") if len(outside) == 1 else ("lie", "are")
            unused.append(
                f"{write_count(len(outside), 'tract')} named in [[areas]]"
                f" ({list_names(outside, _NAMED)}) {verbs[0]} outside place {area.place} of the"
                f" same area and {verbs[1]} not used. To use them, name them in an area without a"
                " place."
            )
    return boundaries[boundaries.index.isin(geoids)], unused


def _keep_place(
    inside: gpd.GeoDataFrame, area: Area, places: tuple[Pulled, ...]
) -> gpd.GeoDataFrame:
    """Keep the tracts of an area that lie in its place, by the place's polygon."""
    if not area.place:
        return inside
    outlines = pd.concat([pulled.table for pulled in places])
    place = outlines[outlines.index == area.state + area.place]
    if place.empty:
        raise NothingThere(
            f"Place {area.place} of state {area.state} is not in the boundary file.",
            "Check its FIPS code in [[areas]].",
        )
    kept = inside.loc[find_tracts_in_place(inside, place)]
    if kept.empty:
        raise NothingThere(
            f"None of the tracts of {area.label} lies in the place.",
            "Check that place, county, and tracts belong together, or name them in separate"
            " [[areas]].",
        )
    return kept


def _is_requested(geoid: str, campaign: Campaign, mapped: pd.Index) -> bool:
    """Return whether a rated tract belongs to the campaign.

    A tract without a polygon counts by its codes; it is never in a place.
    """
    return geoid in mapped or any(area.holds(geoid) and not area.place for area in campaign.areas)
