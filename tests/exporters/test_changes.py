"""Changes applied to the uploaded list give the new one, on a copy of each platform."""

import csv
import datetime as dt
import io
import json
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outreach import exporters
from outreach.errors import ExportError
from outreach.exporters import changes
from outreach.exporters.base.exporter import ExportContext, Exporter, ExportFile
from outreach.exporters.base.rules import list_platforms, load_rules
from outreach.exporters.changes.changer import Changer, Difference, find_changer
from outreach.exporters.check.preflight import export_targets
from outreach.registry import discover

ZIPS = [f"{number:05d}" for number in range(501, 521)]
PLATFORMS = list(discover(changes, "CHANGER", Changer))
#: A part of what a list has: its ZIPs, pins by number with their radius, and its money.
LISTS = st.fixed_dictionaries(
    {
        "zips": st.sets(st.sampled_from(ZIPS), min_size=1),
        "pins": st.dictionaries(st.integers(0, 9), st.sampled_from([1.0, 2.0, 5.0]), min_size=1),
        "cents": st.integers(10_000, 50_000),
        "spanish": st.sampled_from([0.0, 0.25, 0.5]),
    }
)

State = Any


@pytest.fixture(scope="module")
def context(bench: Any, tmp_path_factory: pytest.TempPathFactory) -> ExportContext:
    """Return a context with the lists of IDs."""
    made: ExportContext = bench.context(**bench.lists(tmp_path_factory.mktemp("lists"), ZIPS))
    return made


def make_list(bench: Any, platform: str, drawn: dict[str, Any]) -> Any:
    """Return the targets that a drawn list has on a platform."""
    takes = load_rules(platform).units.value if platform in list_platforms() else ("zip", "pin")
    zips = sorted(drawn["zips"]) if "zip" in takes else []
    pins = [(41 + number / 10, -87.5, radius) for number, radius in sorted(drawn["pins"].items())]
    table = bench.targets(zips=zips, pins=pins if "pin" in takes else [])
    shares = {"language_en_share": 1 - drawn["spanish"], "language_es_share": drawn["spanish"]}
    return table.assign(budget_usd=drawn["cents"] / 100, **shares)


def write(platform: str, targets: Any, context: ExportContext) -> list[ExportFile]:
    return [
        file for file in export_targets(platform, targets, context).files if not file.is_checklist
    ]


def read_rows(file: ExportFile) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file.content.decode("utf-8-sig"), newline="")))


class Editor:
    """Google Ads Editor: rows by campaign and location; an empty cell changes nothing."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str, str], dict[str, str]] = {}

    def upload(self, files: Sequence[ExportFile]) -> None:
        for row in (row for file in files for row in read_rows(file)):
            key = (row["Campaign"], row["Location ID"], row["Location"])
            if row["Campaign Status"] == "Removed":
                self.rows = {k: v for k, v in self.rows.items() if k[0] != row["Campaign"]}
            elif row["Status"] == "Removed":
                del self.rows[key]
            else:
                known = self.rows.setdefault(key, dict.fromkeys(row, ""))
                known |= {n: "" if cell == "[]" else cell for n, cell in row.items() if cell}

    def state(self) -> State:
        return self.rows


class Microsoft:
    """Microsoft Advertising: records by an ID of its own, which its download tells."""

    def __init__(self) -> None:
        self.records: dict[int, dict[str, str]] = {}
        self.next_id = 7_000_000

    def upload(self, files: Sequence[ExportFile]) -> None:
        for file in files:
            version, *rows = read_rows(file)
            assert version["Name"] == "6.0"
            keys: dict[str, str] = {}
            for row in rows:
                row["Parent Id"] = keys.get(row["Parent Id"], row["Parent Id"])
                assert not row["Parent Id"].startswith("-")
                if row["Status"] == "Deleted":
                    self.delete(int(row["Id"]), row["Parent Id"])
                elif row["Id"].isdigit():
                    record = self.records[int(row["Id"])]
                    record |= {
                        name: "" if cell == "delete_value" else cell
                        for name, cell in row.items()
                        if cell
                    }
                else:
                    self.next_id += 1
                    keys[row["Id"]] = str(self.next_id)
                    self.records[self.next_id] = row | {"Id": str(self.next_id)}

    def delete(self, number: int, parent: str) -> None:
        assert self.records.pop(number)["Parent Id"] == parent
        self.records = {
            key: record
            for key, record in self.records.items()
            if record["Parent Id"] != str(number)
        }

    def download(self, path: Path) -> Path:
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            columns = list(next(iter(self.records.values())))
            writer = csv.DictWriter(file, columns)
            writer.writeheader()
            writer.writerows(self.records.values())
        return path

    def state(self) -> State:
        names = {record["Id"]: record["Campaign"] for record in self.records.values()}
        hidden = {"Id": "", "Parent Id": "", "Campaign": ""}
        return sorted(
            (names.get(record["Parent Id"], record["Campaign"]), sorted((record | hidden).items()))
            for record in self.records.values()
        )


class Meta:
    """Meta: ad sets by name; an update replaces the fields that it names."""

    def __init__(self) -> None:
        self.ad_sets: dict[str, dict[str, Any]] = {}

    def upload(self, files: Sequence[ExportFile]) -> None:
        for file in files:
            if file.name.startswith("meta-geo-locations"):
                self.create(json.loads(file.content))
            elif file.name == "meta-changes.json":
                edit = json.loads(file.content)
                for spec in edit["create"]:
                    self.create(spec)
                for update in edit["update"]:
                    for part, fields in update["set"].items():
                        self.ad_sets[update["name"]][part] |= fields
                for gone in edit["delete"]:
                    del self.ad_sets[gone["name"]]

    def create(self, spec: dict[str, Any]) -> None:
        self.ad_sets[spec["ad_set"]["name"]] = {
            part: spec[part] for part in ("campaign", "ad_set", "ad")
        }

    def state(self) -> State:
        return self.ad_sets


class Dv360:
    """Display & Video 360: locations of lists, and line items by name."""

    def __init__(self) -> None:
        self.lists: dict[str, set[str]] = {}
        self.items: dict[str, dict[str, str]] = {}

    def upload(self, files: Sequence[ExportFile]) -> None:
        for file in files:
            if file.name.endswith(".json"):
                self.edit(file.name.removesuffix(".json"), json.loads(file.content))
                continue
            for row in read_rows(file):
                known = row["Line Item Id"] != ""
                assert known == (row["Name"] in self.items)
                assert not known or row["Line Item Id"] == f"ID OF {row['Name']}"
                if row["Status"] == "Archived":
                    del self.items[row["Name"]]
                else:
                    self.items[row["Name"]] = row | {"Line Item Id": "", "Status": ""}

    def edit(self, name: str, spec: dict[str, Any]) -> None:
        ids = self.lists.setdefault(name.removesuffix("-changes"), set())
        deleted = set(spec["bulkEdit"].get("deletedAssignedLocations", []))
        assert deleted <= ids
        ids -= deleted
        created = {one["targetingOptionId"] for one in spec["bulkEdit"]["createdAssignedLocations"]}
        assert not created & ids
        ids |= created

    def state(self) -> State:
        return {name: ids for name, ids in self.lists.items() if ids}, self.items


class Lists:
    """A person's lists: lines are added and struck off."""

    def __init__(self) -> None:
        self.lines: dict[str, Counter[bytes]] = {}

    def upload(self, files: Sequence[ExportFile]) -> None:
        for file in files:
            if file.name.startswith("zips_comma"):
                continue  # the same ZIPs in another form
            name = re.sub(r"-part-\d+-of-\d+", "", file.name)
            verb = re.search(r"-(add|remove)\.", name)
            kept = self.lines.setdefault(re.sub(r"-(add|remove)\.", ".", name), Counter())
            table = name.endswith(".csv") and not name.startswith("zips_country")
            found = Counter(file.content.splitlines()[table:])
            if verb and verb[1] == "remove":
                assert found <= kept
                kept -= found
            else:
                kept += found

    def state(self) -> State:
        return {name: lines for name, lines in self.lines.items() if lines}


class Map:
    """A map of features by their ID, and the tables beside it."""

    def __init__(self) -> None:
        self.features: dict[str, Any] = {}
        self.tables = Lists()

    def upload(self, files: Sequence[ExportFile]) -> None:
        maps = [file for file in files if file.name.endswith(".geojson")]
        self.tables.upload([file for file in files if file not in maps])
        for file in sorted(maps, key=lambda file: "remove" not in file.name):
            for feature in json.loads(file.content)["features"]:
                if "remove" in file.name:
                    assert self.features.pop(feature["id"]) == feature
                else:
                    self.features[feature["id"]] = feature

    def state(self) -> State:
        return self.features, self.tables.state()


COPIES: dict[str, Callable[[], Any]] = {
    "google": Editor,
    "microsoft": Microsoft,
    "meta": Meta,
    "dv360": Dv360,
    "geojson": Map,
}


def test_every_exporter_but_whole_tables_tells_changes() -> None:
    assert set(discover(exporters, "EXPORTER", Exporter)) - set(PLATFORMS) == {
        "excel",
        "markets",
    }


@pytest.mark.parametrize("platform", PLATFORMS)
@settings(max_examples=12)
@given(first=LISTS, second=LISTS)
def test_changes_turn_the_old_list_into_the_new_one(
    bench: Any,
    platform: str,
    context: ExportContext,
    tmp_path_factory: pytest.TempPathFactory,
    first: dict[str, Any],
    second: dict[str, Any],
) -> None:
    old, new = (
        write(platform, make_list(bench, platform, one), context) for one in (first, second)
    )
    uploaded, whole = (COPIES.get(platform, Lists)() for _ in range(2))
    uploaded.upload(old)
    whole.upload(new)
    download = None
    if platform == "microsoft":
        download = uploaded.download(tmp_path_factory.mktemp("download") / "bulk.csv")

    changer = find_changer(platform)
    assert changer is not None
    rules = load_rules(platform) if platform in list_platforms() else None
    uploaded.upload(changer.write(Difference(old, new, rules, download)))
    assert uploaded.state() == whole.state()


@pytest.mark.parametrize("platform", PLATFORMS)
def test_the_same_list_changes_nothing(bench: Any, platform: str, context: ExportContext) -> None:
    drawn = {"zips": {"00501"}, "pins": {1: 2.0}, "cents": 100_000, "spanish": 0.25}
    files = write(platform, make_list(bench, platform, drawn), context)
    changer = find_changer(platform)
    assert changer is not None
    rules = load_rules(platform) if platform in list_platforms() else None
    assert changer.write(Difference(files, files, rules)) == []


def test_a_running_campaign_is_not_paused_by_a_change(bench: Any, context: ExportContext) -> None:
    brief = replace(context.brief, flight=(dt.date(2020, 6, 1), dt.date(2020, 6, 10)))
    later = replace(context, brief=brief)
    targets = bench.targets(zips=ZIPS[:3])
    old, new = (write("google", targets, one) for one in (context, later))
    changer = find_changer("google")
    assert changer is not None
    (file,) = changer.write(Difference(old, new, load_rules("google")))
    (row,) = read_rows(file)
    assert {name: cell for name, cell in row.items() if cell} == {
        "Campaign": "Census 2020 | treat | 2020-05-29T10-00-00 | en+es",
        "Budget": "42.3",
        "Start Date": "2020-06-01",
        "End Date": "2020-06-10",
    }


def test_microsoft_needs_its_own_file_to_delete(
    bench: Any, context: ExportContext, tmp_path: Path
) -> None:
    old, new = (
        write("microsoft", bench.targets(zips=zips), context) for zips in (ZIPS[:3], ZIPS[:2])
    )
    changer = find_changer("microsoft")
    assert changer is not None
    rules = load_rules("microsoft")
    with pytest.raises(ExportError, match="only its bulk file has them"):
        changer.write(Difference(old, new, rules))
    other = Microsoft()
    other.upload(write("microsoft", bench.targets(zips=ZIPS[5:6]), context))
    with pytest.raises(
        ExportError, match=r"bulk file has no 'Campaign Location Criterion 5000503'"
    ):
        changer.write(Difference(old, new, rules, other.download(tmp_path / "bulk.csv")))
