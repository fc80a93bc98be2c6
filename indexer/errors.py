"""Everything that can go wrong in a bulk job.

IndexerError
├── SourceError              the source as a whole; the job ends
│   ├── SourceMissing        nothing is there
│   ├── SourceUnreadable     it is there, but cannot be read or listed
│   ├── SourceUnsupported    neither a folder nor a manifest we read
│   ├── SourceEmpty          nothing in it to index
│   ├── SourceRefused        a job that came over HTTP, outside the allowed roots
│   └── ManifestInvalid      the whole manifest is unusable, such as one without an id column
├── ItemError                one product or picture; the job goes on and reports it
│   ├── ItemInvalid          a broken line, or fields that make no product
│   ├── ReferenceMissing     no file where a picture should be
│   ├── ReferenceUnreadable  the file is there but cannot be read
│   ├── ReferenceRefused     a picture outside of what the job may read
│   └── TooManyPictures      more pictures than one product may have
├── PruneRefused             pruning would remove what may still be in the source
├── ModelFixed               the collection exists already, under another model
├── PicturesNotEmbedded      a reindex cannot flip: pictures are left without a vector
├── FlipOvertaken            pictures kept coming in faster than a reindex could follow
└── ReportUnwritable         the file for the report of failures

The text of each says what was wrong, where, and what to do.
"""


class IndexerError(Exception):
    """Base of every error of this package; `code` is a stable name for programs."""

    code = "indexer-error"


class SourceError(IndexerError):
    code = "source-error"


class SourceMissing(SourceError):
    code = "source-missing"


class SourceUnreadable(SourceError):
    code = "source-unreadable"


class SourceUnsupported(SourceError):
    code = "source-unsupported"


class SourceEmpty(SourceError):
    code = "source-empty"


class SourceRefused(SourceError):
    code = "source-refused"


class ManifestInvalid(SourceError):
    code = "manifest-invalid"


class ItemError(IndexerError):
    code = "item-error"


class ItemInvalid(ItemError):
    code = "item-invalid"


class ReferenceMissing(ItemError):
    code = "reference-missing"


class ReferenceUnreadable(ItemError):
    code = "reference-unreadable"


class ReferenceRefused(ItemError):
    code = "reference-refused"


class TooManyPictures(ItemError):
    code = "too-many-pictures"


class PruneRefused(IndexerError):
    code = "prune-refused"


class ModelFixed(IndexerError):
    code = "model-fixed"


class PicturesNotEmbedded(IndexerError):
    code = "pictures-not-embedded"


class FlipOvertaken(IndexerError):
    code = "flip-overtaken"


class ReportUnwritable(IndexerError):
    code = "report-unwritable"
