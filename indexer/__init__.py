"""Bulk jobs: from a folder, manifest or object store to a published release."""
