"""A test follows the protocol that its campaign names, or is refused in one sentence."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from flows.steps.buying.trial.arms import OUTCOME, name_method
from flows.steps.measuring.approval import approve_run
from flows.trial.evidence import make_evidence
from flows.trial.pool import pool_results, write_result_text
from flows.trial.protocol import make_protocol
from models.trial.protocol import Protocol, read_protocol
from outreach.cli import cli
from outreach.errors import CampaignError, InputError, ModelError, StoreError
from outreach.reports.data.pooled import CityResult
from outreach.settings import read_settings
from outreach.store import Store, TrialRegister
from tests.flows.trial.test_pool import keep_cities, measured, own
from tests.flows.trial.tested_town import Town, keep_town, make_town

__all__ = ["measured", "own"]

AGREED = Protocol(
    name='Ads "2030"',
    outcome=OUTCOME,
    method=name_method(is_saturation=False),
    unit_kind="zips",
    design="blocks",
    holdout_percent=30,
    days_count=28,
    looks=(0.5,),
)


def agree(folder: Path, protocol: Protocol = AGREED) -> str:
    """Write a protocol, and return its path."""
    (folder / "ads.toml").write_text(protocol.write_toml())
    return str(folder / "ads.toml")


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """Return a town whose test follows the protocol."""
    folder, seed = tmp_path_factory.mktemp("agreed"), AGREED.draw_seed("Town")
    return make_town(folder, "zips", looks=[0.5], seed=seed, protocol=agree(folder))


def test_a_protocol_is_read_as_it_was_written_and_names_a_seed(tmp_path: Path, town: Town) -> None:
    protocol = read_protocol(Path(agree(tmp_path)))
    assert protocol == AGREED
    assert protocol.digest == AGREED.digest
    assert protocol.draw_seed("Durham") != protocol.draw_seed("Chicago")
    assert replace(protocol, days_count=27).digest != protocol.digest
    assert make_protocol(town.campaign, AGREED.name) == AGREED
    assert town.plan.protocol == AGREED.digest
    with pytest.raises(CampaignError, match="has no test"):
        make_protocol(town.campaign.model_copy(update={"flight": None}), "Ads")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"seed": 7}, "The seed of the test is '7', that of the protocol"),
        ({"looks": []}, "The looks of the test is 'none', that of the protocol '2020-06-14'"),
        ({"percent": 20}, "percent of the test is '20', that of the protocol '30'"),
    ],
)
def test_a_test_that_departs_from_its_protocol_is_refused(
    tmp_path: Path, changes: dict[str, object], sentence: str
) -> None:
    follows = {"looks": [0.5], "seed": AGREED.draw_seed("Town"), "protocol": agree(tmp_path)}
    with pytest.raises(ModelError, match=sentence):
        make_town(tmp_path, "zips", **follows | changes)


def test_an_approval_holds_the_plan_against_the_kept_protocol(town: Town, tmp_path: Path) -> None:
    settings = read_settings(home=tmp_path)
    store = Store(settings.runs_folder)
    assert approve_run(store, keep_town(settings, town), "Ada Lovelace").by == "Ada Lovelace"
    (entry,) = TrialRegister(store.folder).entries()
    assert entry.looks == town.plan.looks != ()

    # The evidence names it, with the seed that everybody can compute.
    criteria = json.loads(make_evidence(settings, "latest")[1]["evidence.json"])["criteria"]
    proofs = (proof for each in criteria for proof in each["proofs"])
    [values] = [proof["values"] for proof in proofs if proof["kind"] == "protocol"]
    assert values["name"] == AGREED.name
    assert values["hash"] == AGREED.digest[:16]
    assert values["seed"] == str(town.plan.seed)
    other = replace(town, plan=replace(town.plan, protocol="0" * 64))
    with pytest.raises(StoreError, match="planned by the protocol 0000000000000000"):
        approve_run(store, keep_town(settings, other), "Ada Lovelace")
    swapped = replace(town, plan=replace(town.plan, seed=7))
    with pytest.raises(ModelError, match="The seed of the test is '7'"):
        approve_run(store, keep_town(settings, swapped), "Ada Lovelace")


@pytest.mark.parametrize(
    ("was", "now", "sentence"),
    [
        ("days_count = 28\n", "", "has no 'days_count'"),
        ("days_count = 28", "days_count = true", "'days_count' is True"),
        ("looks = [0.5]", "looks = [50]", r"'looks' is \[50\]"),
        ("holdout_percent = 30", "holdout_percent = 100", "'holdout_percent' is 100"),
        ("days_count", "days", "has no 'days_count'"),
        ("looks = [0.5]", "looks = [0.5]\nseed = 3", "has 'seed', which is no key"),
        ('unit_kind = "zips"', "unit_kind = zips", "is not valid TOML"),
    ],
)
def test_a_file_that_is_no_protocol_is_refused(
    tmp_path: Path, was: str, now: str, sentence: str
) -> None:
    path = tmp_path / "ads.toml"
    text = AGREED.write_toml()
    assert was in text
    path.write_text(text.replace(was, now))
    with pytest.raises(InputError, match=sentence):
        read_protocol(path)
    with pytest.raises(InputError, match="cannot be read"):
        read_protocol(tmp_path / "none.toml")


def test_results_of_another_protocol_are_not_combined(tmp_path: Path, own: CityResult) -> None:
    cities = keep_cities(tmp_path, own, {"Durham": 0.002, "Chicago": 0.001})
    design = own.design.model_copy(update={"protocol": AGREED.digest})
    odd = own.model_copy(update={"city": "Cook", "design": design})
    (tmp_path / "odd.json").write_text(write_result_text(odd))
    with pytest.raises(ModelError, match="The protocol of Durham is '', that of Cook"):
        pool_results([*cities, tmp_path / "odd.json"], tmp_path / "together")


def test_the_commands_write_a_protocol_and_say_a_seed(tmp_path: Path) -> None:
    campaign = tmp_path / "campaign.toml"
    campaign.write_text(
        'name = "Town"\ncensus_year = 2020\nareas = [{ state = "99", county = "001" }]\n'
        "goal_percent = 70\ndeadline = 2020-10-15\nbudget_usd = 20000\n"
        "flight = { start = 2020-06-01, end = 2020-06-28 }\n"
        'units = { kind = "zips" }\nholdout = { percent = 30, looks = [0.5] }\n'
    )
    path, runner = tmp_path / "ads.toml", CliRunner()
    written = runner.invoke(
        cli, ["protocol", "write", str(campaign), "--name", AGREED.name, "--into", str(path)]
    )
    assert AGREED.digest in written.output
    said = runner.invoke(cli, ["protocol", "read", str(path), "--campaign", "Town"]).output
    assert f"write seed = {AGREED.draw_seed('Town')} in its [holdout]" in said
    assert "30% held out; 28 days; looks: 0.5." in said
