"""Everything that can go wrong while measuring.

EvaluationError
├── SourceInvalid       a file, folder or collection that cannot be evaluated on
├── RelationInvalid     a relation that names no column, or cannot be understood
├── NothingToMeasure    no query has a relevant picture in its gallery
├── ContenderUnknown    a variant of a model, or a distance, that there is not
├── ContenderBroken     a contender answered with something that is no ranking
├── TuningRefused       a model without parts, or a wish that tuning cannot fulfil
├── TransformUnknown    a change of pictures that there is not
└── ReportUnwritable    a result that cannot be written where it was wanted
"""


class EvaluationError(Exception):
    """Base of every error of this package; `code` is a stable name for programs."""

    code = "evaluation-error"


class SourceInvalid(EvaluationError):
    code = "source-invalid"


class RelationInvalid(EvaluationError):
    code = "relation-invalid"


class NothingToMeasure(EvaluationError):
    code = "nothing-to-measure"


class ContenderUnknown(EvaluationError):
    code = "contender-unknown"


class ContenderBroken(EvaluationError):
    code = "contender-broken"


class TuningRefused(EvaluationError):
    code = "tuning-refused"


class TransformUnknown(EvaluationError):
    code = "transform-unknown"


class ReportUnwritable(EvaluationError):
    code = "report-unwritable"
