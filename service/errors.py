"""What the service refuses by itself, and the one place that knows status codes.

ServiceError
├── BodyMalformed          not the JSON, form or stream that the content type says
├── BodyTooLarge
├── BodyTooSlow
├── MediaTypeUnsupported   a content type that the endpoint does not take
├── UploadRefused          files for a job that cannot be taken as they are
├── FieldsInvalid          fields that are unknown, missing or out of range, each named
├── CollectionDiffers      the collection exists, under another model
├── KeyMissing             no API key was sent, or one that is not in force
├── KeyTooWeak             the key's role does not allow this
├── PageNotAllowed         a page of another origin would change something
├── ServiceBusy            as many requests as are admitted are being worked on, or one waited long
├── NotReady               still opening collections and models
└── InField                wraps any of the others: which field of the request was at fault
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from catalog import errors as catalog_errors
from catalog.errors import CatalogError
from embedding import errors as embedding_errors
from embedding.errors import EmbeddingError
from fetching.errors import FetchError
from retrieval import errors as retrieval_errors
from retrieval.errors import RetrievalError
from vector_index.errors import StorageFull, VectorIndexError


@dataclass(frozen=True)
class FieldProblem:
    """One field of a request and what is wrong with it."""

    field: str
    message: str


class ServiceError(Exception):
    """Base of what the service itself refuses; `code` is a stable name for programs."""

    code = "service-error"


class BodyMalformed(ServiceError):
    code = "body-malformed"


class BodyTooLarge(ServiceError):
    code = "body-too-large"


class BodyTooSlow(ServiceError):
    code = "body-too-slow"


class MediaTypeUnsupported(ServiceError):
    code = "media-type-unsupported"


class UploadRefused(ServiceError):
    code = "upload-refused"


class FieldsInvalid(ServiceError):
    code = "fields-invalid"

    def __init__(self, problems: Sequence[FieldProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__(" ".join(f"{each.field}: {each.message}." for each in self.problems))


class CollectionDiffers(ServiceError):
    code = "collection-differs"


class KeyMissing(ServiceError):
    code = "key-missing"


class KeyTooWeak(ServiceError):
    code = "key-too-weak"


class PageNotAllowed(ServiceError):
    code = "page-not-allowed"


class ServiceBusy(ServiceError):
    """`retry_after_s`: when it is worth trying again, in whole seconds."""

    code = "service-busy"

    def __init__(self, message: str, *, retry_after_s: int = 1) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class NotReady(ServiceError):
    code = "not-ready"


class InField(ServiceError):
    """Raised `from` the error it wraps, which decides status and code."""

    code = "in-field"

    def __init__(self, field: str, error: Exception) -> None:
        super().__init__(str(error))
        self.field = field
        self.error = error


EXPECTED: tuple[type[Exception], ...] = (
    CatalogError,
    EmbeddingError,
    FetchError,
    RetrievalError,
    ServiceError,
    VectorIndexError,
)
"""Everything whose message is written for the caller; anything else is a fault of ours."""

RETRY_AFTER_S = 1
RETRIED: tuple[type[Exception], ...] = (
    ServiceBusy,
    NotReady,
    catalog_errors.DatabaseBusy,
    catalog_errors.ModelChanged,
    catalog_errors.PicturesChanged,
)
"""What is worth trying again after RETRY_AFTER_S, or when the error itself says."""

# The nearest class in the order of inheritance decides; a test asks for every class there is.
STATUS: Mapping[type[Exception], int] = {
    # The request itself.
    BodyMalformed: 400,
    KeyMissing: 401,
    KeyTooWeak: 403,
    PageNotAllowed: 403,
    BodyTooSlow: 408,
    CollectionDiffers: 409,
    BodyTooLarge: 413,
    MediaTypeUnsupported: 415,
    FieldsInvalid: 422,
    UploadRefused: 422,
    retrieval_errors.QueryInvalid: 422,
    catalog_errors.FilterInvalid: 422,
    catalog_errors.FacetInvalid: 422,
    catalog_errors.ProductInvalid: 422,
    catalog_errors.CollectionInvalid: 422,
    catalog_errors.KeyInvalid: 422,
    # Its pictures and addresses. Another server's fault is not ours: no 5xx for it.
    embedding_errors.PictureError: 422,
    embedding_errors.PictureTooLarge: 413,
    embedding_errors.PictureUnsupported: 415,
    embedding_errors.RegionInvalid: 422,
    FetchError: 422,
    # What it names.
    catalog_errors.CollectionUnknown: 404,
    catalog_errors.ProductUnknown: 404,
    catalog_errors.JobUnknown: 404,
    catalog_errors.PictureMissing: 404,
    embedding_errors.ModelUnknown: 404,
    embedding_errors.WeightsInvalid: 422,
    # The state of things: another request, or a command, has to come first.
    catalog_errors.JobConflict: 409,
    catalog_errors.JobLost: 409,
    catalog_errors.EmbeddingsMissing: 409,
    embedding_errors.ModelNotInstalled: 409,
    retrieval_errors.NotCalibrated: 409,
    # Ours, and hopefully soon over.
    ServiceBusy: 503,
    NotReady: 503,
    catalog_errors.ModelChanged: 503,
    catalog_errors.PicturesChanged: 503,
    retrieval_errors.ModelMismatch: 503,
    embedding_errors.ModelError: 503,
    catalog_errors.DatabaseError: 503,
    catalog_errors.StorageFull: 507,
    StorageFull: 507,
    VectorIndexError: 503,
    # Only raised where no request is being answered.
    retrieval_errors.SettingsInvalid: 500,
}


def status_of(error: Exception) -> int:
    """The HTTP status of an expected error; 500 for one nobody thought of."""
    for kind in type(error).__mro__:
        if kind in STATUS:
            return STATUS[kind]
    return 500
