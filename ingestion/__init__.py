"""From picture files to committed rows: what bulk jobs and single upserts have in common."""
