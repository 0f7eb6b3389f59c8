"""Draw the people of the invented county.

Neighborhood factors vary smoothly in space. They are drawn for every block, so that tracts of
either vintage average the same people.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from outreach.arrays import Floats

#: Spoken languages and their usual weight.
LANGUAGES = {
    "spanish": 6,
    "french": 0.6,
    "german": 0.2,
    "slavic": 1.2,
    "indo": 1.0,
    "korean": 0.5,
    "chinese": 1.0,
    "vietnamese": 0.5,
    "tagalog": 0.5,
    "asian": 0.5,
    "arabic": 0.6,
    "other": 0.6,
}

#: By the ACS cell of each race or origin: its usual share (logit), its slope on poverty and on
#: language, and its own variation.
GROUPS = {
    "B02009_001": (-1.6, 0.5, 0.0, 1.0),
    "B02010_001": (-4.6, 0.1, 0.1, 0.4),
    "B02011_001": (-2.8, -0.2, 0.5, 0.9),
    "B02012_001": (-6.5, 0.1, 0.1, 0.4),
    "B03002_012": (-1.9, 0.2, 1.0, 0.7),
}

#: Number of cosine waves that make a smooth factor.
_WAVES = 40

DrawWave = Callable[[float, float], Floats]


@dataclass(frozen=True)
class People:
    """The people of some areas.

    Parameters
    ----------
    table
        A row for each block or tract: ``households`` and ``housing`` are counts, everything else
        is a factor (mean about 0) or a share (0-1).
    """

    table: pd.DataFrame

    def group(self, areas: "pd.Series[str]") -> "People":
        """Average blocks over areas, weighted by households; without households, a plain mean.

        Parameters
        ----------
        areas
            The area of each block.
        """
        counts = ["housing", "households"]
        weight = self.table["households"] + 1e-9
        sums = self.table.drop(columns=counts).mul(weight, axis=0).groupby(areas).sum()
        means = sums.div(weight.groupby(areas).sum(), axis=0)
        return People(means.join(self.table[counts].groupby(areas).sum()).sort_index())


def draw_people(blocks: pd.DataFrame, rng: np.random.Generator) -> People:
    """Draw who lives in each block.

    Parameters
    ----------
    blocks
        As in :class:`~outreach.sandbox.county.land.ground.CountyGround`.
    rng
        The order of the draws below fixes the county; keep it.
    """
    draw_wave = _make_wave(blocks, rng)
    table = _draw_factors(blocks, draw_wave)
    table = _add_shares(table)
    for name, usual in LANGUAGES.items():
        table[f"speaks_{name}"] = usual * np.exp(1.3 * draw_wave(4_000, 0.1))

    # A group's response follows from its factors alone: given these, membership changes nothing.
    for code, (usual, on_poverty, on_language, own) in GROUPS.items():
        factor = usual + on_poverty * table["poverty"] + on_language * table["language"]
        table[f"group_{code}"] = _to_share((factor + own * draw_wave(4_500, 0.2)).to_numpy())

    table = table.drop(columns="urban")
    table["housing"] = blocks["housing"]
    table["households"] = (blocks["housing"] * (1 - table["vacant_share"])).round()
    return People(table)


def _make_wave(blocks: pd.DataFrame, rng: np.random.Generator) -> DrawWave:
    """Return a function that draws a factor, smooth over some meters and partly rough by tract."""
    points = blocks[["x", "y"]].to_numpy()
    tract = pd.factorize(blocks["tract20"])[0]

    def draw_wave(scale_m: float, rough: float) -> Floats:
        directions = rng.normal(0, 1 / scale_m, (2, _WAVES))
        phases = rng.uniform(0, 2 * np.pi, _WAVES)
        smooth = np.cos(points @ directions + phases).sum(axis=1) * np.sqrt(2 / _WAVES)
        noise = rng.normal(0, np.sqrt(rough), tract.max() + 1)[tract]
        return np.asarray(smooth * np.sqrt(1 - rough) + noise)

    return draw_wave


def _draw_factors(blocks: pd.DataFrame, draw_wave: DrawWave) -> pd.DataFrame:
    """Draw the factors behind everything else."""
    urban = np.clip(
        1.6 - np.hypot(blocks["x"].to_numpy(), blocks["y"].to_numpy()) / 7_500, -1.3, 1.6
    )
    poverty = 0.85 * draw_wave(5_500, 0.15) + 0.30 * urban
    renter = 0.70 * urban + 0.45 * poverty + 0.45 * draw_wave(3_500, 0.4)
    language = 0.85 * draw_wave(4_500, 0.1) + 0.25 * poverty
    old = draw_wave(4_000, 0.4) - 0.35 * urban
    columns = {
        "poverty": poverty,
        "renter": renter,
        "language": language,
        "old": old,
        "unexplained": draw_wave(3_000, 0.5),
        "urban": urban,
    }
    return pd.DataFrame(columns, index=blocks.index)


def _add_shares(factors: pd.DataFrame) -> pd.DataFrame:
    """Add the shares and sizes that follow from the factors."""
    names = ("poverty", "renter", "language", "old", "urban")
    poverty, renter, language, old, urban = (factors[name].to_numpy() for name in names)
    return factors.assign(
        renter_share=_to_share(-0.65 + 0.95 * renter),
        poverty_share=_to_share(-1.95 + 0.75 * poverty),
        limited_english_share=_to_share(-2.9 + 1.15 * language),
        offline_share=_to_share(-2.0 + 0.75 * poverty + 0.15 * old),
        smartphone_only_share=_to_share(-2.4 + 0.6 * poverty),
        crowded_share=_to_share(-3.5 + 0.5 * poverty + 0.45 * language),
        mover_share=_to_share(-1.5 + 0.6 * renter - 0.2 * old),
        old_share=_to_share(-1.25 + 0.35 * old),
        large_building_share=_to_share(-2.1 + 1.3 * urban + 0.4 * renter),
        single_parent_share=_to_share(-2.5 + 0.55 * poverty),
        vacant_share=_to_share(-2.5 + 0.4 * poverty),
        income_usd=np.exp(11.05 - 0.36 * poverty - 0.08 * renter),
        household_size=np.clip(2.55 + 0.25 * language - 0.30 * urban, 1.3, 4.5),
    )


def _to_share(factor: Floats) -> Floats:
    """Return the logistic function of a factor."""
    return np.asarray(1 / (1 + np.exp(-factor)))
