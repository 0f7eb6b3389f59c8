"""Write files and folders so that a reader sees all of one or none.

Writing lets :class:`OSError` through, for the caller knows what to tell the user.
"""

from outreach.files.leftovers import find_leftovers
from outreach.files.record import describe_damage, read_record
from outreach.files.replace import flush_folder, refuse_link, replace_folder
from outreach.files.secret import keep_secret
from outreach.files.single import create_file, make_slug, sweep_staged, write_file, write_files
from outreach.files.workspace import Workspace, open_workspace, sweep_workspaces

__all__ = [
    "Workspace",
    "create_file",
    "describe_damage",
    "find_leftovers",
    "flush_folder",
    "keep_secret",
    "make_slug",
    "open_workspace",
    "read_record",
    "refuse_link",
    "replace_folder",
    "sweep_staged",
    "sweep_workspaces",
    "write_file",
    "write_files",
]
