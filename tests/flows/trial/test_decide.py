"""Weigh the money after a real test, and keep what a person decided."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from flows.trial.decide import keep_decision, weigh_decision
from flows.trial.measure import measure_test
from outreach.cli import cli
from outreach.errors import ModelError, NothingThere
from outreach.settings import Settings, read_settings
from outreach.store import Store
from tests.flows.trial.tested_town import PLANTED, fill_archive, keep_town, make_town


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Return a home whose test found two points, twice the largest effect of the prior."""
    folder = tmp_path_factory.mktemp("decide")
    town = make_town(folder, "zips")
    settings = read_settings(home=folder / "home")
    Store(settings.runs_folder).approve(keep_town(settings, town), "Ada Lovelace")
    fill_archive(settings, town, PLANTED, "2020-07-10")
    with pytest.raises(NothingThere, match="has no final result yet"):
        weigh_decision(settings, money_usd=1000, worth_usd=50)
    measure_test(settings, spent_usd=5000)
    return settings


def test_options_are_weighed_by_the_price_of_the_test(measured: Settings) -> None:
    memo = weigh_decision(measured, money_usd=1000, worth_usd=50, other_cost_usd=40)
    effect = json.loads(next((measured.home / "measurements").glob("*/effect.json")).read_text())

    assert memo.households_per_usd == effect["treated_households_count"] / 5000
    assert memo.result.estimate_share == effect["flight"]["effect"]["middle"]
    # The prior ends at one point, so the mean stays below what the test found.
    assert 0.005 < memo.mean_share < 0.01 < memo.result.estimate_share
    by_option = {option.option: option for option in memo.options}
    assert by_option["move"].responses_count == 25
    assert by_option["go_on"].responses_count == pytest.approx(
        memo.mean_share * memo.households_per_usd * 1000
    )
    assert [option.gain_usd for option in memo.options] == sorted(
        (option.gain_usd for option in memo.options), reverse=True
    )


def test_a_decision_is_kept_beside_earlier_ones(measured: Settings) -> None:
    memo = weigh_decision(measured, money_usd=1000, worth_usd=50)

    first, one = keep_decision(measured, memo, "go_on", "Ada Lovelace", "It pays.")
    _, two = keep_decision(measured, memo, "stop", "Ada Lovelace", "The council cut <b>ads</b>.")

    assert (one.name, two.name) == (f"{memo.run_id}-1", f"{memo.run_id}-2")
    assert json.loads((one / "decision.json").read_text())["choice"] == first.choice == "go_on"
    page = (two / "decision.html").read_text()
    assert "Stop: keep $1,000." in page
    assert "Decided by Ada Lovelace on " in page
    assert "The council cut &lt;b&gt;ads&lt;/b&gt;." in page
    assert "Parar: guardar $1,000." in (two / "decision.es.html").read_text()


def test_what_was_not_weighed_or_has_no_name_is_refused(measured: Settings) -> None:
    memo = weigh_decision(measured, money_usd=1000, worth_usd=50)

    with pytest.raises(ModelError, match="state with --other-cost"):
        keep_decision(measured, memo, "move", "Ada Lovelace", "Doors.")
    with pytest.raises(ModelError, match="needs a name and a reason"):
        keep_decision(measured, memo, "stop", " ", "Doors.")


def test_the_command_weighs_first_and_decides_when_told(
    measured: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OUTREACH_HOME", str(measured.home))
    monkeypatch.chdir(tmp_path)
    figures = ["decide", "--money", "1000", "--worth", "50", "--other-cost", "40"]

    weighed = CliRunner().invoke(cli, figures)
    decided = CliRunner().invoke(
        cli, [*figures, "--choose", "go-on", "--by", "Ada Lovelace", "--reason", "It pays."]
    )

    assert weighed.exit_code == 0, weighed.output
    assert "Nothing is decided yet" in weighed.output
    assert "Moving $1,000: 25 responses" in weighed.output
    assert decided.exit_code == 0, decided.output
    assert "Decided by Ada Lovelace: " in decided.output

    # The cost stated for other means is one figure and has no range.
    page = (Path(decided.output.split("Decided by Ada Lovelace: ")[1].strip())).read_text()
    assert "<td>one figure, as stated</td>" in page
    assert " to 25</td>" not in page
