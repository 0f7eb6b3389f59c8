"""The inlet: asks the Census Data API for any declared dataset."""
