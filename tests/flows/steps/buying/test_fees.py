"""Media and fees are the budget to the cent, and no bill goes over it."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.steps.buying.fees import part_fees

CENTS = st.lists(st.integers(0, 5_000_000), min_size=1, max_size=60)


def cents(money: object) -> int:
    return round(100 * float(np.sum(money)))


@given(CENTS, st.floats(0, 1))
def test_media_with_its_fee_is_each_budget_and_the_bill_fits_all_of_them(
    budgets: list[int], fee_share: float
) -> None:
    targets = pd.DataFrame({"budget_usd": np.array(budgets) / 100})
    found = part_fees(targets, fee_share)
    assert (found["media_usd"] >= 0).all()
    assert (found["fee_usd"] >= 0).all()
    together = (found["media_usd"] + found["fee_usd"]).round(2)
    assert together.tolist() == targets["budget_usd"].tolist()

    # Whoever bills the fee does so on the whole of the media, to the nearest cent.
    billed = cents(found["media_usd"]) + math.floor(cents(found["media_usd"]) * fee_share + 0.5)
    assert billed <= sum(budgets) + 1  # half a cent may be rounded up
    assert cents(found["media_usd"]) * (1 + fee_share) <= sum(budgets) + 1e-3
    assert cents(found["media_usd"]) >= sum(budgets) / (1 + fee_share) - 1 - 1e-6


def test_a_fee_of_15_percent_leaves_130_434_of_150_000_for_media() -> None:
    found = part_fees(pd.DataFrame({"budget_usd": [100_000.0, 50_000.0]}), 0.15)
    assert found["media_usd"].sum() == pytest.approx(130_434.78)
    assert found["fee_usd"].sum() == pytest.approx(19_565.22)


@given(CENTS, st.floats(0, 1))
def test_what_the_channels_carry_adds_up_to_the_media_of_a_target(
    budgets: list[int], fee_share: float
) -> None:
    google = np.array(budgets) / 100
    meta = google[::-1]
    targets = pd.DataFrame(
        {
            "budget_usd": (google + meta).round(2),
            "budget_google_usd": google,
            "budget_meta_usd": meta,
        }
    )
    found = part_fees(targets, fee_share)
    for kind in ("media", "fee"):
        parts = found[[f"{kind}_google_usd", f"{kind}_meta_usd"]].sum(axis=1)
        np.testing.assert_allclose(parts, found[f"{kind}_usd"], atol=1e-6)
    for channel in ("google", "meta"):
        budget = cents(found[f"budget_{channel}_usd"])
        assert cents(found[f"media_{channel}_usd"]) * (1 + fee_share) <= budget + 1e-3
