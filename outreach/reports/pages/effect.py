"""Write the page of a test result: estimate, range, placebo and method."""

from outreach.catalog import Words, read_words
from outreach.reports.charts.estimates import draw_estimates
from outreach.reports.pages.cards import Card
from outreach.reports.pages.frame import Frame
from outreach.reports.pages.render import render_page
from outreach.reports.text.test_result import Readout, describe_cost_range
from outreach.units import Arm

_DECIMALS = 2
_SOURCE = "U.S. Census Bureau, published self-response rates by tract, as archived"


def write_effect_page(readout: Readout) -> str:
    """Return the page, one HTML file that needs no other file."""
    words = read_words("en")
    verdict, *details = readout.lines()
    made = words.say("page.made", date=words.date(readout.made_at.date()), run=readout.run_id)
    return render_page(
        "effect",
        words,
        title=f"What the ads did: {readout.campaign}",
        view={"data_date": readout.flight.last, "source": _SOURCE},
        frame=Frame(made=made),
        readout=readout,
        hero=words.bare_points(readout.flight.effect.middle or 0.0, _DECIMALS),
        verdict=verdict,
        details=details,
        cards=_list_cards(readout, words),
        chart=draw_estimates(readout),
        method=_describe_method(readout),
    )


def _list_cards(readout: Readout, words: Words) -> list[Card]:
    """Return the figures in boxes."""
    low, middle, high = (words.change(value) for value in readout.responses.values())
    cost, mde, units = readout.cost_usd, readout.mde_share, readout.units_count
    p_value = readout.flight.p_value
    return [
        Card("Extra responses", middle, f"households, range {low} to {high}"),
        Card(
            "Cost per response",
            words.price(cost.middle) if cost.middle else "unknown",
            describe_cost_range(cost, words),
        ),
        Card(
            "Minimum detectable effect",
            "unknown" if mde is None else f"{100 * mde:.2f} points",
            "in the test plan, found 4 times in 5",
        ),
        Card(
            "Units with ads",
            f"{units[Arm.TREAT]:,}",
            f"{readout.treated_households_count:,.0f} households",
        ),
        Card(
            "Held-out units",
            f"{units[Arm.HOLDOUT]:,}",
            f"and {units[Arm.BUFFER]:,} buffers, which are not compared",
        ),
        Card(
            "p-value",
            "withheld" if p_value is None else f"{p_value:.3f}",
            f"two-sided, from {readout.permutations_count:,} permutations of the arms",
        ),
    ]


def _describe_method(readout: Readout) -> list[str]:
    """Say how the figures were computed."""
    permutations = f"{readout.permutations_count:,} permutations of the arms"
    window = f"from {readout.flight.first} to {readout.flight.last}"
    return [
        f"Test plan {readout.plan_digest[:16]}, randomized in run {readout.design_run_id}.",
        f"Flight from {readout.flight_start} to {readout.flight_end}.",
        f"Outcome, as planned: {readout.outcome}; here {window}.",
        f"Method, as planned: {readout.plan_method}.",
        f"Computed by: {readout.method}; {permutations} with seed {readout.permutation_seed}.",
        f"The units cover {readout.tracts_count:,} tracts.",
        "The file effect.json has every figure, what was left out, and the versions.",
    ]
