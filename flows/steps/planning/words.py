"""Choose the scores of a campaign, with the words of its phase."""

from flows.steps.planning.phase import name_years
from models.planning.wording import word_scores
from models.scores.score import Score
from models.targeting.priority import find_scores
from outreach.campaign import Campaign


def choose_scores(campaign: Campaign) -> dict[str, Score]:
    """Return every score by name; those of a plan say what is expected."""
    scores = find_scores()
    return word_scores(scores, name_years(campaign)) if campaign.is_plan else scores
