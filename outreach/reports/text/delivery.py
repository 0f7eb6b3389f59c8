"""Put planned against delivered into sentences."""

from typing import Any

import pandas as pd

from outreach.catalog import Words
from outreach.reports.data.delivery import DeliveryView, Invoice

#: How many places of a kind are named; the table of leaks has all of them.
_NAMED = 5
_LEAK_KINDS = ("holdout", "buffer", "unbought")
_CENT = 0.005


def describe_verdict(view: DeliveryView, words: Words) -> str:
    """Say in one sentence how the money stands against the plan."""
    total = view.total
    key = "delivery.verdict_over" if view.is_over else "delivery.verdict_running"
    return words.say(
        key,
        spent=words.price(total["delivered_usd"]),
        planned=words.price(total["planned_usd"]),
        due=words.price(total["due_usd"]),
        through=words.date(view.through),
    )


def describe_end(view: DeliveryView, words: Words) -> str:
    """Say where the money ends, with a range; after the flight how far it is off the plan."""
    total, pace = view.total, view.pacing.iloc[0]
    if view.is_over:
        difference = total["delivered_usd"] - total["planned_usd"]
        if abs(difference) < _CENT:
            return words.say("delivery.end_exact")
        key = "delivery.end_above" if difference > 0 else "delivery.end_below"
        return words.say(key, difference=words.price(abs(difference)))
    end, planned = words.price(pace["end_usd"]), words.price(total["planned_usd"])
    if pd.isna(pace["end_low_usd"]):
        return words.say("delivery.end_thin", end=end, planned=planned)
    low, high = words.price(pace["end_low_usd"]), words.price(pace["end_high_usd"])
    return words.say("delivery.end_ahead", end=end, low=low, high=high, planned=planned)


def describe_warnings(view: DeliveryView, words: Words) -> list[str]:
    """Say what is wrong, the most serious first; ads in held-out ground stand at the top."""
    sentences = []
    for kind in _LEAK_KINDS:
        own = view.warnings[view.warnings["kind"] == kind]
        if len(own):
            sentences.append(_describe_leak(kind, own, view, words))
    others = view.warnings[~view.warnings["kind"].isin(_LEAK_KINDS)]
    sentences += [_describe_warning(warning, words) for _, warning in others.iterrows()]
    return sentences


def describe_invoice(invoice: Invoice, words: Words) -> str:
    """Compare an invoice with the reports, to the cent."""
    parts = {
        "amount": words.price(invoice.amount_usd),
        "reported": words.price(invoice.reported_usd),
        "fee": words.price(invoice.fee_usd),
        "difference": words.price(abs(invoice.difference_usd)),
    }
    if abs(invoice.difference_usd) < _CENT:
        return words.say("delivery.invoice_same", **parts)
    above = invoice.difference_usd > 0
    return words.say("delivery.invoice_above" if above else "delivery.invoice_below", **parts)


def name_place(place: str, unit_id: str, view: DeliveryView) -> str:
    """Return what people call a place: the label of its unit, or the report's own words."""
    return view.labels.get(unit_id, place) if unit_id else place


def _describe_leak(kind: str, own: pd.DataFrame, view: DeliveryView, words: Words) -> str:
    """Name the places of one kind that got ads and should not have, with their money."""
    names = [
        words.say(
            "delivery.leak_place",
            place=words.name(name_place(str(leak["place"]), str(leak["unit_id"]), view)),
            impressions=words.count(leak["impressions_count"]),
            money=words.price(leak["spend_usd"]),
            day=words.date(leak["first_day"].date()),
        )
        for leak in own.head(_NAMED).to_dict("records")
    ]
    if len(own) > _NAMED:
        names.append(words.say("delivery.leak_more", count=len(own) - _NAMED))
    return words.say(
        f"delivery.warn_{kind}{'_over' if view.is_over and kind != 'buffer' else ''}",
        count=len(own),
        money=words.price(own["spend_usd"].sum()),
        places="; ".join(names),
    )


def _describe_warning(warning: "pd.Series[Any]", words: Words) -> str:
    """Put a warning about money or days into a sentence."""
    channel = words.channel(str(warning["channel"])) or words.say("delivery.together")
    if warning["kind"] == "pace":
        off = abs(warning["pace"] - 1)
        key = "delivery.warn_fast" if warning["pace"] > 1 else "delivery.warn_slow"
        return words.say(
            key,
            channel=channel,
            off=words.share(off, 0),
            spent=words.price(warning["spend_usd"]),
        )
    if warning["kind"] == "gap":
        return words.say(
            "delivery.warn_gap",
            channel=channel,
            count=warning["days_count"],
            day=words.date(warning["first_day"].date()),
        )
    return words.say(
        "delivery.warn_outside",
        count=warning["days_count"],
        money=words.price(warning["spend_usd"]),
    )
