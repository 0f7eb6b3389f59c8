"""Reasons travel to the page as clauses of the catalog with their figures."""

import pandas as pd

from maps.run.reasons import encode_reasons


def test_reasons_are_clauses_with_figures_in_the_order_of_their_names() -> None:
    text = (
        "About 412 of 1,234 households have not responded; renters 71% (typical: 40%), which goes"
        " with 4.1 points less response; a word of the city."
    )
    encoded = encode_reasons(pd.Series([text, None, text]))
    assert encoded["values"] == [0, None, 0]
    assert encoded["levels"] == [
        [
            ["missing", "1,234", "412"],
            ["driver_less", "4.1", "71%", "#renter", "40%"],
            "a word of the city",
        ]
    ]
