"""No daily budget of nothing, or below what a platform takes, passes the check."""

from typing import Any

import pytest

from outreach.errors import ExportError
from outreach.exporters.base.rules import load_rules
from outreach.exporters.check.preflight import export_targets

#: Days from the data to the deadline of the bench.
DAYS = 141


@pytest.mark.parametrize("platform", ["google", "meta"])
def test_a_daily_budget_below_the_least_one_is_refused_and_at_it_passes(
    bench: Any, platform: str
) -> None:
    least = load_rules(platform).caps.least_daily_usd
    assert least is not None
    zips = ["60601", "60602"]
    enough = bench.targets(zips=zips, media_usd=DAYS * least.value / 2)
    assert export_targets(platform, enough, bench.context()).files
    short = bench.targets(zips=zips, media_usd=(DAYS * least.value - 0.02) / 2)
    with pytest.raises(ExportError, match=r"a day, and .* takes no less than \$"):
        export_targets(platform, short, bench.context())


def test_every_least_budget_is_above_nothing_and_has_a_source() -> None:
    for platform in ("google", "microsoft", "meta", "tiktok"):
        least = load_rules(platform).caps.least_daily_usd
        assert least is not None
        assert least.value > 0
        assert least.source
