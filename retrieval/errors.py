"""Everything that can go wrong between a question and its answer.

RetrievalError
├── ModelMismatch       the collection was embedded by another version of its model
├── NotCalibrated       a probability is asked for, and nobody has measured it
├── QueryInvalid        a question that cannot be asked
└── SettingsInvalid     a setting that cannot be read
"""


class RetrievalError(Exception):
    """Base of every error of this package; `code` is a stable name for programs."""

    code = "retrieval-error"


class ModelMismatch(RetrievalError):
    code = "model-mismatch"


class NotCalibrated(RetrievalError):
    code = "not-calibrated"


class QueryInvalid(RetrievalError):
    code = "query-invalid"


class SettingsInvalid(RetrievalError):
    code = "settings-invalid"
