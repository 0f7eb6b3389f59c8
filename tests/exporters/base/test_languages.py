"""The money of a place is split over languages to the cent, and no language gets an empty place."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.exporters.base.languages import split_amount, split_languages
from outreach.exporters.base.parts import make_parts
from outreach.exporters.base.places import choose_places
from outreach.exporters.base.rules import load_rules


@given(
    cents=st.integers(0, 10_000_000),
    shares=st.lists(st.floats(0, 1), min_size=1, max_size=8).filter(lambda x: sum(x) > 0.01),
)
def test_an_amount_is_split_into_whole_cents_that_add_up(cents: int, shares: list[float]) -> None:
    parts = split_amount(cents / 100, shares)
    whole = [round(part * 100) for part in parts]
    assert sum(whole) == cents
    assert all(abs(part * 100 - number) < 1e-6 for part, number in zip(parts, whole, strict=True))
    assert all(number >= 0 for number in whole)
    for number, share in zip(whole, shares, strict=True):
        assert abs(number - cents * share / math.fsum(shares)) <= 1 + 1e-3


def test_a_place_with_less_than_a_cent_is_not_in_the_language(bench: Any) -> None:
    targets = bench.targets(zips=["60601", "60602"], budget_usd=[0.01, 5.0])
    targets = targets.assign(language_en_share=0.6, language_es_share=0.4)
    rules, context = load_rules("google"), bench.context()
    places = choose_places(targets, rules, context)
    groups = split_languages(places, targets, ("en", "es"))
    assert [(codes, [place.code for place in own]) for codes, own in groups] == [
        (("en",), ["60602"]),
        (("es",), ["60601", "60602"]),
    ]


@pytest.mark.parametrize("languages", [("en",), ("en", "es")])
def test_without_shares_all_languages_stay_together(bench: Any, languages: tuple[str, ...]) -> None:
    targets = bench.targets(zips=["60601"])
    places = choose_places(targets, load_rules("google"), bench.context())
    (part,) = make_parts(places, targets, load_rules("google"), languages)
    assert (part.languages, part.stem, part.title) == (languages, "", "+".join(languages))
