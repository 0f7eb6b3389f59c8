"""Write the lines to add to and remove from TikTok lists."""

from outreach.exporters.changes.changer import Changer
from outreach.exporters.changes.lists import write_list_changes

CHANGER = Changer(write_list_changes)
