"""Gathering: everything that a campaign pulls, as one value, and its join into tracts."""

from dataclasses import dataclass, replace

from flows.steps.pulled import Pulled, hash_table
from outreach.archive import Archive
from outreach.campaign import Campaign
from outreach.errors import DataError
from outreach.store import Input
from outreach.tables import Crosswalk, DataFrame


@dataclass(frozen=True)
class Gathered:
    """All tables that were pulled for one campaign."""

    rates: tuple[Pulled, ...]
    profiles: tuple[Pulled, ...]
    race: tuple[Pulled, ...]
    boundaries: tuple[Pulled, ...]
    places: tuple[Pulled, ...]
    forward: DataFrame[Crosswalk] | None
    backward: DataFrame[Crosswalk] | None
    relationship: tuple[Input, ...]

    @property
    def sources(self) -> tuple[Input, ...]:
        """The manifest's line about each."""
        pulls = (*self.rates, *self.profiles, *self.race, *self.boundaries, *self.places)
        return (*(pulled.source for pulled in pulls), *self.relationship)


def list_predictors(campaign: Campaign) -> list[tuple[str, int]]:
    """Name the predictor datasets and years that a campaign wants, the most trusted first."""
    wanted = [
        ("acs5", campaign.vintages.acs),
        ("planning_database", campaign.vintages.planning_database),
        ("responserate2010", 2010 if campaign.census_year > 2010 else 0),  # noqa: PLR2004  the census before
    ]
    return [(name, year) for name, year in wanted if year]


def align_dates(
    pulls: tuple[Pulled, ...], campaign: Campaign, archive: Archive
) -> tuple[Pulled, ...]:
    """Bring all areas to the newest data date that every one of them has; rates of different days are never ranked together.

    Raises
    ------
    DataError
        An area was published with a newer date than the others and the archive does not hold the
        common one.
    """
    common = min(pulled.table["data_date"].max() for pulled in pulls)
    aligned = []
    for area, pulled in zip(campaign.areas, pulls, strict=True):
        newest = pulled.table["data_date"].max()
        if newest == common:
            aligned.append(pulled)
            continue
        older = archive.read(area.codes, on=common.date())
        if older.empty:
            raise DataError(
                f"The rates of {area.label} are of {newest.date()}, those of another area still of {common.date()}.",
                "Run again when all are published, or choose a date that the archive has for all with --date.",
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
