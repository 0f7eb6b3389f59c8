"""Hold everything that a campaign pulls, and align its data dates."""

from dataclasses import dataclass, replace

from flows.steps.indicators.read import IndicatorPull
from flows.steps.sources.pulled import Pulled, hash_table
from outreach.archive import Archive
from outreach.campaign import Campaign, merge_areas
from outreach.errors import DataError
from outreach.store import Input
from outreach.tables import Crosswalk, DataFrame

#: Dataset and year with the final rates of the census before, by census year.
_PAST_CENSUS = {2020: ("responserate2010", 2010), 2030: ("selfresponserate", 2020)}
#: What had been published by the start of a census, by census year.
_ON_THE_EVE = {
    2020: [("acs5", 2018), ("planning_database", 2020), ("responserate2010", 2010)],
}


@dataclass(frozen=True)
class Gathered:
    """All tables that were pulled for one campaign.

    For a plan, ``then`` has what was known of the tracts on the eve of the last census.
    ``indicators`` are figures that the campaign brings itself.
    """

    rates: tuple[Pulled, ...]
    profiles: tuple[Pulled, ...]
    race: tuple[Pulled, ...]
    boundaries: tuple[Pulled, ...]
    places: tuple[Pulled, ...]
    forward: DataFrame[Crosswalk] | None
    backward: DataFrame[Crosswalk] | None
    relationship: tuple[Input, ...]
    labels: tuple[Input, ...] = ()
    context: tuple[Input, ...] = ()
    then: tuple[Pulled, ...] = ()
    indicators: tuple[IndicatorPull, ...] = ()

    @property
    def sources(self) -> tuple[Input, ...]:
        """The manifest's record of each pull."""
        pulls = (*self.rates, *self.profiles, *self.then, *self.race)
        own = self.list_indicators(then=False) + self.list_indicators(then=True)
        unique = {id(pulled): pulled for pulled in (*pulls, *self.boundaries, *self.places, *own)}
        return (
            *(pulled.source for pulled in unique.values()),
            *self.relationship,
            *self.labels,
            *self.context,
        )

    def list_indicators(self, *, then: bool) -> tuple[Pulled, ...]:
        """Return the figures of the campaign's own files: of now, or of the last census's eve."""
        pulls = [pull.then if then else pull.now for pull in self.indicators]
        return tuple(pulled for pulled in pulls if pulled is not None)


def list_predictors(campaign: Campaign) -> list[tuple[str, int]]:
    """List the predictor datasets and years of a campaign, the most trusted first."""
    predictors = [
        ("acs5", campaign.vintages.acs),
        ("planning_database", campaign.vintages.planning_database),
        *[past for past in (_PAST_CENSUS.get(campaign.census_year),) if past],
    ]
    return [(name, year) for name, year in predictors if year]


def list_then(campaign: Campaign) -> list[tuple[str, int]]:
    """List what was published of the tracts on the eve of the last census, for a plan.

    That is the newest ACS and planning database of then, and the final rates of the census before.
    """
    return _ON_THE_EVE[campaign.last_census] if campaign.is_plan else []


def align_dates(
    pulls: tuple[Pulled, ...], campaign: Campaign, archive: Archive
) -> tuple[Pulled, ...]:
    """Bring all areas to the newest data date that each of them has.

    Rates of different days are never ranked together.

    Raises
    ------
    DataError
        An area has a newer date than the others, and the archive does not have the common one.
    """
    common = min(pulled.table["data_date"].max() for pulled in pulls)
    aligned = []
    for area, pulled in zip(merge_areas(campaign.areas), pulls, strict=True):
        newest = pulled.table["data_date"].max()
        if newest == common:
            aligned.append(pulled)
            continue
        older = archive.read(area.codes, on=common.date())
        if older.empty:
            raise DataError(
                f"The rates of {area.label} are of {newest.date()}, but those of another area are"
                f" of {common.date()}.",
                "Run again when all are published, or use --date with a date that the archive has"
                " for all areas.",
            )
        source = pulled.source.model_copy(
            update={
                "data_date": common.date(),
                "rows": len(older),
                "sha256": hash_table(older),
                "note": "older date, from the archive",
            }
        )
        aligned.append(replace(pulled, table=older, source=source))
    return tuple(aligned)
