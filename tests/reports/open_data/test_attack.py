"""An attacker who reads every week of a season computes no hidden count."""

from collections.abc import Callable

import pytest

from outreach.reports.data.inputs import ReportView
from outreach.reports.open_data.redact import Publication
from tests.reports.open_data.attacker import Attack, attack_season
from tests.reports.open_data.season import (
    change_groups,
    leak_district_counts,
    leak_district_shares,
    leak_groups,
    make_season,
    publish_season,
)

#: A count is one of at least 1 to 9.
_FEWEST_POSSIBLE = 9


def check_city(seed: int) -> Attack:
    """Attack a city, and hold that nothing was found."""
    season = make_season(seed)
    attack = attack_season(publish_season(season))
    assert attack.found == [], seed
    assert attack.explained, seed
    assert attack.widths, seed
    assert min(attack.widths.values()) >= _FEWEST_POSSIBLE, seed
    assert not tell_groups(season[:1], seed), seed
    return attack


def tell_groups(
    season: list[list[ReportView]],
    seed: int,
    spoil: Callable[[Publication, ReportView], Publication] | None = None,
) -> bool:
    """Return whether a publication tells one small count of a group from another.

    Every count of 1 to 9 is changed to another one; whatever follows from one would change too. The
    season is of one week.
    """
    changed = change_groups(season, 1 + seed % 8)
    (published,), (others,) = (publish_season(one, spoil) for one in (season, changed))
    for kind, other in zip(published, others, strict=True):
        tables = [(kind.tracts, other.tracts), (kind.districts, other.districts)]
        if not all(table.equals(changed_table) for table, changed_table in tables):
            return True
        if (kind.lead, kind.tract_map) != (other.lead, other.tract_map):
            return True
    return False


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_no_hidden_count_is_found_in_four_cities(seed: int) -> None:
    check_city(seed)


@pytest.mark.attack
def test_no_hidden_count_is_found_in_a_thousand_cities() -> None:
    hidden = sum(len(check_city(seed).widths) for seed in range(1000))
    print(f"1,000 cities, 8 weeks each: {hidden:,} hidden tracts, 0 counts found.")
    assert hidden > 1000


@pytest.mark.attack
@pytest.mark.parametrize("leak", [leak_district_shares, leak_district_counts])
def test_the_attack_finds_counts_when_districts_have_hidden_tracts_in(
    leak: Callable[[Publication, ReportView], Publication],
) -> None:
    attacks = [attack_season(publish_season(make_season(seed), leak)) for seed in range(6)]
    assert sum(not attack.explained for attack in attacks) >= 5
    assert any(attack.found for attack in attacks)
    narrow = [min(attack.widths.values()) < _FEWEST_POSSIBLE for attack in attacks]
    assert sum(narrow) >= 2


@pytest.mark.slow
def test_the_attack_tells_counts_of_groups_that_are_shown_as_they_are() -> None:
    season = make_season(0)[:1]
    assert tell_groups(season, 0, leak_groups)
    assert not tell_groups(season, 0)


@pytest.mark.slow
def test_the_attack_finds_counts_when_publications_forget() -> None:
    # One after the other, until the first is found.
    attacks = (
        attack_season(publish_season(make_season(seed), remember=False)) for seed in range(6)
    )
    assert any("missing by week" in found for attack in attacks for found in attack.found)
