"""Read exported files back and check them before the upload."""
