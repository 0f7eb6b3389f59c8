"""Choose the season model that a forecast rests on."""

from pathlib import Path

from models.curves.season_file import load_season_model
from models.curves.season_model import SeasonModel
from outreach.errors import ModelError
from outreach.phrasing import write_count


def find_trained(home: Path) -> Path:
    """Return the folder of trained season models."""
    return home / "seasons"


def choose_season(home: Path, census_year: int) -> tuple[SeasonModel, tuple[str, ...]]:
    """Choose the newest season model trained on an earlier census.

    Without one, it is a model trained on the run's own census, or else the shipped one.

    Parameters
    ----------
    home
        The service's folder.
    census_year
        The census of the run.

    Returns
    -------
    season_model : SeasonModel
        The chosen one.
    notes : tuple of str
        Which trained model is used, and which is refused and why.
    """
    shipped, notes, usable = load_season_model(), [], []
    for path in sorted(find_trained(home).glob("*.json")):
        reason = ""
        try:
            season = load_season_model(path)
            if season.features != shipped.features:
                reason = "it was fitted on other features than this version uses. Train it again."
            elif season.start.year <= census_year:
                usable.append(season)
        except ModelError as error:
            reason = str(error)
        if reason:
            notes.append(f"The trained season model {path.name} is not used: {reason}")
    if not usable:
        return shipped, tuple(notes)
    chosen = max(usable, key=lambda season: (season.start.year < census_year, season.start.year))
    notes.append(
        f"The forecast rests on the season {chosen.name}, trained from this archive"
        f" ({describe_training(chosen)}), in place of the shipped one."
    )
    return chosen, tuple(notes)


def describe_training(season: SeasonModel) -> str:
    """Say how many tracts and states, and which dates, a season was learned from."""
    facts = season.provenance
    return (
        f"{write_count(facts['tracts_count'], 'tract')} of"
        f" {write_count(len(facts['states']), 'state')}, data dates {facts['first_data_date']} to"
        f" {facts['last_data_date']}"
    )
