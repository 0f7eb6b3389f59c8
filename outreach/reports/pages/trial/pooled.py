"""Write the page of what several cities found together."""

from collections.abc import Mapping, Sequence

import pandas as pd

from outreach.catalog import Words
from outreach.catalog.retell import retell_all, tell_plainly
from outreach.reports.charts.forest import draw_forest
from outreach.reports.data.pooled import CityPart, EffectRange, PooledReadout
from outreach.reports.pages.cards import Card
from outreach.reports.pages.frame import Origin, localize_name, make_frame
from outreach.reports.pages.render import render_page

_NAME = "pooled.html"
_DECIMALS = 2
_VERDICTS = {1: "pooled.raised", 0: "pooled.zero", -1: "pooled.lowered"}


def write_pooled_pages(readout: PooledReadout, catalogs: Sequence[Words]) -> Mapping[str, str]:
    """Return the page in every language, by file name; each needs no other file."""
    return {
        localize_name(_NAME, words, catalogs): _write_page(readout, words, catalogs)
        for words in catalogs
    }


def tabulate_cities(readout: PooledReadout) -> pd.DataFrame:
    """Return a row per city for people: effects in percentage points, weights in percent."""
    rows = [
        {
            "city": part.result.city,
            "flight_start": part.result.flight_start,
            "flight_end": part.result.flight_end,
            "effect_points": 100 * part.result.estimate_share,
            "low_points": 100 * part.result.low_share,
            "high_points": 100 * part.result.high_share,
            "standard_error_points": 100 * part.result.standard_error_share,
            "p_value": part.result.p_value,
            "fixed_weight_percent": 100 * part.fixed_weight_share,
            "random_weight_percent": 100 * part.random_weight_share,
            "others_effect_points": _to_points(part.without_middle_share),
            "others_low_points": _to_points(part.without_low_share),
            "others_high_points": _to_points(part.without_high_share),
            "looks": " ".join(f"{look:g}" for look in part.result.design.looks or ()),
            "treated_households_count": part.result.treated_households_count,
            "spent_usd": part.result.spent_usd,
            "plan_digest": part.result.plan_digest,
        }
        for part in readout.cities
    ]
    return pd.DataFrame(rows).set_index("city").round(4)


def describe_pooled(readout: PooledReadout, words: Words) -> list[str]:
    """Return the result in sentences: the verdict, the fixed effect, differences, who decides."""
    low, middle, high = _write_effect(readout.random, words)
    verdict = words.say(
        _VERDICTS[readout.random.sign],
        count=len(readout.cities),
        effect=middle,
        low=low,
        high=high,
        confidence=words.share(readout.confidence, 0),
        p=words.number(readout.random.p_value, 3),
    )
    low, middle, high = _write_effect(readout.fixed, words)
    return [
        verdict,
        words.say("pooled.fixed_text", effect=middle, low=low, high=high),
        words.say(
            "pooled.spread_text",
            spread=_write_spread(readout, words),
            share=words.share(readout.heterogeneity_share, 0),
            p=words.number(readout.heterogeneity_p_value, 3),
        ),
        _describe_influence(readout, words),
    ]


def _write_page(readout: PooledReadout, words: Words, catalogs: Sequence[Words]) -> str:
    """Return the page in one language."""
    verdict, *details = describe_pooled(readout, words)
    return render_page(
        "pooled",
        words,
        title=words.say("pooled.title", count=len(readout.cities)),
        frame=make_frame(_NAME, words, catalogs, Origin(), index=""),
        made=words.say("pooled.made", date=words.date(readout.made_at.date())),
        verdict=verdict,
        details=[*tell_plainly(*details), *retell_all(readout.unlike, words, "pooled", "method")],
        hero=words.bare_points(readout.random.estimate_share, _DECIMALS),
        cards=_list_cards(readout, words),
        chart=draw_forest(readout, words),
        rows=[_write_row(part, words) for part in readout.cities],
        method=tell_plainly(
            *(words.say(f"pooled.method_{name}") for name in ("fixed", "random", "range")),
            *_describe_looks(readout, words),
            words.say("pooled.method_file"),
        ),
    )


def _list_cards(readout: PooledReadout, words: Words) -> list[Card]:
    """Return the figures in boxes."""
    households = sum(part.result.treated_households_count for part in readout.cities)
    spent = sum(part.result.spent_usd for part in readout.cities)
    return [
        Card(
            words.say("pooled.card_effect"),
            words.points(readout.random.estimate_share, _DECIMALS),
            words.say("pooled.card_effect_note", p=words.number(readout.random.p_value, 3)),
        ),
        Card(
            words.say("pooled.card_spread"),
            _write_spread(readout, words),
            words.say("pooled.card_spread_note"),
        ),
        Card(
            words.say("pooled.card_households"),
            words.count(households),
            words.say("pooled.card_households_note", spent=words.money(spent)),
        ),
    ]


def _write_row(part: CityPart, words: Words) -> dict[str, str]:
    """Return a city's row of the table as text."""
    result = part.result
    low, high = (
        words.bare_points(share, _DECIMALS) for share in (result.low_share, result.high_share)
    )
    without = part.without_middle_share
    return {
        "city": result.city,
        "flight": words.say(
            "pooled.days",
            start=words.date(result.flight_start, "medium"),
            end=words.date(result.flight_end, "medium"),
        ),
        "effect": words.bare_points(result.estimate_share, _DECIMALS),
        "range": words.say("pooled.range", low=low, high=high),
        "weight": words.share(part.random_weight_share, 0),
        "others": words.unknown(without) or words.bare_points(without or 0.0, _DECIMALS),
    }


def _describe_influence(readout: PooledReadout, words: Words) -> str:
    """Say whether leaving one city out would change the verdict."""
    deciding = [
        part.result.city
        for part in readout.cities
        if part.without_low_share is not None
        and part.without_high_share is not None
        and _find_sign(part.without_low_share, part.without_high_share) != readout.random.sign
    ]
    if any(part.without_low_share is None for part in readout.cities):
        return words.say("pooled.influence_unknown")
    if deciding:
        return words.say("pooled.influence_some", cities=words.join(deciding))
    return words.say("pooled.influence_none")


def _write_spread(readout: PooledReadout, words: Words) -> str:
    """Return the spread between cities in points; it has no sign."""
    figure = words.number(100 * readout.spread_share, _DECIMALS)
    return words.say("unit.points", figure=figure)


def _find_sign(low: float, high: float) -> int:
    """Return 1 or -1 where a range excludes zero, else 0."""
    return 1 if low > 0 else -1 if high < 0 else 0


def _write_effect(effect: EffectRange, words: Words) -> tuple[str, str, str]:
    """Return low, middle, and high of an effect in points."""
    low, middle, high = (
        words.points(share, _DECIMALS)
        for share in (effect.low_share, effect.estimate_share, effect.high_share)
    )
    return low, middle, high


def _to_points(share: float | None) -> float | None:
    """Return a share in percentage points."""
    return None if share is None else 100 * share


def _describe_looks(readout: PooledReadout, words: Words) -> list[str]:
    """Say which cities looked before the end, and when; nothing where none did."""
    cities = [
        words.say(
            "pooled.looks_of",
            city=words.name(part.result.city),
            looks=words.join([words.share(look, 0) for look in part.result.design.looks]),
        )
        for part in readout.cities
        if part.result.design.looks
    ]
    return [words.say("pooled.method_looks", cities="; ".join(cities))] if cities else []
