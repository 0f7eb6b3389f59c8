"""Write the page of a test result: estimate, range, placebo and method."""

from collections.abc import Iterable, Iterator

from outreach.catalog import Words, read_all
from outreach.catalog.retell import Told, retell_all, retell_within, tell_plainly
from outreach.reports.charts.estimates import draw_estimates
from outreach.reports.pages.cards import Card
from outreach.reports.pages.frame import Origin, localize_name, make_frame
from outreach.reports.pages.render import render_page
from outreach.reports.text.result_checks import describe_cost_range
from outreach.reports.text.test_result import Readout
from outreach.units import Arm

_DECIMALS = 2
_NAME = "effect.html"


def write_effect_pages(
    readout: Readout, languages: Iterable[str] = ("en",)
) -> Iterator[tuple[str, str]]:
    """Yield file name and content of the page in each language; the first has the plain name.

    Each is one HTML file that needs no other file.
    """
    catalogs = read_all(tuple(languages))
    origin = Origin(readout.made_at.date(), readout.run_id)
    for words in catalogs:
        verdict, *details = readout.lines(words)
        yield (
            localize_name(_NAME, words, catalogs),
            render_page(
                "effect",
                words,
                title=words.say("effect.title", campaign=readout.campaign),
                date=words.date(readout.flight.last),
                frame=make_frame(_NAME, words, catalogs, origin, index=""),
                readout=readout,
                hero=words.bare_points(readout.flight.effect.middle or 0.0, _DECIMALS),
                verdict=verdict,
                details=details,
                notes=retell_all(readout.notes, words, "effect"),
                cards=_list_cards(readout, words),
                chart=draw_estimates(readout, words),
                method=_describe_method(readout, words),
            ),
        )


def _list_cards(readout: Readout, words: Words) -> list[Card]:
    """Return the figures in boxes."""
    low, middle, high = (words.change(value) for value in readout.responses.values())
    cost, mde, units = readout.cost_usd, readout.mde_share, readout.units_count
    p_value, households = readout.flight.p_value, readout.treated_households_count

    def card(key: str, figure: str, note: str = "", **values: object) -> Card:
        note = note or words.say(f"effect.card.{key}_note", **values)
        return Card(words.say(f"effect.card.{key}"), figure, note)

    unknown = words.say("effect.card.unknown")
    detectable = words.number(100 * (mde or 0.0), 2)
    return [
        card("responses", middle, low=low, high=high),
        card(
            "cost",
            words.price(cost.middle) if cost.middle else unknown,
            describe_cost_range(cost, words),
        ),
        card(
            "mde",
            unknown if mde is None else words.say("effect.card.mde_points", points=detectable),
        ),
        card("units", words.count(units[Arm.TREAT]), count=households),
        card("held", words.count(units[Arm.HOLDOUT]), count=units[Arm.BUFFER]),
        card(
            "p",
            words.say("effect.card.p_withheld") if p_value is None else words.number(p_value, 3),
            count=readout.permutations_count,
        ),
    ]


def _describe_method(readout: Readout, words: Words) -> list[Told]:
    """Say how the figures were computed."""
    key = "effect.method"
    start, end = words.date(readout.flight_start), words.date(readout.flight_end)
    return [
        *tell_plainly(
            words.say(f"{key}.plan", digest=readout.plan_digest[:16], run=readout.design_run_id),
            words.say(f"{key}.flight", start=start, end=end),
        ),
        retell_within(
            f"{key}.outcome",
            words,
            "method",
            {"outcome": readout.outcome},
            first=words.date(readout.flight.first),
            last=words.date(readout.flight.last),
        ),
        retell_within(f"{key}.method", words, "method", {"method": readout.plan_method}),
        retell_within(
            f"{key}.computed",
            words,
            "method",
            {"method": readout.method},
            count=readout.permutations_count,
            seed=str(readout.permutation_seed),
        ),
        *_describe_check(readout, words),
        *tell_plainly(
            words.say(f"{key}.tracts", count=readout.tracts_count),
            words.say(f"{key}.file"),
            words.say(f"{key}.table"),
        ),
    ]


def _describe_check(readout: Readout, words: Words) -> list[Told]:
    """Say how looks, checks of robustness, and spill-over were computed, as far as they were."""
    parts = {
        "check": readout.trimmed,
        "splits": readout.splits,
        "observed": readout.observed,
        "spill": readout.spill,
    }
    methods = {name: part.method for name, part in parts.items() if part is not None}
    if readout.looks:
        methods["looks"] = readout.looks_method
    return [
        retell_within(f"effect.method.{name}", words, "method", {"method": method})
        for name, method in methods.items()
    ]
