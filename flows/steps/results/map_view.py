"""Put together what the map of a run shows."""

from collections.abc import Sequence

import pandas as pd

from flows.steps.indicators.present import add_words, make_layers
from flows.steps.sources.districts import MapDistricts
from maps.run.inputs import Basemap, MapView
from models.curves.season_file import load_season_model
from outreach.campaign import Campaign
from outreach.catalog import Words, read_all
from outreach.tables import (
    DataFrame,
    ResponseRates,
    Scores,
    Targets,
    Tracts,
    as_geo_table,
    as_table,
)


def make_map_view(
    tracts: DataFrame[Tracts],
    scores: DataFrame[Scores],
    targets: DataFrame[Targets] | None,
    campaign: Campaign,
    history: pd.DataFrame | None = None,
    band: pd.DataFrame | None = None,
    districts: MapDistricts | None = None,
    comparable: pd.DataFrame | None = None,
) -> MapView:
    """Return the view of a run for its map and pictures.

    Parameters
    ----------
    tracts, scores
        Tables of the run.
    targets
        The target list; ``None`` if the plan is not public.
    campaign
        Names the title, the goal, and the deadline.
    history
        Rates of the season so far.
    band
        The own-start band of each tract.
    districts
        Their outlines and parts of tracts.
    comparable
        The tracts most similar to each.
    """
    requested = campaign.map
    events = load_season_model().events
    return MapView(
        title=campaign.name,
        data_date=scores["data_date"].max().date(),
        census_year=campaign.census_year,
        goal_share=campaign.goal_share,
        tracts=as_geo_table(tracts, Tracts),
        scores=as_table(scores, Scores),
        targets=None if targets is None else as_table(targets, Targets),
        history=None if history is None else as_table(history, ResponseRates),
        band=band,
        districts=None if districts is None else districts.outlines,
        parts=None if districts is None else districts.parts,
        pages=None if districts is None else districts.pages,
        home="" if districts is None else districts.home,
        comparable=comparable,
        events=tuple(event for event in events if event.first.year == campaign.census_year),
        deadline=campaign.deadline,
        basemap=Basemap(requested.basemap, requested.basemap_credit) if requested.basemap else None,
        languages=read_campaign_words(campaign),
        layers=make_layers(campaign.indicators),
    )


def read_campaign_words(campaign: Campaign, languages: Sequence[str] = ()) -> tuple[Words, ...]:
    """Return the catalogs for the map of a campaign, with the words of its plan and indicators.

    Parameters
    ----------
    campaign
        The campaign of a run.
    languages
        Codes of catalogs, the first one first; by default all.
    """
    catalogs = read_all(languages) if languages else read_all()
    return tuple(
        add_words(
            words.plan(campaign.census_year, campaign.last_census) if campaign.is_plan else words,
            campaign.indicators,
        )
        for words in catalogs
    )
