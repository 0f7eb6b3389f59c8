"""Where: boundaries, crosswalks, joins and districts."""
