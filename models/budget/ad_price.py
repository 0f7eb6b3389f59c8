"""Price the ads of a campaign: per impression and per household, fees included."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AdPrice:
    """What ads cost, and how many of them a household gets.

    Parameters
    ----------
    cpm_usd
        Price of 1,000 impressions in US dollars, before fees.
    fee_share
        Platform and agency fees on top of the media price, 0-1.
    impressions_per_household
        Ads seen by each household that can see them, on average over the whole flight.
    penetration_share
        Share of households online that can see the ads, 0-1.
    """

    cpm_usd: float
    fee_share: float
    impressions_per_household: float
    penetration_share: float = 1.0

    @property
    def impression_usd(self) -> float:
        """Price of one impression in US dollars, fees included."""
        return self.cpm_usd / 1000 * (1 + self.fee_share)

    def place_usd(self, online_share: float) -> float:
        """Price of showing a place all its ads, in US dollars for each household that lives there.

        Parameters
        ----------
        online_share
            Share of its households that are online, 0-1.
        """
        return self.household_usd * self.penetration_share * online_share

    @property
    def household_usd(self) -> float:
        """Price of showing one household all its ads, in US dollars, fees included."""
        return self.impressions_per_household * self.impression_usd
