"""Which uploads are no longer needed, and their removal.

The pictures that a job has taken in are kept as copies of the home's own, so an upload is only
needed until its job has ended well, and a while longer when somebody may want to repeat the job.
"""

import logging
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from catalog.jobs import Jobs
from catalog.records import JobRecord
from ingestion.uploads import UploadFolders
from retrieval.home import Home

logger = logging.getLogger(__name__)

# One that is still arriving has no job yet; its folder's time is that of its last file.
_ORPHAN_AFTER_S = 86_400.0


def clear_uploads(home: Home, *, kept_h: float) -> int:
    """Remove the uploads that no job needs; how many went.

    An upload goes as soon as the newest of its jobs is done without a failure. After any other end
    it stays for `kept_h` hours; one without a job, a broken-off one or one whose collection was
    deleted, for a day. What cannot be removed is logged and tried again the next time.
    """
    uploads = UploadFolders(home.root)
    cleared = 0
    for folder in uploads.all():
        # In one transaction: a job that is repeated meanwhile finds its upload, or learns that it
        # is gone.
        with home.database.write() as connection:
            jobs = Jobs(connection).with_source_below(uploads.source_of(folder))
            try:
                if _is_needed(folder, jobs, kept_h):
                    continue
                uploads.set_aside(folder)
            except FileNotFoundError:
                continue  # another worker was faster
            except OSError as error:
                logger.warning("upload %s cannot be removed: %s", folder, error)
                continue
        cleared += 1
    try:
        uploads.purge()
    except OSError as error:
        logger.warning("uploads that are no longer needed cannot be removed: %s", error)
    return cleared


def _is_needed(folder: Path, jobs: Sequence[JobRecord], kept_h: float) -> bool:
    if not jobs:
        return time.time() - folder.stat().st_mtime < _ORPHAN_AFTER_S
    if any(job.finished_at is None for job in jobs):
        return True
    newest = jobs[0]
    if newest.status == "done" and not newest.failed:
        return False
    assert newest.finished_at is not None
    return datetime.now(UTC) - newest.finished_at < timedelta(hours=kept_h)
