"""Describe a job of the nation: what its lists rest on, and what to know about them."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flows.steps.nation.held import HeldCounty, name_sources
from flows.steps.nation.parts import ListedState
from models.curves.season_model import SeasonModel
from outreach import __version__
from outreach.counties import name_county
from outreach.phrasing import list_names, write_count, write_date

#: Most counties that a note names.
_NAMED = 3


@dataclass(frozen=True)
class NationSummary:
    """What was listed: folder, counts, days, and how many states earlier jobs had listed."""

    folder: Path
    first_date: dt.date
    last_date: dt.date
    states: int
    counties: int
    tracts: int
    listed: int
    reused: int
    notes: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """What was listed, and where the lists are."""
        days = write_date(self.last_date)
        if self.first_date != self.last_date:
            days = f"{write_date(self.first_date)} to {days}"
        return (
            f"{write_count(self.counties, 'county', 'counties')} of"
            f" {write_count(self.states, 'state')}, data of {days}:"
            f" {write_count(self.listed, 'tract')} of {self.tracts:,} listed in"
            f" {self.folder / 'lists'}"
        )

    @property
    def remarks(self) -> tuple[str, ...]:
        """What was not computed again, and what to know about the lists."""
        if not self.reused:
            return self.notes
        states = write_count(self.reused, "state")
        return (f"{states} had been listed from the same rates and predictors.", *self.notes)


def describe_held(held: Mapping[str, HeldCounty], states: int) -> list[str]:
    """Say which counties rest on predictors, and what is missing of them, each thing once."""
    if not held:
        return ["No run holds the predictors of a whole county, so all lists rest on rates alone."]
    counties = write_count(len(held), "county", "counties")
    named = list_names([name_county(code) or code for code in held], _NAMED)
    return [
        (
            f"The lists of {counties} rest on predictors, too, in the order of the campaign of the"
            f" newest run that has all their tracts: {named}. All others of"
            f" {write_count(states, 'state')} rest on rates alone."
        ),
        *name_sources(list(held.values())),
    ]


def describe_hindsight(season_model: SeasonModel, census_year: int) -> list[str]:
    """Say that the forecast knows how the listed season ended, where it does."""
    if season_model.start.year != census_year:
        return []
    note = (
        f"Hindsight: the season model {season_model.name} was fitted on final rates of this very"
        " season. The forecast shows how the service works and is no promise."
    )
    return [note]


def describe_job(
    listed: Sequence[ListedState],
    held: Mapping[str, HeldCounty],
    list_share: float,
    through: dt.date,
) -> dict[str, Any]:
    """Return the record of a job: what, from which days, how, and what to know about it."""
    notes: dict[str, list[str]] = {}
    for lists in listed:
        for note in lists.notes:
            notes.setdefault(note, []).append(lists.state)
    return {
        "made_by": f"census-outreach {__version__}",
        "through": through.isoformat(),
        "list_share": list_share,
        "order": "the lowest expected rate of a county first, without a forecast the lowest rate;"
        " so a run of a place without predictors orders its list; counties with predictors in the"
        " order of the campaign of their run",
        "predictors": {code: county.run_id for code, county in sorted(held.items())},
        "data_dates": {lists.state: lists.data_date.isoformat() for lists in listed},
        "notes": notes,
    }
