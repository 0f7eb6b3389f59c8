"""Read out tests: a planted effect is found, none is not, and refusals are one sentence."""

import datetime as dt
import json
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from flows.handout.publish import publish_run
from flows.handout.report import run_reports
from flows.steps.buying.trial.arms import list_events
from flows.steps.measuring.readout import find_readout
from flows.trial.delivery import import_delivery
from flows.trial.measure import measure_test
from outreach.campaign import parse_campaign
from outreach.errors import ModelError, NothingThere, OutreachError, StoreError
from outreach.settings import Settings, read_settings
from outreach.store import Store, TrialRegister
from tests.delivery.platforms import save
from tests.flows.trial.simulated_flight import fly
from tests.flows.trial.tested_town import (
    PLANTED,
    Town,
    fill_archive,
    keep_town,
    make_town,
)

#: A look at half of the flight, on Sunday June 14, and one later.
LOOKS = (0.5, dt.date(2020, 6, 22))


@pytest.fixture(scope="module")
def towns(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Town]:
    made = {kind: make_town(tmp_path_factory.mktemp(kind), kind) for kind in ("zips", "tracts")}
    looked = make_town(tmp_path_factory.mktemp("looked"), "zips", looks=list(LOOKS))
    return made | {"looked": looked}


@pytest.fixture(scope="module")
def homes(towns: dict[str, Town], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Settings]:
    """Return homes with an approved run and a season.

    They have ZIPs with an effect, tracts with buffers and no effect, and ZIPs whose flight runs.
    """
    made = {}
    for name, kind, planted, until in (
        ("effect", "zips", PLANTED, "2020-07-10"),
        ("null", "tracts", 0.0, "2020-07-10"),
        ("running", "looked", PLANTED, "2020-06-18"),
    ):
        settings = read_settings(home=tmp_path_factory.mktemp(name))
        Store(settings.runs_folder).approve(keep_town(settings, towns[kind]), "Ada Lovelace")
        fill_archive(settings, towns[kind], planted, until)
        made[name] = settings
    return made


def test_a_planted_effect_is_found_with_its_responses_and_their_cost(
    homes: dict[str, Settings], towns: dict[str, Town]
) -> None:
    readout, folder = measure_test(homes["effect"])
    targets = towns["zips"].targets
    treated = targets[targets["arm"] == "treat"]
    effect = readout.flight.effect
    assert effect.low is not None
    assert effect.middle == pytest.approx(PLANTED, abs=0.002)
    assert 0 < effect.low < effect.middle
    assert readout.flight.p_value is not None
    assert readout.flight.p_value < 0.01
    assert (readout.flight.first, readout.flight.last) == (
        dt.date(2020, 5, 29),
        dt.date(2020, 6, 29),
    )
    assert readout.verdict().startswith(
        "The ads raised the response rate by an estimated +1.94 points"
    )
    assert readout.treated_households_count == treated["households_count"].sum()
    assert readout.responses.middle == pytest.approx(
        effect.middle * treated["households_count"].sum(), abs=0.01
    )
    assert readout.spent_usd == 100 * len(treated)
    assert readout.cost_usd.middle == pytest.approx(
        readout.spent_usd / readout.responses.middle, abs=0.01
    )
    assert readout.placebo is not None
    assert readout.placebo.sign == 0
    assert (readout.placebo.first, readout.placebo.last) == (
        dt.date(2020, 4, 28),
        dt.date(2020, 5, 29),
    )
    trimmed = readout.trimmed
    assert trimmed is not None
    assert trimmed.effect.middle == pytest.approx(effect.middle, abs=0.001)
    assert 0 < (trimmed.effect.low or 0) < effect.middle < (trimmed.effect.high or 0)
    table = pd.read_csv(folder / "effect.csv")
    assert table["estimate"].tolist() == ["primary", "trimmed match", "placebo"]
    assert table.loc[0, "middle_points"] == pytest.approx(100 * effect.middle)
    assert readout.units_count == targets["arm"].value_counts().to_dict() | {"buffer": 0}
    assert readout.plan_digest == towns["zips"].plan.digest
    written = (folder / "effect.json").read_text()
    assert (
        json.dumps(json.loads(written), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        + "\n"
        == written
    )
    page = (folder / "effect.html").read_text()
    assert all(line.replace("'", "&#39;") in page for line in readout.lines())
    again, _ = measure_test(homes["effect"], spent_usd=5000)
    assert again.flight == readout.flight
    assert (again.spent_usd, again.spend_reported) == (5000, True)


def test_a_test_of_saturation_tells_what_ads_did_and_how_far_they_spilled_over(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    town = make_town(tmp_path_factory.mktemp("areas"), "tracts", design="saturation")
    assert town.plan.levels is not None
    assert town.plan.buffer_side == "none"
    settings = read_settings(home=tmp_path_factory.mktemp("saturation"))
    Store(settings.runs_folder).approve(keep_town(settings, town), "Ada Lovelace")
    fill_archive(settings, town, PLANTED, spill=0.03)
    readout, folder = measure_test(settings)
    assert readout.flight.effect.middle == pytest.approx(PLANTED, abs=0.003)
    assert readout.spill is not None
    assert readout.splits is not None
    assert readout.splits.units_count == readout.units_count["holdout"]
    assert readout.splits.is_sound
    assert pd.read_csv(folder / "effect.csv")["estimate"].tolist()[-1] == "placebo arms"
    assert "Placebo arms: the " in (folder / "effect.html").read_text()
    low, middle, high = readout.spill.effect.values()
    assert 0 < low < middle < high
    assert low < 0.03 < high
    assert (readout.spill.p_value or 1) < 0.05
    assert "Ads reach beyond the places" in (folder / "effect.html").read_text()
    assert "Los anuncios llegan más allá" in (folder / "effect.es.html").read_text()
    table = pd.read_csv(folder / "effect.csv").set_index("estimate")
    assert table.loc["spill-over", "middle_points"] == pytest.approx(100 * middle)


def test_without_an_effect_none_is_found_and_the_cost_has_no_upper_end(
    homes: dict[str, Settings],
) -> None:
    readout, folder = measure_test(homes["null"])
    assert readout.units_count["buffer"] > 0
    assert readout.flight.sign == 0
    assert readout.flight.p_value is not None
    assert readout.flight.p_value > 0.05
    assert abs(readout.flight.effect.middle or 0) < 0.004
    assert "cannot be distinguished from zero: the estimate is " in readout.verdict()
    assert "does not prove that they did nothing" in readout.verdict()
    assert readout.cost_usd.high is None
    assert "minimum detectable effect of the plan" in (folder / "effect.html").read_text()


def test_a_look_ahead_of_time_reads_only_what_the_plan_states_and_nothing_final(
    homes: dict[str, Settings],
) -> None:
    settings = homes["running"]
    with pytest.raises(
        NothingThere,
        match=r"runs until June 28, 2020, but the archive ends on June 18, 2020.*--so-far",
    ):
        measure_test(settings)
    readout, folder = measure_test(settings, so_far=True)
    assert readout.provisional
    assert readout.flight.p_value is None

    # The archive goes on until June 18; what is read is the first day after the look at half time.
    (look,) = readout.looks
    assert (look.planned, look.last) == (dt.date(2020, 6, 14), dt.date(2020, 6, 15))
    assert readout.flight.last == look.last
    assert look.spent_share == pytest.approx(0.00557, abs=1e-5)
    effect = readout.flight.effect
    assert effect.middle == pytest.approx(look.estimate_share)
    assert effect.high == pytest.approx(look.estimate_share + look.boundary_share)
    assert "beyond the boundary of" in readout.lines()[1]
    assert readout.verdict().startswith(
        "PROVISIONAL, no verdict until the flight ends on June 28, 2020: by June 15, 2020"
    )
    assert readout.flight_share == pytest.approx(15 / 28, abs=1e-6)
    treated = Store(settings.runs_folder).read_table("latest", "targets")["budget_usd"].sum()
    assert readout.spent_usd == pytest.approx(treated * 15 / 28, abs=0.01)
    assert "planned for these units until June 15, 2020, 54% of the flight" in readout.lines()[3]
    page = (folder / "effect.html").read_text()
    assert "Provisional result" in page
    assert "Look stated for June 14, 2020" in page
    assert (
        "Revisión prevista para el 14 de junio de 2020" in (folder / "effect.es.html").read_text()
    )
    store = Store(settings.runs_folder)
    assert find_readout(settings.home, store, store.find()[0].id) is None
    assert not TrialRegister(settings.runs_folder).entries()


def test_the_end_of_a_test_with_looks_allows_for_them(
    towns: dict[str, Town], homes: dict[str, Settings], tmp_path: Path
) -> None:
    settings = read_settings(home=tmp_path)
    keep_town(settings, towns["looked"])
    fill_archive(settings, towns["looked"], PLANTED)
    readout, folder = measure_test(settings)
    plain, _ = measure_test(homes["effect"])
    assert [look.planned.day for look in readout.looks] == [14, 22, 28]
    assert [look.last.day for look in readout.looks] == [15, 22, 29]
    assert readout.looks[-1].spent_share == pytest.approx(0.05)
    assert readout.confidence == 0.95
    assert readout.flight.effect.middle == plain.flight.effect.middle  # the same arms and rates
    assert readout.flight.effect.low is not None
    assert plain.flight.effect.low is not None
    assert readout.flight.effect.low <= plain.flight.effect.low
    assert (readout.flight.p_value or 0) >= (plain.flight.p_value or 1)
    assert "allow for the 2 looks before the end" in (folder / "effect.html").read_text()


def test_a_look_that_no_plan_states_is_refused(towns: dict[str, Town], tmp_path: Path) -> None:
    for kind, until, said in (
        ("zips", "2020-06-18", "states no looks before its end, so none is taken"),
        ("looked", "2020-06-12", r"looks on June 14, 2020 and June 22, 2020, and the archive ends"),
    ):
        settings = read_settings(home=tmp_path / kind)
        keep_town(settings, towns[kind])
        fill_archive(settings, towns[kind], 0.0, until)
        with pytest.raises(NothingThere, match=said):
            measure_test(settings, so_far=True)


def test_a_later_list_of_the_same_test_is_measured_with_the_units_that_were_drawn(
    towns: dict[str, Town], tmp_path: Path
) -> None:
    settings, town = read_settings(home=tmp_path), towns["zips"]
    first = keep_town(settings, town)
    fill_archive(settings, town, PLANTED)
    gone = town.targets.index[town.targets["arm"] == "treat"][:3]
    kept = town.members[~town.members["unit_id"].isin(gone)]
    later = keep_town(settings, replace(town, targets=town.targets.drop(index=gone), members=kept))
    Store(settings.runs_folder).approve(later, "Ada Lovelace")
    plain = keep_town(settings, town, plan=False)
    readout, _ = measure_test(settings)
    assert (readout.run_id, readout.design_run_id) == (later, first)
    assert readout.spent_usd == 100 * ((town.targets["arm"] == "treat").sum() - 3)
    assert "3 units with ads are not on the list" in readout.notes[0]
    draft, _ = measure_test(settings, first)
    assert draft.flight == readout.flight
    assert "never approved" in draft.notes[0]
    assert measure_test(settings, plain)[0].run_id == later  # the one test of its flight
    shutil.rmtree(settings.runs_folder / first)
    with pytest.raises(StoreError, match=f"{later} does not list 3 units of the test"):
        measure_test(settings)


def test_tracts_and_units_without_a_rate_are_left_out_and_named(
    towns: dict[str, Town], tmp_path: Path
) -> None:
    settings, town = read_settings(home=tmp_path), towns["zips"]
    keep_town(settings, town)
    lost = town.members.loc[[0, 1, 2], "geoid"]
    rated = replace(
        town,
        tracts=town.tracts.drop(index=lost),
        members=town.members[~town.members["geoid"].isin(lost)],
    )
    fill_archive(settings, rated, PLANTED)
    readout, _ = measure_test(settings)
    assert readout.left_out_tracts == tuple(lost)
    assert readout.left_out_units == ("zip-60600",)
    assert readout.tracts_count == 97
    assert sum(readout.units_count.values()) == 49
    assert readout.flight.effect.middle == pytest.approx(PLANTED, abs=0.003)


def test_what_cannot_be_measured_is_refused_in_one_sentence(
    towns: dict[str, Town], tmp_path: Path
) -> None:
    def refuse(name: str, town: Town, kind: type[OutreachError], said: str, **made: Any) -> None:
        settings = read_settings(home=tmp_path / name)
        keep_town(settings, town, members=made.pop("members", True))
        if made.pop("season", True):
            fill_archive(settings, town, 0.0, **made)
        with pytest.raises(kind, match=said):
            measure_test(settings, so_far=name == "early")
        assert not (settings.home / "measurements").exists()

    town = towns["zips"]
    bare = read_settings(home=tmp_path / "bare")
    plain = keep_town(bare, town, plan=False)
    with pytest.raises(NothingThere, match=r"None of the 1 run here has a test.*No list was appr"):
        measure_test(bare)
    Store(bare.runs_folder).approve(plain, "Ada Lovelace")
    with pytest.raises(NothingThere, match=f"approved last is that of {plain}, by Ada Lovelace on"):
        measure_test(bare)
    with pytest.raises(StoreError, match=f"{plain} has no test plan"):
        measure_test(bare, plain)
    refuse(
        "none",
        town,
        NothingThere,
        "no rates of the tracts in the 7 days before the flight",
        season=False,
    )
    refuse(
        "gap",
        town,
        NothingThere,
        "no rates of the tracts in the 7 days before the flight",
        gap="2020-05",
    )
    refuse(
        "early",
        town,
        NothingThere,
        "has not begun: it runs from June 1, 2020 to June 28, 2020, and the archive ends on May 29",
        until="2020-05-29",
    )
    refuse("members", town, StoreError, "does not say which tracts lie in its ZIPs", members=False)
    old = replace(town, plan=replace(town.plan, randomization=None))
    refuse("old", old, ModelError, "does not hold the clusters and neighbors")
    unit, arm, block = town.plan.arms[0]
    swapped = (unit, "holdout" if arm == "treat" else "treat", block)
    other = replace(town, plan=replace(town.plan, arms=(swapped, *town.plan.arms[1:])))
    refuse("swapped", other, ModelError, "not the ones that its seed draws")


@pytest.mark.parametrize("spent", [float("nan"), float("inf"), 0.0])
def test_money_that_is_no_amount_is_refused_and_the_read_out_stays(
    homes: dict[str, Settings], spent: float
) -> None:
    _, folder = measure_test(homes["effect"])
    before = (folder / "effect.json").read_bytes()
    with pytest.raises(ModelError, match="above 0"):
        measure_test(homes["effect"], spent_usd=spent)
    assert (folder / "effect.json").read_bytes() == before


def test_a_plan_that_was_changed_is_refused(towns: dict[str, Town], tmp_path: Path) -> None:
    settings = read_settings(home=tmp_path)
    run = keep_town(settings, towns["zips"])
    plan = settings.runs_folder / run / "plan.json"
    plan.write_text(plan.read_text().replace('"seed":', '"seed":1'))
    with pytest.raises(StoreError, match=r"plan\.json is not the file that the run wrote"):
        measure_test(settings)


def test_season_pages_tell_the_read_out_and_public_ones_only_once_the_test_is_over(
    homes: dict[str, Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = homes["effect"]
    monkeypatch.setenv("OUTREACH_HOME", str(settings.home))
    shutil.rmtree(settings.home / "measurements", ignore_errors=True)
    unread = run_reports.fn("latest", languages=("en",))[0].folder / "season.html"
    assert "A test with a comparison group" in unread.read_text()
    assert "estimates +" not in unread.read_text()
    readout, folder = measure_test(settings)
    told = run_reports.fn("latest", languages=("en", "es"))[0].folder
    points = 100 * (readout.flight.effect.middle or 0)
    said = f"from June 1, 2020 to June 28, 2020 estimates +{points:.2f} points"
    assert said in (told / "season.html").read_text()
    assert "the ads raised the rate." in (told / "season.html").read_text()
    assert (
        "Una prueba con grupo de comparación del 1 de junio de 2020"
        in (told / "season.es.html").read_text()
    )
    public = publish_run.fn("latest", languages=("en",))
    assert said in (public / "ward" / "season.html").read_text()
    assert '"arms_and_money": "withheld"' in (public / "publication.json").read_text()
    over = publish_run.fn("latest", languages=("en",), test_over=True)
    assert said in (over / "ward" / "season.html").read_text()
    (folder / "effect.json").write_text("{}")
    with pytest.raises(StoreError, match=r"effect\.json cannot be read"):
        run_reports.fn("latest", languages=("en",))


def test_the_command_says_what_the_ads_did(inside: Any, homes: dict[str, Settings]) -> None:
    shutil.copytree(homes["effect"].home, inside.home, symlinks=True, dirs_exist_ok=True)
    done = inside("measure", "--spent", "1234.5", "--so-far")
    assert done.returncode == 0, done.stderr
    assert "The ads raised the response rate by an estimated +1.94 points" in done.stdout
    assert "($1,234.50 reported as spent)" in done.stdout
    # A look that comes after the end has nothing left to look ahead of.
    assert "The flight is over in the archive, so this is the final result." in done.stdout
    page = Path(done.stdout.rstrip().rpartition("Readout: ")[2])
    assert page.is_file()
    assert page.parent.parent == inside.home / "measurements"
    missing = inside("measure", "tuesday")
    assert missing.returncode == 1
    assert "no run 'tuesday'" in missing.stderr


def test_reports_of_platforms_give_the_money_and_an_estimate_by_delivery(
    homes: dict[str, Settings], towns: dict[str, Town], tmp_path: Path
) -> None:
    home = tmp_path / "home"
    shutil.copytree(homes["effect"].home, home, symlinks=True)
    settings = read_settings(home=home)
    held = towns["zips"].targets.query("arm == 'holdout'").index[0].removeprefix("zip-")
    rows = fly(settings)
    rows += [replace(rows[0], zip_code=held, impressions=5_000, spend_usd=6.0)]
    before, _ = measure_test(settings)
    assert before.delivered is None
    import_delivery(settings, save(tmp_path, "google", rows))
    readout, folder = measure_test(settings)

    # The money is that of the reports, with the campaign's fees.
    spent = sum(row.spend_usd for row in rows)
    fees = 1 + towns["zips"].campaign.fee_percent / 100
    assert readout.spent_usd == pytest.approx(spent * fees, abs=0.01)
    assert readout.spend_reported
    assert readout.flight == before.flight
    delivered = readout.delivered
    assert delivered is not None
    shown = sum(row.impressions for row in rows)
    assert delivered.leak_share == pytest.approx(5_000 / shown, abs=1e-6)
    assert delivered.told_share == 1
    assert delivered.effect.low is not None
    assert delivered.effect.middle is not None
    # One held-out ZIP saw ads, so the arms differ by less than what the treated ones were shown.
    assert delivered.effect.low < delivered.effect.middle
    assert any(line.startswith("With what was delivered: ") for line in readout.lines())
    assert "by delivery" in (folder / "effect.csv").read_text()
    assert any("was approved by Ada Lovelace" in note for note in readout.notes)


def test_what_more_ads_did_among_units_with_ads_is_marked_observational(
    homes: dict[str, Settings], tmp_path: Path
) -> None:
    home = tmp_path / "home"
    shutil.copytree(homes["effect"].home, home, symlinks=True)
    settings = read_settings(home=home)
    rows = [
        replace(row, impressions=row.impressions * (1 + int(row.zip_code) % 3))
        for row in fly(settings)
    ]
    import_delivery(settings, save(tmp_path, "google", rows))
    readout, folder = measure_test(settings)
    assert readout.observed is not None
    assert any(line.startswith("OBSERVATIONAL: among units with ads") for line in readout.lines())
    assert "by dose (observational)" in (folder / "effect.csv").read_text()
    assert "OBSERVACIONAL" in (folder / "effect.es.html").read_text()


def test_a_result_stands_beside_the_vendor_s_claim_and_what_overlapped(
    towns: dict[str, Town], tmp_path: Path
) -> None:
    claim = {"vendor": "Ads", "usd": 1.5, "counts": "landing page view", "source": "offer of May 2"}
    event = {"name": "Letter to some ZIPs", "first": "2020-06-08", "last": "2020-06-12"}
    campaign = towns["zips"].campaign.model_dump(mode="json") | {"claim": claim, "events": [event]}
    town = replace(towns["zips"], campaign=parse_campaign(campaign, "test"))
    assert "Letter to some ZIPs" in [event.name for event in list_events(town.campaign)]
    settings = read_settings(home=tmp_path)
    keep_town(settings, town)
    fill_archive(settings, town, PLANTED)
    readout, folder = measure_test(settings)
    sentence = 'Ads says $1.50 for each of what it counts, "landing page view" (offer of May 2)'
    assert any(sentence in re.sub("[\u2066-\u2069]", "", line) for line in readout.lines())
    assert "Lo que dice el proveedor" in (folder / "effect.es.html").read_text()


def test_a_placebo_is_as_long_as_the_archive_allows_and_says_so(
    towns: dict[str, Town], tmp_path: Path
) -> None:
    settings, town = read_settings(home=tmp_path), towns["zips"]
    keep_town(settings, town)
    fill_archive(settings, town, PLANTED, first="2020-05-18")
    readout, _ = measure_test(settings)
    assert readout.placebo is not None
    assert readout.placebo.first == dt.date(2020, 5, 18)
    assert "allows only 11 days before the flight, which is of 31 days" in readout.check()


def test_reports_without_places_give_the_money_alone(
    homes: dict[str, Settings], tmp_path: Path
) -> None:
    home = tmp_path / "home"
    shutil.copytree(homes["effect"].home, home, symlinks=True)
    settings = read_settings(home=home)
    path = tmp_path / "own.csv"
    path.write_text(
        "place,day,channel,impressions,spend,conversions,conversions_of,lift\n"
        "Illinois,2020-06-02,meta,9000,41.50,50,landing page views,\n"
        "Illinois,2020-06-03,meta,9000,8.50,,,10\n"
    )
    import_delivery(settings, path)
    readout, folder = measure_test(settings)
    assert readout.delivered is None
    assert readout.spend_reported
    lines = [re.sub("[\u2066-\u2069]", "", line) for line in readout.lines()]
    counted = 'Meta has 50 of what it calls "landing page views", $0.83 each.'
    credited = 'Meta credits 10 of what it calls "lift" to the ads, $0.85 each.'
    assert [sum(words in line for line in lines) for words in (counted, credited)] == [1, 1]
    assert "Meta tiene 50 de lo que llama" in re.sub(
        "[\u2066-\u2069]|<[^>]+>", "", (folder / "effect.es.html").read_text()
    )
    assert any(
        "Reports say of 0% of the ads where they were shown" in each for each in readout.notes
    )
