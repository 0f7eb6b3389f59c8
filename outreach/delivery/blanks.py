"""Tell cells of reports that hold nothing."""

#: What platforms write where there is no figure or no name.
_BLANKS = frozenset({"", "-", "--", "---", "\u2013", "\u2014", "n/a", "na", "null", "none"})


def is_blank(cell: str) -> bool:
    """Whether a cell of a report holds nothing, such as Google's ``--``."""
    return cell.strip().casefold() in _BLANKS
