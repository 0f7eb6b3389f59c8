"""Weigh what to do with the next weeks' money after a test: go on, move it, or stop.

The effect is unknown; what was known before (a prior) and the test's estimate give its distribution
(a posterior on a grid). The same ads at the same price for each treated household win responses in
proportion to the money. That is kind to going on: more money in the same places wins less.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from outreach.arrays import Floats
from outreach.evidence import Evidence, Status

#: What randomized ads have done in other fields, points of a rate / 100: no effect below 0 or above
#: one point was found, most are near a fifth of a point.
PRIOR_LOW, PRIOR_MODE, PRIOR_HIGH = 0.0, 0.002, 0.01
PRIOR_EVIDENCE = Evidence(
    status=Status.ASSUMED,
    source=(
        "planning prior: Hager 2019 (+0.7 point, p = 0.155), Haenschen and Jennings 2019 (+0.9 in"
        " competitive districts only), Aggarwal et al. 2023 (no mean effect), Broockman and Green"
        " 2014 (none); no randomized test of a city's ads on census response is published"
    ),
)
_STEPS = 4001


class Option(StrEnum):
    """What can be done with the money."""

    GO_ON = "go_on"
    MOVE = "move"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Prospect:
    """What an option is expected to bring.

    Parameters
    ----------
    option
        What is done.
    responses_count, low_count, high_count
        Additional responses, and the 80% range.
    gain_usd
        Expected worth of these responses minus the money.
    regret_usd
        How much worth is lost on average by choosing this without knowing the effect.
    """

    option: Option
    responses_count: float
    low_count: float
    high_count: float
    gain_usd: float
    regret_usd: float


@dataclass(frozen=True)
class Outlook:
    """What is known of the effect, and what each option is expected to bring.

    Parameters
    ----------
    mean_share, low_share, high_share
        The effect (0-1): mean of the posterior and its 80% range.
    chance_worth_share
        Probability (0-1) that a response by these ads costs less than it is worth.
    break_even_share
        The effect at which it costs just as much.
    prospects
        One for each option, the one with the largest expected gain first.
    """

    mean_share: float
    low_share: float
    high_share: float
    chance_worth_share: float
    break_even_share: float
    prospects: tuple[Prospect, ...]


def weigh_options(
    estimate_share: float,
    standard_error_share: float,
    *,
    households_per_usd: float,
    money_usd: float,
    worth_usd: float,
    other_cost_usd: float | None = None,
) -> Outlook:
    """Weigh going on, moving the money, and stopping.

    Parameters
    ----------
    estimate_share, standard_error_share
        The test's estimate of the effect (0-1) and its standard error.
    households_per_usd
        Households in units with ads for each dollar spent, as in the test.
    money_usd
        Money of the next weeks.
    worth_usd
        What one more response is worth.
    other_cost_usd
        What a response costs by other means; without it, moving the money is not weighed.

    Returns
    -------
    Outlook
        With ranges of 80%.
    """
    effects, chances = _update_prior(estimate_share, standard_error_share)
    responses = {Option.GO_ON: effects * households_per_usd * money_usd}
    responses[Option.STOP] = np.zeros_like(effects)
    if other_cost_usd is not None:
        responses[Option.MOVE] = np.full_like(effects, money_usd / other_cost_usd)
    spent = {Option.GO_ON: money_usd, Option.MOVE: money_usd, Option.STOP: 0.0}

    # The worth of each option for each effect, and what the best one would bring there.
    gains = {option: worth_usd * counts - spent[option] for option, counts in responses.items()}
    best = np.maximum.reduce(list(gains.values()))
    prospects = [
        Prospect(
            option,
            float(chances @ counts),
            _find_quantile(counts, chances, 0.1),
            _find_quantile(counts, chances, 0.9),
            float(chances @ gains[option]),
            float(chances @ (best - gains[option])),
        )
        for option, counts in responses.items()
    ]
    break_even = 1 / (households_per_usd * worth_usd)
    return Outlook(
        mean_share=float(chances @ effects),
        low_share=_find_quantile(effects, chances, 0.1),
        high_share=_find_quantile(effects, chances, 0.9),
        chance_worth_share=float(chances[effects > break_even].sum()),
        break_even_share=break_even,
        prospects=tuple(sorted(prospects, key=lambda prospect: -prospect.gain_usd)),
    )


def _update_prior(estimate_share: float, standard_error_share: float) -> tuple[Floats, Floats]:
    """Return a grid of effects and the probability of each after the test."""
    effects = np.linspace(PRIOR_LOW, PRIOR_HIGH, _STEPS)
    prior = np.interp(effects, [PRIOR_LOW, PRIOR_MODE, PRIOR_HIGH], [0.0, 1.0, 0.0])
    distance = ((effects - estimate_share) / standard_error_share) ** 2 / 2
    weights = prior * np.exp(distance.min() - distance)
    return effects, weights / weights.sum()


def _find_quantile(values: Floats, chances: Floats, level: float) -> float:
    """Return a quantile of values that rise, each with its probability."""
    place = int(np.searchsorted(np.cumsum(chances), level))
    return float(values[min(place, len(values) - 1)])
