"""Drill every fault of a service, a file, and the machine from the command line."""

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from outreach.campaign import read_campaign
from outreach.sandbox.server import Sandbox

Misbehave = Callable[..., None]
EXAMPLES = Path(__file__).parents[2] / "outreach" / "examples"


def write_campaign(outreach: Any, *swaps: tuple[str, str]) -> None:
    text = (EXAMPLES / "invented_county.toml").read_text(encoding="utf-8")
    for old, new in swaps:
        assert old in text
        text = text.replace(old, new)
    (outreach.folder / "campaign.toml").write_text(text, encoding="utf-8")


def plant_last_run(outreach: Any) -> Path:
    """Put a small whole run there that a failure must not touch."""
    runs = outreach.home / "runs"
    (runs / "2020-01-01-good").mkdir(parents=True)
    (runs / "2020-01-01-good" / "map.html").write_text("good")
    (runs / "latest").symlink_to("2020-01-01-good", target_is_directory=True)
    return runs


def assert_one_sentence(done: "subprocess.CompletedProcess[str]", *words: str) -> None:
    assert done.returncode != 0
    message = done.stderr.strip()
    assert message.startswith("Error: "), message
    assert "\n" not in message
    assert "Traceback" not in done.stdout + done.stderr
    for word in words:
        assert word in message, message


def assert_untouched(runs: Path) -> None:
    assert (runs / "latest" / "map.html").read_text() == "good"
    assert sorted(path.name for path in runs.iterdir()) == ["2020-01-01-good", "latest"]


def wait_for_building(runs: Path) -> None:
    """Wait until a run has begun to be built."""
    until = time.monotonic() + 600
    while not list(runs.glob(".building-*")) and time.monotonic() < until:
        time.sleep(0.05)


FAULTS = {
    "truncated JSON": ("truncate:/data/2020/dec/*", ("not complete JSON", "responserate")),
    "HTML with status 200": ("html:/data/2020/dec/*", ("a web page", "instead of figures")),
    "a renamed column": ("renamed=CRRALL:/data/2020/dec/*", ("CRRALL",)),
    "a missing column": ("missing=CRRINT:/data/2020/dec/*", ("CRRINT",)),
    "words for figures": ("type=CRRALL:/data/2020/dec/*", ("CRRALL",)),
    "a value of 140 %": ("range=CRRALL:/data/2020/dec/*", ("140", "CRRALL", "99001")),
    "the API down": ("reset:/data/*", ("Cannot reach",)),
    "a server error that stays": ("500:/data/2018/*", ("acs5",)),
    "a cut zip": ("truncate:/geo/tiger/*", ("cb_2020_99_tract_500k.zip",)),
    "a page instead of a zip": ("html:/geo/tiger/*", ("cb_2020_99_tract_500k.zip",)),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_of_a_service_is_one_sentence(
    name: str, inside: Any, misbehave: Misbehave, address: dict[str, str]
) -> None:
    fault, words = FAULTS[name]
    write_campaign(inside)
    runs = plant_last_run(inside)
    misbehave(fault)
    assert_one_sentence(inside("run", "campaign.toml", **address), *words)
    assert_untouched(runs)


def test_a_missing_and_a_bad_key_are_told_apart(inside: Any, address: dict[str, str]) -> None:
    write_campaign(inside)
    runs = plant_last_run(inside)
    without = {name: value for name, value in address.items() if "KEY" not in name}
    assert_one_sentence(
        inside("run", "campaign.toml", **without), "There is no Census API key", "key_signup.html"
    )
    bad = inside("run", "campaign.toml", **address | {"OUTREACH_CENSUS_API_KEY": "wrong-key-123"})
    assert_one_sentence(bad, "not valid")
    assert "wrong-key-123" not in bad.stdout + bad.stderr
    assert_untouched(runs)


def test_an_unknown_county_and_one_without_rates_are_named(
    inside: Any, address: dict[str, str]
) -> None:
    runs = plant_last_run(inside)
    write_campaign(inside, ('county = "001"', 'county = "777"'))
    assert_one_sentence(inside("run", "campaign.toml", **address), "county 777")
    write_campaign(inside, ('county = "001"', 'county = "001"\ntracts = ["99001990000"]'))
    assert_one_sentence(inside("run", "campaign.toml", **address), "99", "no")
    assert_untouched(runs)


def test_a_wrong_value_in_the_campaign_names_file_key_and_what_is_allowed(
    inside: Any, address: dict[str, str]
) -> None:
    write_campaign(
        inside, ("goal_percent = 70.0", "goal_percent = 170.0"), ('state = "99"', "state = 99")
    )
    done = inside("run", "campaign.toml", **address)
    assert_one_sentence(
        done, "campaign.toml", "goal_percent", "100", "areas[1].state", "text in quotes"
    )


def test_an_unknown_platform_is_named_before_anything_is_asked(
    inside: Any, sandbox: Sandbox, address: dict[str, str]
) -> None:
    write_campaign(inside, ('platforms = ["csv"]', 'platforms = ["pigeon"]'))
    assert_one_sentence(inside("run", "campaign.toml", **address), "pigeon", "csv")
    assert sandbox.log == []


def test_broken_polygons_are_repaired_counted_and_drawn(
    inside: Any, misbehave: Misbehave, address: dict[str, str]
) -> None:
    write_campaign(inside)
    misbehave("geometry:/geo/tiger/GENZ2020/shp/cb_2020_99_tract_500k.zip")
    done = inside("run", "campaign.toml", **address)
    assert done.returncode == 0, done.stderr
    assert "Repaired the geometry" in done.stdout
    manifest = json.loads((inside.home / "runs" / "latest" / "manifest.json").read_text())
    assert manifest["counts"]["tracts_offered"] == manifest["counts"]["tracts"]


def test_a_predictor_that_is_not_there_is_said_and_the_run_goes_on(
    inside: Any, address: dict[str, str]
) -> None:
    write_campaign(inside, ("planning_database = 2020", "planning_database = 1990"))
    done = inside("run", "campaign.toml", **address)
    assert done.returncode == 0, done.stderr
    assert "Left out" in done.stdout
    assert "planning_database" in done.stdout


def test_what_was_pulled_before_the_api_went_down_is_archived(
    inside: Any, misbehave: Misbehave, address: dict[str, str]
) -> None:
    write_campaign(inside)
    runs = plant_last_run(inside)
    misbehave("reset:/data/2018/acs/acs5")
    assert_one_sentence(inside("run", "campaign.toml", **address), "Cannot reach")
    assert_untouched(runs)
    assert "May 28, 2020" in inside("archive", "status").stdout


def test_a_passing_fault_passes(inside: Any, misbehave: Misbehave, address: dict[str, str]) -> None:
    write_campaign(inside)
    misbehave("500:/data/2020/dec/*:1", "429=0:/data/2018/*:1", "reset:/geo/tiger/*:1")
    done = inside("run", "campaign.toml", **address)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""


def test_a_killed_run_leaves_latest_and_the_next_run_is_whole(
    inside: Any, misbehave: Misbehave, address: dict[str, str]
) -> None:
    write_campaign(inside)
    runs = plant_last_run(inside)
    misbehave("slow=2:/geo/tiger/*")
    process = inside.start("run", "campaign.toml", **address)
    wait_for_building(runs)
    time.sleep(1)  # make drills kills at many moments
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=600)
    if (runs / "latest").resolve().name == "2020-01-01-good":
        assert (runs / "latest" / "map.html").read_text() == "good"
    misbehave()
    done = inside("run", "campaign.toml", **address)
    assert done.returncode == 0, done.stderr
    assert (runs / "latest" / "manifest.json").is_file()
    assert not list(runs.glob(".building-*"))


def test_two_runs_of_one_campaign_at_once_are_both_whole(
    inside: Any, misbehave: Misbehave, address: dict[str, str]
) -> None:
    write_campaign(inside)
    # The first waits for its boundaries until the second has begun.
    misbehave("slow=3:/geo/tiger/*")
    runs = inside.home / "runs"
    process = inside.start("run", "campaign.toml", **address)
    wait_for_building(runs)
    done = inside("run", "campaign.toml", **address)
    assert done.returncode == 0, done.stderr
    out, err = process.communicate(timeout=900)
    assert process.returncode == 0, out + err
    whole = [
        path
        for path in runs.iterdir()
        if (path / "manifest.json").is_file() and not path.is_symlink()
    ]
    assert len(whole) == 2
    assert (runs / "latest").resolve() in whole


@pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("mount") is None,
    reason="only root can mount a small disk to fill",
)
def test_a_full_disk_is_one_sentence(inside: Any, address: dict[str, str], tmp_path: Path) -> None:
    small = tmp_path / "small disk"
    small.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", str(small)], check=False
    )
    if mounted.returncode:
        pytest.skip("this machine does not let tests mount a disk")
    try:
        write_campaign(inside)
        done = inside("run", "campaign.toml", **address | {"OUTREACH_HOME": str(small / "home")})
        assert_one_sentence(done, "No space left on device")
        assert not (small / "home" / "runs" / "latest").exists()
    finally:
        subprocess.run(["umount", "-l", str(small)], check=True)


def test_every_shipped_example_is_a_valid_campaign() -> None:
    for path in EXAMPLES.glob("*.toml"):
        assert read_campaign(path).areas


def test_a_check_lists_every_fault_and_a_run_stops_at_them_before_any_request(
    inside: Any, sandbox: Sandbox, address: dict[str, str]
) -> None:
    runs = plant_last_run(inside)
    districts = '[[districts]]\nname = "Ward"\nfile = "gone.geojson"\nid_column = "id"\n'
    write_campaign(inside, ('["csv"]', '["cvs"]'), ("[[areas]]", f"{districts}\n[[areas]]"))
    checked = inside("check", "campaign.toml", **address)
    assert checked.returncode == 1
    lines = checked.stdout.splitlines()
    assert [line[:4] for line in lines[:2]] == ["FAIL", "FAIL"]
    assert "Did you mean 'csv'?" in lines[0]
    assert "gone.geojson" in lines[1]
    assert "2 faults" in lines[2]
    assert_one_sentence(inside("run", "campaign.toml", **address), "'cvs'", "gone.geojson")
    assert_untouched(runs)
    assert sandbox.log == []
    write_campaign(inside)
    checked = inside("check", "campaign.toml", **address)
    assert checked.returncode == 0
    assert "can run" in checked.stdout
