"""Invent small cities with small tracts, and publish a season of eight weeks."""

import dataclasses
import datetime as dt
import json
from collections.abc import Callable

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from maps.run.inputs import MapView
from maps.run.page import describe_view
from outreach.arrays import Floats
from outreach.catalog import read_words
from outreach.reports.data.inputs import ReportView
from outreach.reports.data.metrics import measure_districts
from outreach.reports.data.sums import GROUPS
from outreach.reports.open_data.redact import Publication, make_public
from outreach.reports.open_data.register import DisclosureRegister
from outreach.reports.open_data.tables import prepare_districts, prepare_tracts
from outreach.reports.pages.index import describe_whole
from outreach.tables import (
    Crosswalk,
    DataFrame,
    DistrictShapes,
    ResponseRates,
    Scores,
    Tracts,
    as_geo_table,
    as_table,
)

WEEKS = 8
KINDS = {"Ward": 2, "Beat": 3}
START = dt.date(2020, 4, 3)


@dataclasses.dataclass(frozen=True)
class PublishedWeek:
    """What the public gets of one kind of district in one week.

    Parameters
    ----------
    tracts, districts
        The tables of the open data, by key.
    lead
        The sentence of the index about all districts together.
    tract_map
        What the map shows, as its page holds it.
    crosswalk
        How the published figures split tracts.
    """

    tracts: pd.DataFrame
    districts: pd.DataFrame
    lead: str
    tract_map: str
    crosswalk: DataFrame[Crosswalk]


def make_season(seed: int) -> list[list[ReportView]]:
    """Make a city's eight weeks, each with its kinds of district.

    One to three tracts have so few households that they are hidden. Others become small late in the
    season, when nearly everybody has responded. In some cities the survey is replaced halfway, so
    that a hidden tract grows.
    """
    rng = np.random.default_rng(seed)
    count = int(rng.integers(6, 13))
    households = rng.integers(120, 900, count).astype(float)
    small = rng.choice(count, int(rng.integers(1, 4)), replace=False)
    households[small] = rng.integers(1, 95, len(small))
    ends = rng.uniform(0.45, 0.93, count)
    late = rng.choice(count, 1)
    ends[late] = rng.uniform(0.93, 0.99)
    crosswalks = {kind: _split(rng, count, number, kind) for kind, number in KINDS.items()}

    # A third of the counts of groups are small, some are 0; a generator of their own draws them.
    others = np.random.default_rng([seed, 1])
    groups = {
        name: np.floor(households * others.choice([0.0, 0.01, 0.08], count))
        for name in GROUPS.values()
    }

    season, rates = [], []
    replaced = rng.random() < 0.3
    for week in range(WEEKS):
        share = np.round(ends * (1 - np.exp(-(week + 1.5) / 2.5)), 3)
        rates.append(share)
        if replaced and week == WEEKS // 2:
            households = households + rng.integers(0, 30, count)
        date = START + dt.timedelta(days=7 * week)
        views = [_make_view(kind, date, households, rates, crosswalks[kind]) for kind in crosswalks]
        season.append([_add_groups(view, groups) for view in views])
    return season


def publish_season(
    season: list[list[ReportView]],
    spoil: Callable[[Publication, ReportView], Publication] | None = None,
    *,
    remember: bool = True,
) -> list[list[PublishedWeek]]:
    """Publish every week of a city, and return what the public gets.

    Parameters
    ----------
    season
        From :func:`make_season`.
    spoil
        Puts a leak into a publication, to show that the attack finds it.
    remember
        Whether the register is kept from week to week.
    """
    register, published = DisclosureRegister(), []
    for week, views in enumerate(season):
        before = season[week - 1] if week else None
        register = (register if remember else DisclosureRegister()).extend(
            [*views, *(before or [])]
        )
        kinds = []
        for place, view in enumerate(views):
            then = before[place] if before else None
            publication = make_public(view, then, test_running=True, register=register)
            if spoil is not None:
                publication = spoil(publication, view)
            kinds.append(
                PublishedWeek(
                    pd.DataFrame(prepare_tracts(publication)).set_index("geoid"),
                    pd.DataFrame(prepare_districts(publication)).set_index("district_id"),
                    describe_whole(publication.figures, read_words("en")),
                    _describe_map(publication.view),
                    publication.view.crosswalk,
                )
            )
        published.append(kinds)
    return published


def leak_groups(publication: Publication, view: ReportView) -> Publication:
    """Show the counts of groups of households as they are, as a publication once did."""
    tracts, names = publication.view.tracts.copy(), list(GROUPS.values())
    shown = ~tracts.index.isin(list(publication.hidden))
    tracts.loc[shown, names] = view.tracts.loc[shown, names]
    leak = dataclasses.replace(publication.view, tracts=as_geo_table(tracts, Tracts))
    return dataclasses.replace(publication, view=leak, figures=measure_districts(leak))


def change_groups(season: list[list[ReportView]], step: int) -> list[list[ReportView]]:
    """Change every count of 1 to 9 of a group of households to another one of 1 to 9.

    Parameters
    ----------
    season
        From :func:`make_season`.
    step
        How much is added, 1 to 8; 9 is followed by 1.
    """
    return [[_change_groups(view, step) for view in views] for views in season]


def _change_groups(view: ReportView, step: int) -> ReportView:
    """Change the small counts of one view."""
    groups = {}
    for name in GROUPS.values():
        counts = view.tracts[name]
        groups[name] = counts.mask(counts.between(1, 9), (counts - 1 + step) % 9 + 1).to_numpy()
    return _add_groups(view, groups)


def _add_groups(view: ReportView, groups: dict[str, Floats]) -> ReportView:
    """Give the tracts of a view their counts of groups of households."""
    tracts = as_geo_table(view.tracts.assign(**groups), Tracts)
    return dataclasses.replace(view, tracts=tracts)


def _describe_map(view: ReportView) -> str:
    """Return all that the public map of a view shows."""
    map_view = MapView(
        title=view.title,
        data_date=view.data_date,
        census_year=view.census_year,
        goal_share=view.goal_share,
        tracts=view.tracts,
        scores=view.scores,
        targets=None,
    )
    return json.dumps(describe_view(map_view))


def leak_district_shares(publication: Publication, view: ReportView) -> Publication:
    """Take the rates of districts with the hidden tracts in, as a publication once did."""
    table = publication.figures.table.copy()
    table["cumulative_share"] = _measure_leak(publication, view)["cumulative_share"]
    return dataclasses.replace(
        publication, figures=dataclasses.replace(publication.figures, table=table)
    )


def leak_district_counts(publication: Publication, view: ReportView) -> Publication:
    """Take the counts of districts with the hidden tracts in."""
    table, leak = publication.figures.table.copy(), _measure_leak(publication, view)
    for name in ("households_count", "missing_count"):
        table[name] = leak[name]
    return dataclasses.replace(
        publication, figures=dataclasses.replace(publication.figures, table=table)
    )


def _measure_leak(publication: Publication, view: ReportView) -> pd.DataFrame:
    """Measure districts with the hidden tracts in, tracts split as in the publication."""
    crosswalk = publication.view.crosswalk
    return measure_districts(dataclasses.replace(view, crosswalk=crosswalk)).table


def _make_view(
    kind: str,
    date: dt.date,
    households: Floats,
    rates: list[Floats],
    crosswalk: DataFrame[Crosswalk],
) -> ReportView:
    """Make what the reports of one week and one kind of district show."""
    count = len(households)
    geoids = pd.Index([f"99001{number:04d}00" for number in range(1, count + 1)], name="geoid")
    boxes = [shapely.box(x / 100, 0, (x + 1) / 100, 0.01) for x in range(count)]
    tracts = gpd.GeoDataFrame(
        {
            "name": [str(number) for number in range(1, count + 1)],
            "status": "rated",
            "land_km2": 1.0,
            "data_date": pd.Timestamp(date),
            "cumulative_share": rates[-1],
            "internet_share": np.round(rates[-1] * 0.8, 3),
            "households_count": households,
            "housing_units_count": households + 3,
        },
        index=geoids,
        geometry=boxes,
        crs="EPSG:4326",
    )
    history = [
        pd.DataFrame(
            {
                "data_date": pd.Timestamp(START + dt.timedelta(days=7 * week)),
                "cumulative_share": share,
            },
            index=geoids,
        )
        for week, share in enumerate(rates)
    ]
    names = sorted(set(crosswalk["target"]))
    outline = shapely.box(0, 0, count / 100, 0.01)
    districts = gpd.GeoDataFrame(
        {"name": [f"{kind} {name}" for name in names]},
        index=pd.Index(names, name="district_id"),
        geometry=[outline] * len(names),
        crs="EPSG:4326",
    )
    scores = pd.DataFrame({"data_date": pd.Timestamp(date)}, index=geoids)
    return ReportView(
        title="Invented city",
        kind=kind,
        data_date=date,
        deadline=dt.date(2020, 7, 31),
        goal_share=0.75,
        census_year=2020,
        tracts=as_geo_table(tracts, Tracts),
        scores=as_table(scores, Scores),
        districts=as_geo_table(districts, DistrictShapes),
        crosswalk=crosswalk,
        history=as_table(pd.concat(history), ResponseRates),
    )


def _split(rng: np.random.Generator, count: int, number: int, kind: str) -> DataFrame[Crosswalk]:
    """Give each tract to a district, and a third of them to two."""
    rows = []
    for tract in range(1, count + 1):
        first, second = rng.choice(number, 2, replace=False)
        weight = float(np.round(rng.uniform(0.02, 0.5), 3)) if rng.random() < 1 / 3 else 0.0
        shares = {first: 1 - weight, second: weight}
        geoid = f"99001{tract:04d}00"
        rows += [(geoid, f"{kind[0]}{place}", share) for place, share in shares.items() if share]
    table = pd.DataFrame(rows, columns=["source", "target", "weight"]).assign(
        unit="households", method="user", source_kind="tract2020", target_kind=kind
    )
    return as_table(table, Crosswalk)
