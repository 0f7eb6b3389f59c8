"""Read what each format of ads costs, reaches, and wins by default."""

import tomllib
from collections.abc import Iterable
from functools import cache
from importlib import resources

from pydantic import BaseModel, ConfigDict

from outreach.evidence import Fact

#: Least plausible, default, and largest plausible value of a figure.
Span = tuple[float, float, float]
#: The format of a platform that no format names.
_USUAL = "display"
#: The platform whose ads are priced where a campaign names none that sells ads.
_PRICED = "meta"


class AdFormat(BaseModel):
    """A kind of ads, as its platforms sell it.

    Parameters
    ----------
    title
        What people call it.
    platforms
        Names of the platforms that sell it.
    cpm_usd
        Price of 1,000 impressions in US dollars, without fees.
    click_share
        Clicks per impression, 0-1.
    penetration_share
        Share of online households that can see such ads, 0-1.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    platforms: tuple[str, ...]
    cpm_usd: Fact[Span]
    click_share: Fact[Span]
    penetration_share: Fact[Span]

    @property
    def default_cpm_usd(self) -> float:
        """The default price of 1,000 impressions in US dollars, without fees."""
        return self.cpm_usd.value[1]


@cache
def read_ad_formats() -> dict[str, AdFormat]:
    """Return every format by its name, in the order of the file."""
    text = resources.files("outreach.campaign").joinpath("ad_formats.toml").read_text("utf-8")
    return {name: AdFormat.model_validate(facts) for name, facts in tomllib.loads(text).items()}


def list_formats(platform: str) -> tuple[str, ...]:
    """Return the formats that a platform sells, its default first.

    A file for platforms that this service does not know by name sells none of its own.
    """
    return tuple(name for name, each in read_ad_formats().items() if platform in each.platforms)


def choose_format(platform: str, requested: str | None = None) -> str:
    """Return the format of a platform's ads: the requested one, or its default.

    Raises
    ------
    ValueError
        There is no such format, or the platform does not sell it; the sentence has the choices.
    """
    sold = list_formats(platform)
    choices = sold or tuple(read_ad_formats())
    if requested is None:
        return next(iter(sold), _USUAL)
    if requested not in choices:
        raise ValueError(
            f"{platform} has no ads of the format '{requested}'; choose from {', '.join(choices)}"
        )
    return requested


def find_priced_platform(platforms: Iterable[str]) -> str:
    """Return the first platform that sells ads by its own name, else that of social media."""
    return next((name for name in platforms if list_formats(name)), _PRICED)
