"""Collect what a campaign can show a council, each statement with its source."""
