"""Write the carrier routes to add to and remove from a mailing."""

from outreach.exporters.changes.changer import Changer
from outreach.exporters.changes.lists import write_list_changes

CHANGER = Changer(write_list_changes)
