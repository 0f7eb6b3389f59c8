"""A list goes from draft to approved to files, and the files say which it is."""

from typing import Any

from outreach.sandbox.server import Sandbox


def test_exports_say_draft_until_somebody_approved_the_list(
    inside: Any, sandbox: Sandbox, address: dict[str, str]
) -> None:
    assert inside("init", "campaign.toml", "--example", "invented_county").returncode == 0
    assert inside("run", "campaign.toml", **address).returncode == 0
    draft = inside("export", "--to", "csv", "--into", "draft")
    assert draft.returncode == 0, draft.stderr
    assert "DRAFT" in (inside.folder / "draft" / "targets.csv").read_text(encoding="utf-8-sig")
    assert inside("approve", "latest", "--by", "Ada Lovelace", "--yes").returncode == 0
    again = inside("approve", "latest", "--by", "Charles", "--yes")
    assert again.returncode == 1
    assert "approved by Ada Lovelace" in again.stderr
    assert inside("export", "--to", "csv", "--into", "final").returncode == 0
    final = (inside.folder / "final" / "targets.csv").read_text(encoding="utf-8-sig")
    assert "approved by Ada Lovelace" in final
    assert "DRAFT" not in final
    listed = inside("runs").stdout
    assert "Invented County" in listed
    assert len(sandbox.log) > 0


def test_a_platform_that_takes_no_tracts_is_refused_with_the_way_out(
    inside: Any, address: dict[str, str]
) -> None:
    assert inside("init", "campaign.toml", "--example", "invented_county").returncode == 0
    assert inside("run", "campaign.toml", **address).returncode == 0
    refused = inside("export", "--to", "google", "--into", "lists")
    assert refused.returncode == 1
    assert "zips" in refused.stderr
    assert not (inside.folder / "lists").exists()
