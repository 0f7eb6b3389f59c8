"""The check passes correct files, catches spoiled ones, and adds a checklist."""

import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from outreach import exporters
from outreach.errors import CampaignError, ExportError
from outreach.exporters.base.exporter import ExportContext, Exporter, ExportFile, find_exporters
from outreach.exporters.check import readers
from outreach.exporters.check.preflight import export_targets, inspect_files
from outreach.exporters.check.readback import FileReader
from outreach.registry import discover

EVERY = list(discover(exporters, "EXPORTER", Exporter))
ZIPS = ["60601", "00501", "02806", "60602"]
PINS = [(41.8, -87.7, 1.5), (42.0, -88.0, 3.0)]


@pytest.fixture
def context(bench: Any, tmp_path: Path) -> ExportContext:
    made: ExportContext = bench.context(**bench.lists(tmp_path, ZIPS))
    return made


def list_targets(bench: Any, platform: str) -> pd.DataFrame:
    """Return targets that the platform takes, one of them held out."""
    if platform == "markets":
        counties: pd.DataFrame = bench.targets(tracts=["17031010100", "17197880100"])
        return counties
    pins = [] if platform in ("tiktok", "zips", "eddm") else PINS
    zips = [] if platform == "points" else ZIPS
    arms = ["treat", "treat", "treat", "holdout"][: len(zips)] + ["treat"] * len(pins)
    table: pd.DataFrame = bench.targets(zips=zips, pins=pins, arm=arms)
    return table


def test_every_exporter_has_a_reader_and_every_reader_an_exporter() -> None:
    assert list(discover(readers, "READER", FileReader)) == EVERY


@pytest.mark.parametrize("platform", EVERY)
def test_what_an_exporter_writes_passes(bench: Any, platform: str, context: ExportContext) -> None:
    export = export_targets(platform, list_targets(bench, platform), context)
    assert not [finding for finding in export.findings if finding.fault]
    assert len({file.name for file in export.files}) == len(export.files)


@pytest.mark.parametrize("platform", EVERY)
def test_requested_exclusions_pass(bench: Any, platform: str, context: ExportContext) -> None:
    export = export_targets(
        platform, list_targets(bench, platform), replace(context, exclude_holdout=True)
    )
    assert not [finding for finding in export.findings if finding.fault]


# The cells of a workbook are compressed; test_excel reads them.
@pytest.mark.parametrize("platform", [name for name in EVERY if name != "excel"])
def test_every_export_can_be_joined_back_and_says_draft_or_approved(
    bench: Any, platform: str, context: ExportContext
) -> None:
    targets = list_targets(bench, platform)
    draft = b"".join(file.content for file in export_targets(platform, targets, context).files)
    final = b"".join(
        file.content
        for file in export_targets(platform, targets, replace(context, approved_by="Ada")).files
    )
    assert b"DRAFT" in draft
    assert b"approved by Ada" not in draft
    assert b"approved by Ada" in final
    assert b"DRAFT" not in final
    assert bench.run.encode() in draft
    assert b"Census 2020" in draft


@pytest.mark.parametrize("platform", EVERY)
def test_two_exports_of_one_list_are_the_same_bytes(
    bench: Any, platform: str, context: ExportContext
) -> None:
    targets = list_targets(bench, platform)
    assert (
        export_targets(platform, targets, context).files
        == export_targets(platform, targets, context).files
    )


Spoil = Callable[[bytes], bytes]
SPOILED: list[tuple[str, str, Spoil, str]] = [
    ("google", "google-editor.csv", lambda b: b.removeprefix(b"\xef\xbb\xbf"), "byte-order mark"),
    (
        "google",
        "google-editor.csv",
        lambda b: b.replace(b"Location ID", b"Location Id"),
        "header|read back",
    ),
    ("google", "google-editor.csv", lambda b: b.replace(b"Paused", b"Enabled"), "not paused"),
    ("google", "google-editor.csv", lambda b: b.replace(b"Location of presence", b""), "presence"),
    (
        "google",
        "google-editor.csv",
        lambda b: b.replace(b"Doesn't have EU political ads", b""),
        "EU political",
    ),
    (
        "google",
        "google-editor.csv",
        lambda b: b.replace(b"9060601,", b"9060601,60601"),
        "both a location ID and a name",
    ),
    (
        "google",
        "google-editor.csv",
        lambda b: b.replace(b"9060601", b"9060602"),
        "60602 should not be here|missing",
    ),
    ("google", "google-editor.csv", lambda b: b.replace(b"(1.5km", b"(1.5mi"), "not in km"),
    ("google", "google-editor.csv", lambda b: b.replace(b"(1.5km", b"(0.5km"), "not allowed"),
    (
        "google",
        "google-editor.csv",
        lambda b: b.replace(b"(1.5km", b"(1.4km"),
        "smaller than planned",
    ),
    ("google", "google-editor.csv", lambda b: b.replace(b"-87.700000", b"87.700000"), "missing"),
    (
        "google",
        "google-editor.csv",
        lambda b: b.replace(b"Census 2020", b"=Census 2020"),
        "formula",
    ),
    ("google", "google-editor.csv", lambda b: b[: b.rindex(b"Census")], "missing"),
    ("google", "google-editor.csv", lambda b: b + b[b.rindex(b"Census") :], "should not be here"),
    (
        "google",
        "google-editor.csv",
        lambda b: b.replace(b"\r\n", b",\r\n"),
        "more or fewer cells|header",
    ),
    ("google", "google-editor.csv", lambda _: b"\xff\xfe", "read back"),
    ("microsoft", "microsoft-bulk.csv", lambda b: b.replace(b",6.0,", b",5.0,"), "format version"),
    (
        "microsoft",
        "microsoft-bulk.csv",
        lambda b: b.replace(b"PeopleIn", b"PeopleInOrSearchingForOrViewingPages"),
        "presence",
    ),
    ("microsoft", "microsoft-bulk.csv", lambda b: b.replace(b"-111", b"111"), "key"),
    (
        "microsoft",
        "microsoft-bulk.csv",
        lambda b: b.replace(b",2,Kilometers", b",1.5,Kilometers"),
        "not a whole number|not allowed",
    ),
    ("microsoft", "microsoft-bulk.csv", lambda b: b.replace(b"Paused", b"Active"), "paused"),
    (
        "microsoft",
        "microsoft-bulk.csv",
        lambda b: b.replace(b"5000501", b"5000502"),
        "00501 is missing|unknown ID",
    ),
    (
        "meta",
        "meta-geo-locations.json",
        lambda b: b.replace(b"US:00501", b"US:501"),
        "00501 is missing",
    ),
    (
        "meta",
        "meta-geo-locations.json",
        lambda b: b.replace(b"US:00501", b"CA:00501"),
        "United States",
    ),
    ("meta", "meta-geo-locations.json", lambda b: b.replace(b"kilometer", b"mile"), "another unit"),
    (
        "meta",
        "meta-geo-locations.json",
        lambda b: b.replace(b'"advantage_audience": 0', b'"advantage_audience": 1'),
        "expansion",
    ),
    (
        "meta",
        "meta-geo-locations.json",
        lambda b: b.replace(b'"ISSUES_ELECTIONS_POLITICS"', b""),
        "special category",
    ),
    ("meta", "meta-geo-locations.json", lambda b: b[:-5], "read back"),
    ("meta", "meta-zips.txt", lambda b: b.replace(b"00501", b"501"), "form"),
    (
        "meta",
        "meta-import-sheet-check-on-a-test-ad-set.csv",
        lambda b: b.replace(b"US:00501", b"US:501"),
        "not the same",
    ),
    (
        "dv360",
        "dv360-regional-list.json",
        lambda b: b.replace(b"9000501", b"9000001"),
        "missing|unknown ID",
    ),
    (
        "dv360",
        "dv360-proximity-list-2km.json",
        lambda b: b.replace(b"41800000;", b"41900000;"),
        "missing",
    ),
    ("tiktok", "tiktok-zips.txt", lambda b: b.replace(b"00501", b"501"), "form|missing"),
    ("zips", "zips.txt", lambda b: b.replace(b"00501\r\n", b""), "not the same"),
    ("zips", "zips_country.csv", lambda b: b.replace(b"USA,00501", b"USA,0501"), "form|missing"),
    (
        "geojson",
        "points.csv",
        lambda b: b.replace(b"latitude,longitude", b"longitude,latitude"),
        "header",
    ),
    ("geojson", "targets.geojson", lambda b: b.replace(b"zip-00501", b"zip-501"), "missing"),
    ("geojson", "targets.geojson", lambda b: b.replace(b"[-87.7,", b"[-187.7,"), "beyond 180"),
    ("geojson", "targets.geojson", lambda b: b.replace(b"[-87.7,41.8]", b"[-87.7]"), "read back"),
    ("csv", "targets.csv", lambda b: b.replace(b'"zip-00501"', b'"zip-501"'), "missing"),
    ("csv", "targets.csv", lambda b: b.replace(b'"low rate"', b'"@low rate"'), "formula"),
]


@pytest.mark.parametrize(("platform", "name", "spoil", "message"), SPOILED)
def test_a_spoiled_file_is_caught(
    bench: Any, platform: str, name: str, spoil: Spoil, message: str, context: ExportContext
) -> None:
    targets = list_targets(bench, platform)
    files = find_exporters([platform])[platform].write(targets, context)
    spoiled = [
        ExportFile(file.name, spoil(file.content)) if file.name == name else file for file in files
    ]
    assert spoiled != files, "the fault is not in the file"
    faults = [
        str(finding)
        for finding in inspect_files(platform, spoiled, targets, context)
        if finding.fault
    ]
    assert any(word in fault for fault in faults for word in message.split("|")), faults


def test_a_lost_file_is_caught(bench: Any, context: ExportContext) -> None:
    targets = list_targets(bench, "google")
    assert any(finding.fault for finding in inspect_files("google", [], targets, context))


def test_a_list_over_a_cap_is_caught(bench: Any, context: ExportContext, tmp_path: Path) -> None:
    targets = list_targets(bench, "google")
    files = find_exporters(["google"])["google"].write(targets, context)
    (tmp_path / "google.toml").write_text("caps.pins = {value = 1}")
    faults = inspect_files("google", files, targets, replace(context, rules_folder=tmp_path))
    assert "2 pins are more than the 1 allowed (USER: " in str(faults[0])


def test_excluded_pins_do_not_count_toward_the_pin_limit(bench: Any) -> None:
    pins = [(40 + number / 1000, -87.0, 1.0) for number in range(210)]
    targets = bench.targets(pins=pins, arm=["treat"] * 200 + ["holdout"] * 10)
    export = export_targets("meta", targets, bench.context(exclude_holdout=True))
    assert export.files[0].name == "meta-geo-locations.json"


def test_a_formula_in_a_workbook_is_caught(bench: Any, context: ExportContext) -> None:
    targets = list_targets(bench, "excel")
    (file,) = find_exporters(["excel"])["excel"].write(targets, context)
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(file.content)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b"<v>", b"<f>1+1</f><v>"))
    assert any(
        finding.fault
        for finding in inspect_files(
            "excel", [ExportFile(file.name, out.getvalue())], targets, context
        )
    )


def test_a_failed_check_stops_the_export(
    bench: Any, context: ExportContext, tmp_path: Path
) -> None:
    (tmp_path / "google.toml").write_text("text.paused = {value = 'Enabled'}")
    with pytest.raises(ExportError, match=r"failed the check.*not paused"):
        export_targets(
            "google", list_targets(bench, "google"), replace(context, rules_folder=tmp_path)
        )


def test_an_unknown_platform_is_named(bench: Any, context: ExportContext) -> None:
    with pytest.raises(CampaignError, match="'orkut'"):
        export_targets("orkut", list_targets(bench, "google"), context)


def test_the_checklist_says_what_to_check_and_what_is_not_verified(
    bench: Any, context: ExportContext
) -> None:
    export = export_targets(
        "google", list_targets(bench, "google"), replace(context, exclude_holdout=True)
    )
    file = export.files[-1]
    text = file.content.decode()
    assert file.name == "google-checklist.txt"
    assert "Status    DRAFT" in text
    assert "5 to advertise in (arm treat), 1 held out, 0 in buffers" in text
    assert "$705.00, at most $5.00 a day for the 141 days" in text
    assert "from May 28, 2020 to October 15, 2020" in text
    assert "Call it   Census 2020 | treat | 2020-05-29T10-00-00" in text
    assert "  Census 2020 | treat | 2020-05-29T10-00-00 | en+es" in text
    assert "5 places, $705.00 of media, at most $5.00 a day" in text
    assert "utm_source=google&utm_medium=paid&utm_campaign=census-2020-" in text
    for duty in ("Authorization", "disclaimer", "Presence targeting", "Special category"):
        assert f"{duty}" in text
    assert "radius.step = 0.1 (ASSUMED: " in text
    assert "caps.pins" not in text
    assert "recruitment" not in text
    assert export.files[-2].name == "google-checklist.es.txt"
    for one in export.files[:-2]:
        assert one.name in text


def test_a_campaign_with_spanish_ads_has_its_checklist_in_spanish_too(
    bench: Any, context: ExportContext
) -> None:
    warned = replace(context, test_warning="This test cannot be read out.", approved_by="Ada")
    targets = bench.targets(
        zips=["60601", "60699"], pins=[(41.8, -87.7, 0.4)], households_count=[1000.0, 10.0, 1000.0]
    )
    export = export_targets("microsoft", targets, warned)
    spanish, english = (file.content.decode() for file in export.files[-2:])
    assert spanish.startswith("Microsoft Advertising: antes de subir los archivos")
    assert "Estado    aprobada por Ada" in spanish
    assert "Medios    $423.00, como máximo $3.00 al día durante los 141 días" in spanish
    assert "1 código postal no tiene ID ni nombre en esta plataforma" in spanish
    assert "1 de 1 círculos son más anchos de lo previsto, hasta en 0.60 km" in spanish

    # What both say is a figure, a name, a fact's source, or an address, and no sentence.
    same = {line for line in spanish.splitlines() if line in english.splitlines()}
    assert not [line for line in same if line.startswith(("  [ ]", "  - micro", "Test"))]
    assert len(spanish.splitlines()) == len(english.splitlines())
    one = export_targets(
        "microsoft", targets, replace(context, brief=replace(context.brief, languages=("en",)))
    )
    assert [file.name for file in one.files if file.is_checklist] == ["microsoft-checklist.txt"]


def test_wider_circles_and_unmatched_zips_are_reported(bench: Any, context: ExportContext) -> None:
    targets = bench.targets(
        zips=["60601", "60699"],
        pins=[(41.8, -87.7, 0.4)],
        households_count=[1000.0, 10.0, 1000.0],
    )
    notices = [str(finding) for finding in export_targets("microsoft", targets, context).findings]
    assert any(
        "1 of 1 circles are wider than planned, by up to 0.60 km" in line for line in notices
    )
    assert any("1 ZIP has no ID" in line and "$141.00 stay unspent" in line for line in notices)


def test_zctas_are_not_presented_as_zips(bench: Any) -> None:
    targets = bench.targets(zips=["60601"], label="ZCTA 60601")
    assert "these codes are ZCTAs" in str(
        export_targets("meta", targets, bench.context()).findings[0]
    )
    assert not export_targets("meta", targets.assign(label="ZIP 60601"), bench.context()).findings


def test_the_checklist_says_whether_the_money_is_for_this_platform_only(bench: Any) -> None:
    targets = bench.targets(zips=["60601"])
    whole = export_targets("meta", targets, bench.context()).files[-1].content
    part = (
        export_targets("meta", targets.assign(budget_meta_usd=40.0), bench.context())
        .files[-1]
        .content
    )
    assert b"$141.00, at most $1.00 a day" in whole
    assert b"all of the plan's money" in whole
    assert b"$40.00" in part
    assert b"the platform's share of the plan" in part


def test_holdout_pins_that_google_cannot_exclude_are_reported(
    bench: Any, context: ExportContext
) -> None:
    targets = bench.targets(pins=PINS, arm=["treat", "holdout"])
    export = export_targets("google", targets, replace(context, exclude_holdout=True))
    assert "1 of 1 held-out units are not excluded here" in str(export.findings[0])


def test_held_out_zips_that_go_in_by_name_are_reported_as_not_excluded(bench: Any) -> None:
    targets = bench.targets(zips=["60601", "60602"], arm=["treat", "holdout"])
    export = export_targets("google", targets, bench.context(exclude_holdout=True))
    names = [file.name for file in export.files if not file.is_checklist]
    assert names == ["google-editor.csv"]
    assert "1 of 1 held-out units are not excluded here" in str(export.findings[0])
