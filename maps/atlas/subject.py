"""Declare what an atlas shows: published rates, or what plans expect."""

from dataclasses import dataclass, replace

from maps.layer import Layer
from maps.layers import change_month, change_week, hard_to_count, internet, rate, rate_2020


@dataclass(frozen=True, slots=True)
class Figure:
    """A column of the tables of an atlas.

    Parameters
    ----------
    column
        Its name in the tables; the ending is the unit.
    word
        Its heading, ``atlas.column_<word>`` in the catalogs.
    """

    column: str
    word: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What the pages of an atlas show.

    Parameters
    ----------
    tracts, counties
        The columns of their tables, ``cumulative_share`` first.
    layers
        What a reader can color by, by the name of the words.
    coming
        The census that is planned for; 0 for published rates.
    """

    tracts: tuple[Figure, ...]
    counties: tuple[Figure, ...]
    layers: dict[str, Layer]
    coming: int = 0


_RATES = (
    Figure("cumulative_share", "rate"),
    Figure("change_7_points", "7"),
    Figure("change_28_points", "28"),
    Figure("internet_share", "online"),
)

#: Published rates of a season.
RATES = Subject(
    tracts=_RATES,
    counties=_RATES,
    layers={
        "rate": rate.LAYER,
        "internet": internet.LAYER,
        "change_week": change_week.LAYER,
        "change_month": change_month.LAYER,
    },
)


def show_plan(coming: int) -> Subject:
    """Return what an atlas shows of plans for a census, beside the final rate of the one before."""
    last = f"final_{coming - 10}_share"
    shared = (
        Figure("cumulative_share", "rate"),
        Figure("missing_households_count", "missing"),
        Figure("final_low80_share", "low"),
        Figure("final_high80_share", "high"),
        Figure(last, "last"),
    )
    return Subject(
        tracts=(*shared, Figure("hard_to_count_class", "class")),
        counties=(*shared, Figure("hard_tracts_count", "hard")),
        layers={
            "rate": rate.LAYER,
            "hard_to_count": replace(hard_to_count.LAYER, column="cumulative_share"),
            f"rate_{coming - 10}": replace(rate_2020.LAYER, column=last),
        },
        coming=coming,
    )
