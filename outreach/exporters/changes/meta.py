"""Write changes for Meta: ad sets to create, update, and delete, in the Marketing API's fields.

An update replaces the whole targeting of an ad set, which is how the API does it.
"""

import json
from typing import Any

from outreach.exporters.base.exporter import ExportFile
from outreach.exporters.changes.changer import Changer, Difference
from outreach.exporters.changes.lists import write_list_changes

#: The status stays as it is on Meta, and the campaign's ID is known there.
_KEPT = ("status", "campaign_id")


def write_changes(difference: Difference) -> list[ExportFile]:
    """Write one JSON file of ad sets, and the ZIPs to add to and remove from each."""
    old, new = (
        {
            spec["ad_set"]["name"]: spec
            for spec in (
                json.loads(file.content)
                for file in files
                if file.name.startswith("meta-geo-locations")
            )
        }
        for files in (difference.old, difference.new)
    )
    changes = {
        "create": [spec for name, spec in new.items() if name not in old],
        "update": [
            _describe_update(old[name], spec)
            for name, spec in new.items()
            if name in old and _list_changes(old[name], spec)
        ],
        "delete": [
            {"name": name, "status": difference.rules.word("deleted")}
            for name in old
            if name not in new
        ],
    }
    if not any(changes.values()):
        return []
    content = json.dumps(changes, ensure_ascii=False, indent=1).encode("utf-8")
    lists = write_list_changes(difference, "meta-zips")
    return [ExportFile("meta-changes.json", content), *lists]


def _list_changes(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of campaign, ad set, and ad that differ."""
    parts = {
        part: {
            name: value
            for name, value in new[part].items()
            if name not in _KEPT and value != old[part].get(name)
        }
        for part in ("campaign", "ad_set", "ad")
    }
    return {part: fields for part, fields in parts.items() if fields}


def _describe_update(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """Return an ad set's name, the fields to set, and where they come from."""
    return {"name": new["ad_set"]["name"], "set": _list_changes(old, new), "source": new["source"]}


CHANGER = Changer(
    write_changes,
    notes=("Ad sets are named, not numbered: look up the ID of each in Ads Manager.",),
)
