"""Price the additional responses of a test.

A cost per response is money over responses, so each cost stands for one effect. The range holds the
costs whose effects the test of randomization does not reject: it is that test, inverted for the
cost. Where no effect at all is not rejected, no cost is too high, and the range has no upper end.
"""

from dataclasses import dataclass

_CENTS = 2


@dataclass(frozen=True, slots=True)
class ResponseCost:
    """What an additional response cost, in US dollars.

    ``None`` where there were no additional responses, or fewer responses than without ads.
    """

    low_usd: float | None
    middle_usd: float | None
    high_usd: float | None


def price_responses(spent_usd: float, low: float, middle: float, high: float) -> ResponseCost:
    """Divide what was spent by the additional responses.

    Parameters
    ----------
    spent_usd
        Money spent on the treated units, USD.
    low, middle, high
        Additional responses and their interval; the low end of the cost comes from the high end of
        the responses.
    """
    costs = (
        round(spent_usd / count, _CENTS) if count > 0 else None for count in (high, middle, low)
    )
    return ResponseCost(*costs)
