"""Hold the reader of each platform's reports, one file each."""
