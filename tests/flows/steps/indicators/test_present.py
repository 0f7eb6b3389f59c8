"""The layer of an indicator has classes that fit its figures."""

import pandas as pd

from flows.steps.indicators.present import make_layers
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
