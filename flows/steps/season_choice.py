"""Choose the season model that a forecast rests on."""

from pathlib import Path

from models.curves.season_file import load_season_model
from models.curves.season_model import SeasonModel
from outreach.errors import ModelError


def find_trained(home: Path) -> Path:
    """Return the folder of trained seasons."""
    return home / "seasons"


def choose_season(home: Path, census_year: int) -> tuple[SeasonModel, tuple[str, ...]]:
    """Choose what a run's forecast rests on: the newest season trained on an earlier census, else on this very one, else the shipped one.

    Parameters
    ----------
    home
        The service's folder.
    census_year
        The census of the run.

    Returns
    -------
    tuple
        The season, and sentences that say which trained one is used, or refused and why.
    """
    shipped, notes, fitting = load_season_model(), [], []
    for path in sorted(find_trained(home).glob("*.json")):
        reason = ""
        try:
            season = load_season_model(path)
            if season.features != shipped.features:
                reason = "it was fitted on other figures than this version reads. Train it again."
            elif season.start.year <= census_year:
                fitting.append(season)
        except ModelError as error:
            reason = str(error)
        if reason:
            notes.append(f"The trained season {path.name} is not used: {reason}")
    if not fitting:
        return shipped, tuple(notes)
    chosen = max(fitting, key=lambda season: (season.start.year < census_year, season.start.year))
    notes.append(
        f"The forecast rests on the season {chosen.name} trained from this archive ({describe_training(chosen)}), not on the shipped one."
    )
    return chosen, tuple(notes)


def describe_training(season: SeasonModel) -> str:
    """Say from how many tracts and states and from which dates a season was learned."""
    told = season.provenance
    states = len(told["states"])
    return (
        f"{told['tracts_count']:,} tracts of {states} state{'s' if states != 1 else ''},"
        f" data dates {told['first_data_date']} to {told['last_data_date']}"
    )
