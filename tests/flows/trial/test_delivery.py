"""Reports of a simulated flight are imported once, reconcile to the cent, and name every leak."""

import csv
import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from flows.steps.delivering.plan import find_flight
from flows.trial.delivery import import_delivery, reconcile_delivery
from outreach.catalog import read_words
from outreach.errors import InputError, ModelError, NothingThere, StoreError
from outreach.reports.data.delivery import DeliveryView, Invoice
from outreach.reports.text.delivery import describe_end, describe_invoice
from outreach.settings import Settings, read_settings
from outreach.store import Store
from tests.delivery.platforms import WRITERS, Row, save
from tests.flows.trial.simulated_flight import DAYS, fly
from tests.flows.trial.tested_town import Town, keep_town, make_town


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    return make_town(tmp_path_factory.mktemp("town"), "zips")


@pytest.fixture
def settings(town: Town, tmp_path: Path) -> Settings:
    settings = read_settings(home=tmp_path / "home")
    Store(settings.runs_folder).approve(keep_town(settings, town), "Ada Lovelace")
    return settings


@pytest.fixture(scope="module")
def flown(town: Town, tmp_path_factory: pytest.TempPathFactory) -> DeliveryView:
    """Return the reconciliation of a flight that was delivered as planned."""
    folder = tmp_path_factory.mktemp("flown")
    settings = read_settings(home=folder / "home")
    Store(settings.runs_folder).approve(keep_town(settings, town), "Ada Lovelace")
    import_delivery(settings, save(folder, "google", fly(settings)))
    return reconcile_delivery(settings).view


@pytest.mark.parametrize("platform", WRITERS)
def test_plan_and_report_reconcile_to_the_cent(
    platform: str, settings: Settings, town: Town, tmp_path: Path
) -> None:
    imported = import_delivery(settings, save(tmp_path, platform, fly(settings)))
    assert imported.receipt.platform == platform
    assert imported.receipt.new_count == DAYS
    assert imported.warnings == ()
    planned = town.targets["budget_usd"].sum()
    made = reconcile_delivery(settings, invoice_usd=planned)
    total = made.view.total
    assert total["planned_usd"] == planned
    assert round(total["delivered_usd"], 2) == planned
    units = made.view.lines[made.view.lines["dimension"] == "unit"]
    assert ((units["delivered_usd"] - units["planned_usd"]).abs() < 0.005).all()
    assert made.lines[1] == "That is the plan, to the cent."
    assert made.lines[2].startswith(f"The invoice of ${planned:,.2f} is what the reports say")
    assert made.warnings == ()


@pytest.mark.parametrize(
    ("off_usd", "end", "bill"),
    [
        (0.0, "That is the plan, to the cent.", "is what the reports say"),
        (0.01, "That is $0.01 more than planned.", "is $0.01 above what the reports say"),
        (-1234.56, "That is $1,234.56 less than planned.", "is $1,234.56 below what the reports"),
    ],
)
def test_over_and_underspend_and_invoices_are_told_to_the_cent(
    off_usd: float, end: str, bill: str, flown: DeliveryView
) -> None:
    lines = flown.lines.copy()
    lines.loc[lines["dimension"] == "total", "delivered_usd"] += off_usd
    assert describe_end(replace(flown, lines=lines), read_words("en")) == end
    invoice = Invoice(5000 + off_usd, 4500, fee_usd=500)
    assert bill in describe_invoice(invoice, read_words("en"))


def test_the_same_report_twice_changes_nothing_and_a_correction_is_told(
    settings: Settings, tmp_path: Path
) -> None:
    rows = fly(settings, 5)
    path = save(tmp_path, "google", rows)
    import_delivery(settings, path)
    again = import_delivery(settings, path)
    assert "Nothing changes." in again.lines
    assert again.receipt.number == 0
    corrected = [*rows[1:], Row(rows[0].day, rows[0].campaign, rows[0].zip_code, 1, 0, 0.5)]
    told = import_delivery(settings, save(tmp_path, "google", corrected))
    (line,) = [line for line in told.lines if line.startswith("Corrected: ")]
    assert "June 1, 2020" in line
    assert re.search(r"\$[\d.]+ \(it was \$[\d.]+\)", line)


def test_ads_in_held_out_ground_are_named_the_day_they_are_imported(
    settings: Settings, town: Town, tmp_path: Path
) -> None:
    held = town.targets.index[town.targets["arm"] == "holdout"][0]
    code = held.removeprefix("zip-")
    rows = fly(settings, 3)
    leak = Row(rows[0].day, rows[0].campaign, code, 300, 1, 4.5)
    off = Row(rows[0].day, rows[0].campaign, "99999", 10, 1, 0.25)
    imported = import_delivery(settings, save(tmp_path, "google", [*rows, leak, off]))
    assert imported.warnings[0].startswith("Ads in held-out ground: 1 place got ads for $4.50")
    assert f"{code} (300 ads, $4.50, first on June 1, 2020)" in imported.warnings[0]
    assert imported.warnings[1].startswith("Ads where none were bought: 1 place")
    assert imported.receipt.warnings == imported.warnings
    assert "\u2068" not in "".join(imported.warnings)

    # Nothing is dropped: the leak is in the files, too.
    made = reconcile_delivery(settings)
    with (made.folder / "leaks.csv").open(encoding="utf-8", newline="") as file:
        assert [leak["place"] for leak in csv.DictReader(file)] == [code, "99999"]
    assert made.warnings == imported.warnings


def test_who_lives_where_ads_were_shown_is_told_by_race_with_margins_and_sources(
    town: Town, tmp_path: Path
) -> None:
    # Everyone of Hispanic origin lives in the first treated ZIP, which is the only one with ads.
    geoids = town.tracts.index
    treated = town.targets.index[town.targets["arm"] == "treat"][0]
    inside = geoids.isin(town.members.loc[town.members["unit_id"] == treated, "geoid"])
    race = pd.DataFrame(
        {"hispanic_count": 50.0 * inside, "hispanic_count_moe": 10.0, "asian_count": 7.0},
        index=geoids,
    )
    peopled = replace(town, tracts=town.tracts.assign(population_count=1000.0))
    settings = read_settings(home=tmp_path / "home")
    Store(settings.runs_folder).approve(keep_town(settings, peopled, race=race), "Ada Lovelace")
    shown = [row for row in fly(settings, 3) if row.zip_code == treated.removeprefix("zip-")]
    import_delivery(settings, save(tmp_path, "google", shown))

    made = reconcile_delivery(settings)

    groups = pd.read_csv(made.folder / "groups.csv").set_index("group")
    hispanic, asian = groups.loc["Hispanic or Latino"], groups.loc["Asian"]
    assert (hispanic["members_count"], hispanic["covered_share"]) == (100, 1)
    assert hispanic["everyone_covered_share"] == asian["covered_share"] == 0.02
    # All error of a share of 1 is that of members outside: 98 tracts with a margin of 10 each.
    assert hispanic["covered_margin_share"] == pytest.approx(98**0.5 * 10 / 100, abs=1e-6)
    assert (hispanic["verdict"], asian["verdict"]) == ("as everyone", "not known")
    assert hispanic["source"] == "American Community Survey 2014-2018, table B03002"
    assert asian["source"] == "American Community Survey 2014-2018, table B02011"
    assert "Race and origin are from the tables" in (made.folder / "delivery.html").read_text()
    spanish = (made.folder / "delivery.es.html").read_text()
    assert "Hispanos o latinos" in spanish
    assert "Hispanic" not in spanish


def test_a_run_without_race_says_so(town: Town, tmp_path: Path) -> None:
    rented = replace(town, tracts=town.tracts.assign(renter_households_count=100.0))
    settings = read_settings(home=tmp_path / "home")
    Store(settings.runs_folder).approve(keep_town(settings, rented), "Ada Lovelace")
    import_delivery(settings, save(tmp_path, "google", fly(settings, 3)))
    page = (reconcile_delivery(settings).folder / "delivery.html").read_text()
    assert "Race and origin are not here" in page


def test_other_campaigns_are_left_out_by_name_and_alone_are_refused(
    settings: Settings, tmp_path: Path
) -> None:
    rows = fly(settings, 3)
    parks = Row(rows[0].day, "Parks", "60601", 100, 1, 9.0)
    imported = import_delivery(settings, save(tmp_path, "google", [*rows, parks]))
    assert "Parks ($9.00)" in imported.lines[2]
    assert imported.receipt.foreign == {"Parks": 9.0}
    with pytest.raises(InputError, match="its campaigns are Parks"):
        import_delivery(settings, save(tmp_path, "google", [parks]))


def test_a_plain_table_needs_no_names(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text("place,day,channel,impressions,spend\n60600,2020-06-01,Nextdoor,100,2.50\n")
    imported = import_delivery(settings, path)
    assert imported.receipt.spend_usd == 2.5
    made = reconcile_delivery(settings)
    channels = made.view.lines[made.view.lines["dimension"] == "channel"]
    assert channels["key"].tolist() == ["nextdoor"]


def test_drafts_and_empty_ledgers_are_refused(town: Town, tmp_path: Path) -> None:
    settings = read_settings(home=tmp_path / "home")
    run = keep_town(settings, town)
    path = tmp_path / "own.csv"
    path.write_text("place,day,channel,impressions,spend\n60600,2020-06-01,google,1,1\n")
    with pytest.raises(StoreError, match="No list is approved"):
        import_delivery(settings, path)
    with pytest.raises(StoreError, match="is a draft, so no ads of it ran"):
        import_delivery(settings, path, run)
    Store(settings.runs_folder).approve(run, "Ada Lovelace")
    with pytest.raises(NothingThere, match="No report was imported"):
        reconcile_delivery(settings, run)
    with pytest.raises(ModelError, match="The invoice is -1"):
        reconcile_delivery(settings, run, -1)
    assert not (settings.home / "delivery").exists()


def test_a_later_list_of_the_flight_has_the_same_reports(
    settings: Settings, town: Town, tmp_path: Path
) -> None:
    import_delivery(settings, save(tmp_path, "google", fly(settings, 3)))
    store = Store(settings.runs_folder)
    first = store.find("latest")[0].id
    later = keep_town(settings, town)
    store.approve(later, "Ada Lovelace")
    tags = {find_flight(store, name).tag for name in (first, later)}
    assert len(tags) == 1
    made = [reconcile_delivery(settings, name).view for name in (first, later)]
    assert made[0].total.equals(made[1].total)


def test_the_page_is_written_in_two_languages_and_shows_no_markup_of_a_report(
    settings: Settings, tmp_path: Path
) -> None:
    path = tmp_path / "own.csv"
    hostile = "<script>alert(1)</script>"
    path.write_text(
        "place,day,channel,impressions,spend,reach\n"
        f'60600,2020-06-02,"{hostile}",100,2.50,50\n"=1+1",2020-06-02,google,100,2.50,50\n'
    )
    import_delivery(settings, path)
    made = reconcile_delivery(settings, invoice_usd=7)
    english = (made.folder / "delivery.html").read_text(encoding="utf-8")
    spanish = (made.folder / "delivery.es.html").read_text(encoding="utf-8")
    assert "Planned and delivered: Town" in english
    assert "Planeado y entregado: Town" in spanish
    assert 'href="delivery.es.html"' in english
    assert 'href="delivery.html"' in spanish
    for page in (english, spanish):
        assert "<script" not in page
        assert "$2.00" in page  # the invoice is above the reports by that much
    assert "'=1+1" in (made.folder / "delivered.csv").read_text(encoding="utf-8")
