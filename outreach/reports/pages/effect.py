"""The page of one read-out: estimate, range and placebo in a picture, what they mean, and how they were made."""

from dataclasses import dataclass

from outreach.reports.pages.district import Card, Frame
from outreach.reports.pages.render import render_page
from outreach.reports.text.catalog import Words, read_words
from outreach.reports.text.test_result import Readout, ends, say_cost_range, say_points

_DECIMALS = 2
#: The picture of the estimates, in pixels.
_WIDTH, _LEFT, _RIGHT, _TOP, _ROW = 640, 150, 20, 18, 44
_MOST_TICKS = 7


@dataclass(frozen=True, slots=True)
class Row:
    """An estimate in the picture: its name, where it lies and its ends, in pixels."""

    name: str
    at: float
    low: float
    middle: float
    high: float


@dataclass(frozen=True, slots=True)
class Picture:
    """The estimates along one axis, in pixels."""

    rows: tuple[Row, ...]
    ticks: tuple[tuple[float, str], ...]
    zero: float
    mde: float | None
    width: int
    height: int
    bottom: int
    alt: str


def write_effect_page(readout: Readout) -> str:
    """Return the page of one read-out."""
    words = read_words("en")
    verdict, *further = readout.lines()
    made = words.say("page.made", date=words.date(readout.made_at.date()), run=readout.run_id)
    return render_page(
        "effect",
        words,
        title=f"What the ads did: {readout.campaign}",
        view={"data_date": readout.reading.last, "source": "U.S. Census Bureau, published self-response rates by tract, as archived"},
        frame=Frame(made=made),
        readout=readout,
        hero=words.bare_points(readout.reading.effect.middle or 0.0, _DECIMALS),
        verdict=verdict,
        further=further,
        cards=_list_cards(readout, words),
        picture=draw_picture(readout),
        method=_tell_method(readout),
    )  # fmt: skip


def draw_picture(readout: Readout) -> Picture:
    """Place the estimates of the flight and of the window before it along one axis that holds zero."""
    readings = {"Flight": readout.reading} | (
        {"Before, no ads": readout.placebo} if readout.placebo else {}
    )
    edges = [value for reading in readings.values() for value in ends(reading.effect)]
    reach = max(*map(abs, edges), readout.mde_share or 0.0, 1e-4) * 1.08

    def across(share: float) -> float:
        return round(_LEFT + (share + reach) / (2 * reach) * (_WIDTH - _LEFT - _RIGHT), 1)

    rows = tuple(
        Row(
            name,
            _TOP + _ROW * number + _ROW / 2,
            *(across(value) for value in ends(reading.effect)),
        )
        for number, (name, reading) in enumerate(readings.items())
    )
    step = next(
        size
        for ten in range(-4, 3)
        for size in (10.0**ten, 2 * 10.0**ten, 5 * 10.0**ten)
        if 200 * reach / size < _MOST_TICKS
    )
    marks = [
        step * number
        for number in range(-_MOST_TICKS, _MOST_TICKS + 1)
        if abs(step * number) <= 100 * reach
    ]
    mde = readout.mde_share
    bottom = _TOP + _ROW * len(rows)
    told = "; ".join(
        f"{name}: {say_points(reading.effect.middle)}, from {say_points(reading.effect.low)} to {say_points(reading.effect.high)}"
        for name, reading in readings.items()
    )
    return Picture(
        rows=rows,
        ticks=tuple((across(mark / 100), f"{mark:+g}" if mark else "0") for mark in marks),
        zero=across(0.0),
        mde=None if mde is None else across(mde),
        width=_WIDTH,
        height=bottom + 24,
        bottom=bottom,
        alt=f"Estimates with their ranges, in points of the response rate. {told}.",
    )  # fmt: skip


def _list_cards(readout: Readout, words: Words) -> list[Card]:
    """Return the figures that stand in boxes."""
    low, middle, high = (words.change(value) for value in ends(readout.responses))
    cost, mde = readout.cost_usd, readout.mde_share
    units = readout.units_count
    return [
        Card("Extra responses", middle, f"households, from {low} to {high}"),
        Card(
            "Cost of each",
            words.price(cost.middle) if cost.middle else "not known",
            say_cost_range(cost, words),
        ),
        Card(
            "Minimum detectable effect",
            "not known" if mde is None else f"{100 * mde:.2f} points",
            "by the plan, found 4 times in 5",
        ),
        Card(
            "Units with ads",
            f"{units['treat']:,}",
            f"{readout.treated_households_count:,.0f} households",
        ),
        Card(
            "Units held out",
            f"{units['holdout']:,}",
            f"and {units['buffer']:,} buffers, which are not compared",
        ),
        Card(
            "p-value",
            "withheld" if readout.reading.p_value is None else f"{readout.reading.p_value:.3f}",
            f"two-sided, from {readout.draws_count:,} re-draws of the arms",
        ),
    ]


def _tell_method(readout: Readout) -> list[str]:
    """Say how the figures were made."""
    return [
        f"Plan {readout.plan_digest[:16]}, drawn in run {readout.drawn_by}; flight from {readout.flight_start} to {readout.flight_end}.",
        f"Outcome, as planned: {readout.outcome}; here from {readout.reading.first} to {readout.reading.last}.",
        f"Method, as planned: {readout.plan_method}.",
        f"Counted by: {readout.method}; {readout.draws_count:,} re-draws of the arms with seed {readout.draws_seed}.",
        f"{readout.tracts_count:,} tracts stand behind the units; effect.json has every figure, what was left out and the versions.",
    ]
