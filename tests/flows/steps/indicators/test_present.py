"""The layer of an indicator has classes that fit its figures."""

import pandas as pd

from flows.steps.indicators.present import list_series, list_shares, make_layers
from maps.legend import describe_layer
from outreach.campaign import Indicator


def test_the_layer_of_a_class_in_words_has_two_classes() -> None:
    indicator = Indicator(
        name="internet_first",
        title="Letter with internet first",
        file="strategy.csv",
        tract_column="geoid",
        value_column="strategy",
        unit="share",
        value_is="Internet First",
        vintage=2024,
        source="U.S. Census Bureau",
    )
    ((name, layer),) = make_layers([indicator]).items()
    drawn = describe_layer(name, layer, pd.Series([0.0, 1.0, 1.0, 0.0]))
    assert drawn["edges"] == [0.5, 1.0]
    assert len(set(drawn["colors"])) == 2


def test_classes_in_words_are_shares_of_a_district() -> None:
    common = {"tract_column": "geoid", "value_column": "a", "vintage": 2024, "source": "B"}
    names = ("Internet First", "internet-first!", "Дом")
    contact = Indicator(
        name="contact", title="Contact", file="c.csv", unit="class", classes=names, **common
    )
    calls = Indicator(name="calls", title="Calls", file="c.csv", unit="count", **common)
    tracts = pd.DataFrame(
        {contact.column: ["Internet First", "Дом", None], calls.column: [1.0, 2.0, 3.0]}
    )
    titles, headings, shares = list_shares([contact, calls], tracts)
    # Words have no series over time.
    assert [series.title for series in list_series([contact, calls])] == ["Calls"]
    # Each class has a column of its own, also where names differ by marks alone or have no letters.
    first = "indicator_contact_class_internet_first_share"
    assert titles[first] == "Internet First"
    assert set(headings.values()) == {"Contact (2024)"}
    assert list(shares) == list(titles)
    assert len(titles) == len(names)
    assert shares[first].tolist()[:2] == [1.0, 0.0]
    assert shares["indicator_contact_class_3_share"].tolist()[:2] == [0.0, 1.0]
    # A tract without a class counts for none.
    assert shares.iloc[2].isna().all()
