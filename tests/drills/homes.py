"""Make the folders that commands are drilled in, and say which commands there are."""

import datetime as dt
import shutil
from dataclasses import dataclass
from pathlib import Path

from outreach.settings import read_settings
from tests.flows.trial.tested_town import PLANTED, fill_archive, keep_town, make_town

EXAMPLES = Path(__file__).parents[2] / "outreach" / "examples"
#: The rates of one more day, as the Bureau's daily file has them.
_DAY = "GEO_ID,RESP_DATE,CRRALL,CRRINT,DRRALL,DRRINT\n"


@dataclass(frozen=True)
class Command:
    """A command to drill.

    Parameters
    ----------
    name
        As the table has it.
    arguments
        Of the command line, in a folder that :func:`make_template` made.
    makes_new
        Whether each time makes something new, so that several at once all succeed.
    repeatable
        Whether it succeeds a second time.
    share
        Of the moments that it is drilled at, because it takes long.
    needs_services
        Whether it asks the sandbox or runs on Prefect.
    """

    name: str
    arguments: tuple[str, ...]
    makes_new: bool = False
    repeatable: bool = True
    share: float = 1.0
    needs_services: bool = False


COMMANDS = (
    Command("pull", ("archive", "import", "day.csv")),
    Command("run", ("run", "campaign.toml"), makes_new=True, share=0.3, needs_services=True),
    Command("approve", ("approve", "latest", "--by", "Ana", "--yes"), repeatable=False),
    Command("export", ("export", "latest", "--to", "csv", "--to", "geojson", "--into", "lists")),
    Command("report", ("report",), share=0.5, needs_services=True),
    Command("publish", ("publish", "--into", "site"), share=0.5, needs_services=True),
    Command("mail", ("mail", "--to", "season=ana@example.org")),
    Command("measure", ("measure",)),
)


def make_template(folder: Path) -> None:
    """Make a working folder: a town with a run, a test, a season, and what commands need."""
    home = folder / "outreach-data"
    settings = read_settings(home=home)
    town = make_town(folder, "zips")
    keep_town(settings, town)
    fill_archive(settings, town, PLANTED)
    codes = [f"1400000US{geoid}" for geoid in town.tracts.index]
    rows = [f"{code},2020-07-13,60.5,50.5,0.1,0.1" for code in codes]
    (folder / "day.csv").write_text(_DAY + "\n".join(rows) + "\n", encoding="utf-8")
    (folder / "allowed.txt").write_text("@example.org\n", encoding="utf-8")

    # The campaign of the invented county, with a handful of its tracts so that a run is short.
    text = (EXAMPLES / "invented_county.toml").read_text(encoding="utf-8")
    tracts = ", ".join(f'"9900101{number:02d}00"' for number in range(1, 8))
    few = text.replace('county = "001"', f'county = "001"\ntracts = [{tracts}]')
    (folder / "campaign.toml").write_text(few, encoding="utf-8")


def copy_template(template: Path, into: Path) -> Path:
    """Give a drill a folder of its own."""
    if into.exists():
        shutil.rmtree(into)
    shutil.copytree(template, into, symlinks=True)
    return into


def turn_clock_back(folder: Path) -> None:
    """Let all that is kept be a year ahead of the clock."""
    ahead = str(dt.datetime.now(dt.UTC).year + 1)
    runs = folder / "outreach-data" / "runs"
    for run in [path for path in runs.glob("2*") if path.is_dir()]:
        later = ahead + run.name[4:]
        text = (run / "manifest.json").read_text(encoding="utf-8")
        stamp = f'"created_at":"{run.name[:4]}'.replace(":", ": ", 1)
        text = text.replace(run.name, later).replace(stamp, stamp[:-4] + ahead)
        (run / "manifest.json").write_text(text, encoding="utf-8")
        (runs / "latest").unlink()
        run.rename(runs / later)
        (runs / "latest").symlink_to(later, target_is_directory=True)
