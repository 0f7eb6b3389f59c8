"""Test that reachable and handed-off households together make up the target list."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.audience.describe import describe_areas
from models.audience.handoff import list_handoff
from models.audience.handoff_text import DOOR, PAPER, PHONE, describe_handoff
from models.audience.tract_shares import NO_ADS, add_unbought, share_targets
from outreach.exporters.base.traits import refuse_protected_traits
from outreach.tables import Targets, check

A, B, C = "01001000100", "01001000200", "01001000300"


def make_tracts(**columns: list[float]) -> pd.DataFrame:
    """Return three tracts of 1,000 households; 200 offline, 100 with an Asian language."""
    table = pd.DataFrame(index=pd.Index([A, B, C], name="geoid"))
    table["name"] = ["1", "2", "3"]
    counts = {
        "households": (1000.0, 40.0),
        "offline_households": (200.0, 40.0),
        "internet_households": (780.0, 40.0),
        "unsubscribed_internet_households": (20.0, 10.0),
        "internet_universe": (1000.0, 40.0),
        **{
            f"limited_english_households_{group}": (0.0, 10.0)
            for group in ("spanish", "indo_european", "other")
        },
        "limited_english_households_asian_pacific": (100.0, 30.0),
    }
    for name, (figure, margin) in counts.items():
        table[f"{name}_count"], table[f"{name}_count_moe"] = figure, margin
    table["internet_share"] = 0.0
    return table.assign(**columns)


def make_targets(missing: list[float], arm: str | list[str] = "treat") -> pd.DataFrame:
    codes = [f"6060{number}" for number in range(len(missing))]
    table = pd.DataFrame(
        {"kind": "zip", "place": codes, "label": "ZIP", "data_date": pd.Timestamp("2020-05-28")}
    )
    table["arm"] = arm
    for name in ("latitude", "longitude", "radius_km"):
        table[name] = np.nan
    table["households_count"], table["missing_households_count"] = 2000.0, missing
    table["budget_usd"] = table["impressions_count"] = 0.0
    table["rank"], table["why"] = range(1, len(table) + 1), ""
    table.index = pd.Index("zip-" + table["place"], name="unit_id", dtype=str)
    return check(table, Targets, "test")


def make_members(*pairs: tuple[str, str, float]) -> pd.DataFrame:
    return pd.DataFrame(pairs, columns=["geoid", "unit_id", "weight"])


WHOLE = make_members(
    (A, "zip-60600", 1.0), (B, "zip-60600", 0.5), (B, "zip-60601", 0.5), (C, "zip-60601", 1.0)
)
MISSING = pd.Series({A: 400.0, B: 300.0, C: 100.0})


def hand_off(
    targets: pd.DataFrame,
    members: pd.DataFrame = WHOLE,
    tracts: pd.DataFrame | None = None,
    languages: tuple[str, ...] = ("en",),
    chosen: tuple[str, ...] = (),
) -> pd.DataFrame:
    tracts = make_tracts() if tracts is None else tracts
    shared = add_unbought(
        share_targets(targets, members, MISSING), pd.Index(chosen), members, MISSING
    )
    return list_handoff(shared, tracts, describe_areas(tracts, languages), languages)


def test_missing_households_fall_into_reachable_offline_and_without_creative() -> None:
    row = hand_off(make_targets([400.0]), make_members((A, "zip-60600", 1.0))).loc[A]
    assert row["missing_households_count"] == 400
    assert row["offline_missing_count"] == pytest.approx(400 * 0.2)
    assert row["without_creative_missing_count"] == pytest.approx(400 * 0.8 * 0.1)
    assert row["reachable_households_count"] == pytest.approx(400 * 0.8 * 0.9)
    assert row["handoff_households_count"] == pytest.approx(400 * (0.2 + 0.08))
    assert row["language"] == "Chinese"
    assert row["why"].startswith("80 (64 to 96) are not online; 32 (")


def test_those_who_answered_by_internet_leave_fewer_online_among_the_missing() -> None:
    tracts = make_tracts(internet_share=[0.5, 0.5, 0.5])
    row = hand_off(make_targets([400.0]), make_members((A, "zip-60600", 1.0)), tracts).loc[A]
    assert row["offline_missing_count"] == pytest.approx(400 * (1 - (0.8 - 0.5) / 0.5))


def test_a_place_s_missing_households_lie_where_its_tracts_have_them() -> None:
    table = hand_off(make_targets([550.0, 250.0]))
    assert table["missing_households_count"].to_dict() == pytest.approx(
        {A: 400.0, B: 300.0, C: 100.0}
    )
    assert table.loc[B, "places"] == "zip-60600 zip-60601"
    assert table.index[0] == A


@settings(max_examples=15)
@given(
    missing=st.lists(st.floats(0, 5000), min_size=2, max_size=2),
    weights=st.lists(st.floats(0, 1), min_size=4, max_size=4),
    arms=st.lists(st.sampled_from(["treat", "holdout", "buffer"]), min_size=2, max_size=2),
    online=st.lists(st.one_of(st.floats(0, 1000), st.just(float("nan"))), min_size=3, max_size=3),
)
def test_nothing_is_lost_between_the_target_list_and_the_hand_off(
    missing: list[float], weights: list[float], arms: list[str], online: list[float]
) -> None:
    members = WHOLE.assign(weight=weights)
    targets = make_targets(missing, arms)
    table = hand_off(targets, members, make_tracts(internet_households_count=online), chosen=(A, C))
    listed = table[table["arm"] != NO_ADS]
    parts = listed["reachable_households_count"] + listed["handoff_households_count"]
    assert parts.sum() == pytest.approx(sum(missing))
    assert np.allclose(parts, listed["missing_households_count"])
    for arm, own in listed.groupby("arm"):
        assert own["missing_households_count"].sum() == pytest.approx(
            sum(targets.loc[targets["arm"] == arm, "missing_households_count"])
        )
    causes = ["offline_missing_count", "without_creative_missing_count", "unknown_households_count"]
    assert np.allclose(listed[causes].sum(axis=1), listed["handoff_households_count"])
    assert (
        table["handoff_households_count_low"].fillna(0) <= table["handoff_households_count"] + 1e-9
    ).all()


def test_a_target_behind_which_no_tract_lies_is_handed_off_whole() -> None:
    table = hand_off(make_targets([550.0, 250.0]), WHOLE[WHOLE["unit_id"] == "zip-60600"])
    assert table.loc["", "handoff_households_count"] == 250
    assert "nothing is known" in str(table.loc["", "why"])


def test_a_tract_of_which_no_internet_is_known_is_handed_off_whole() -> None:
    tracts = make_tracts(internet_universe_count=[float("nan")] * 3)
    row = hand_off(make_targets([400.0]), make_members((A, "zip-60600", 1.0)), tracts).loc[A]
    assert row["unknown_households_count"] == row["handoff_households_count"] == 400
    assert "Nothing is known of the internet here" in row["why"]


def test_chosen_tracts_that_no_place_holds_are_handed_off_too() -> None:
    targets = make_targets([200.0])
    table = hand_off(targets, make_members((A, "zip-60600", 0.5)), chosen=(A, C))
    left = table[table["arm"] == NO_ADS]
    assert left["handoff_households_count"].to_dict() == {A: 200.0, C: 100.0}
    assert "300 more are in chosen tracts where no place was bought" in describe_handoff(
        table, targets
    )
    assert "Of 200 missing households in 1 target," in describe_handoff(table, targets)


def test_held_out_units_get_as_much_work_as_units_with_ads() -> None:
    targets = make_targets([400.0], "holdout")
    table = hand_off(targets, make_members((A, "zip-60600", 1.0)))
    assert "do exactly as much as in tracts with ads" in str(table.loc[A, "why"])
    assert "288 of the reachable households are in held-out or buffer units" in describe_handoff(
        table, targets
    )


def test_the_channel_follows_what_keeps_them_from_the_ads() -> None:
    near = make_members((A, "zip-60600", 1.0))
    speakers = make_tracts(
        limited_english_households_asian_pacific_count=[500.0] * 3,
        offline_households_count=[50.0] * 3,
    )
    speakers = speakers.assign(internet_households_count=930.0)
    assert hand_off(make_targets([400.0]), near, speakers).loc[A, "channel"] == PHONE
    others = speakers.assign(
        limited_english_households_asian_pacific_count=0.0,
        limited_english_households_other_count=500.0,
    )
    assert hand_off(make_targets([400.0]), near, others, ("en", "ar")).loc[A, "channel"] == DOOR
    assert hand_off(make_targets([400.0]), near).loc[A, "channel"] == DOOR
    few = hand_off(make_targets([200.0]), near).loc[A]
    assert few["channel"] == PAPER
    assert "only one door in 18 is one of them" in few["why"]


def test_without_margins_there_is_no_range() -> None:
    tracts = make_tracts()
    bare = tracts.loc[:, ~tracts.columns.str.endswith("_moe")]
    targets = make_targets([400.0])
    table = hand_off(targets, make_members((A, "zip-60600", 1.0)), bare)
    assert table["handoff_households_count_low"].isna().all()
    assert "80 are not online" in str(table.loc[A, "why"])
    assert "no range" in describe_handoff(table, targets)


def test_an_empty_list_hands_off_nothing() -> None:
    table = hand_off(make_targets([400.0]).iloc[:0])
    assert table.empty
    assert not describe_handoff(table, make_targets([400.0]).iloc[:0])


def test_protected_traits_change_nothing_and_appear_nowhere() -> None:
    plain = hand_off(make_targets([550.0, 250.0]))
    rich = make_tracts(
        hispanic_share=[0.9, 0.1, 0.5],
        foreign_born_count=[9.0, 8.0, 7.0],
        black_alone_share=[1.0, 0.0, 0.5],
    )
    pd.testing.assert_frame_equal(hand_off(make_targets([550.0, 250.0]), tracts=rich), plain)
    refuse_protected_traits(plain)
