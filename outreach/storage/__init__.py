"""Keep copies of files in a bucket of S3-compatible storage."""

from outreach.storage.bucket import Bucket, open_bucket

__all__ = ["Bucket", "open_bucket"]
