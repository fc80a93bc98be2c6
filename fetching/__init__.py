"""A stranger's web address -> bytes, without reaching where a stranger must not."""
