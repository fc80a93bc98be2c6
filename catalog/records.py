"""The values that cross the catalogue's border: what is handed in and what is handed out."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from math import isfinite
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from catalog.errors import CollectionInvalid, ProductInvalid

Scalar = str | int | float | bool | None

MAX_ID_LENGTH = 255
MAX_TEXT_LENGTH = 4096
MAX_ATTRIBUTES = 100
MAX_IMAGES_PER_PRODUCT = 50

_COLLECTION_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
SHA256 = re.compile(r"[0-9a-f]{64}")
# What a filter can name as well, so that no attribute is stored which cannot be searched for.
ATTRIBUTE_NAME = re.compile(r"[^\W\d][\w .\-]{0,63}")
OWN_FIELDS = frozenset({"id", "title", "url", "category", "price"})


@dataclass(frozen=True)
class ImageInput:
    """A picture to be stored, with its vector: float32 (dimension,).

    Raises:
        ProductInvalid: `source` is no text that can be stored, such as a mis-encoded file name.
        ValueError: the hash or the sizes cannot be those of a picture.
    """

    content_sha256: str
    media_type: str
    width: int
    height: int
    vector: NDArray[np.float32]
    source: str | None = None

    def __post_init__(self) -> None:
        _check_picture(self.content_sha256, self.source)
        if min(self.width, self.height) < 1:
            raise ValueError(f"a picture of {self.width} x {self.height} pixels")


@dataclass(frozen=True)
class StoredImage:
    """A picture its product already has, embedded by the collection's model; raises likewise."""

    content_sha256: str
    source: str | None = None

    def __post_init__(self) -> None:
        _check_picture(self.content_sha256, self.source)


@dataclass(frozen=True)
class ProductFields:
    """A product as the shop describes it, checked: lengths, names of attributes, finite price.

    Raises:
        ProductInvalid: names the field and what it may be.
    """

    external_id: str
    title: str | None = None
    url: str | None = None
    category: str | None = None
    price: float | None = None
    attributes: Mapping[str, Scalar] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._check_types()
        if not self.external_id.strip():
            raise ProductInvalid("The product has no id; give each product a non-empty id.")
        if len(self.external_id) > MAX_ID_LENGTH:
            raise ProductInvalid(
                f"Product id {self.external_id[:40]!r}… has {len(self.external_id)} characters; "
                f"at most {MAX_ID_LENGTH} are kept."
            )
        for name, limit in (
            ("title", MAX_TEXT_LENGTH),
            ("url", MAX_TEXT_LENGTH),
            ("category", 255),
        ):
            text = getattr(self, name)
            if text is not None and len(text) > limit:
                raise ProductInvalid(
                    f"Product {self.external_id!r}: {name} has {len(text)} characters; "
                    f"at most {limit} are kept."
                )
        if self.price is not None and not _is_finite(self.price):
            raise ProductInvalid(f"Product {self.external_id!r}: price must be a finite number.")
        self._check_characters()
        self._check_attributes()

    def _check_types(self) -> None:
        if not isinstance(self.external_id, str):
            raise ProductInvalid(f"Product id {self.external_id!r:.80} must be a text.")
        for name in ("title", "url", "category"):
            if not isinstance(getattr(self, name), str | None):
                raise ProductInvalid(f"Product {self.external_id!r}: {name} must be a text.")

    def _check_characters(self) -> None:
        for text in (self.external_id, self.title, self.url, self.category):
            if text is not None and not is_storable(text):
                raise ProductInvalid(
                    f"Product {self.external_id!r}: text holds a NUL or half a character "
                    "(a lone surrogate); send valid UTF-8 text."
                )

    def _check_attributes(self) -> None:
        if len(self.attributes) > MAX_ATTRIBUTES:
            raise ProductInvalid(
                f"Product {self.external_id!r} has {len(self.attributes)} attributes; "
                f"at most {MAX_ATTRIBUTES} are kept."
            )
        for name, value in self.attributes.items():
            if name in OWN_FIELDS or not ATTRIBUTE_NAME.fullmatch(name):
                raise ProductInvalid(
                    f"Product {self.external_id!r}: {name[:70]!r} cannot name an attribute; use a "
                    "letter or '_' first, then letters, digits, '_-.' or spaces, 64 at most, and "
                    f"none of {', '.join(sorted(OWN_FIELDS))}."
                )
            if not isinstance(value, str | int | float | bool | None):
                raise ProductInvalid(
                    f"Product {self.external_id!r}: attribute {name!r} is a "
                    f"{type(value).__name__}; attributes are texts, numbers, true, false or null."
                )
            if isinstance(value, float) and not isfinite(value):
                raise ProductInvalid(
                    f"Product {self.external_id!r}: attribute {name!r} must be a finite number."
                )
            if isinstance(value, int) and not -(2**63) <= value < 2**63:
                raise ProductInvalid(
                    f"Product {self.external_id!r}: attribute {name!r} is too large a number; "
                    "send it as text."
                )
            if isinstance(value, str) and (len(value) > MAX_TEXT_LENGTH or not is_storable(value)):
                raise ProductInvalid(
                    f"Product {self.external_id!r}: attribute {name!r} must be valid text of at "
                    f"most {MAX_TEXT_LENGTH} characters."
                )


@dataclass(frozen=True)
class ProductInput:
    """A product to be stored; `images` None leaves the pictures it has as they are."""

    fields: ProductFields
    images: tuple[ImageInput | StoredImage, ...] | None


@dataclass(frozen=True)
class CollectionRecord:
    """`balance`: part of a fused model -> how much it counts; None for as the model was made."""

    id: int
    name: str
    description: str
    model_name: str
    model_fingerprint: str
    dimension: int
    last_sequence: int
    forgotten_sequence: int
    release_id: int | None
    balance: Mapping[str, float] | None
    created_at: datetime


@dataclass(frozen=True)
class ImageRecord:
    id: int
    product_id: int
    position: int
    source: str | None
    content_sha256: str
    media_type: str
    width: int
    height: int


@dataclass(frozen=True)
class ProductRecord:
    """A stored product; `images` in their order, empty when only the product was asked for."""

    id: int
    external_id: str
    title: str | None
    url: str | None
    category: str | None
    price: float | None
    attributes: Mapping[str, Any]
    updated_at: datetime
    images: tuple[ImageRecord, ...] = ()


JobKind = Literal["index", "reindex"]
# "interrupted": stopped by hand; it goes on when the same source is indexed again.
JobStatus = Literal["queued", "running", "interrupted", "done", "failed", "cancelled"]
Role = Literal["search", "admin"]


@dataclass(frozen=True)
class JobRecord:
    """A bulk run. Counts are of source items; `total` is None until the source was counted."""

    id: int
    kind: JobKind
    collection: str
    source: str | None
    options: Mapping[str, Any]
    status: JobStatus
    stage: str
    source_version: str | None
    total: int | None
    cursor: int
    indexed: int
    unchanged: int
    failed: int
    pruned: int
    cancel_requested: bool
    worker: str | None
    heartbeat_at: datetime | None
    error: str | None
    release_id: int | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


@dataclass(frozen=True)
class Failure:
    """One item that could not be indexed; `position` counts the source's items from 1."""

    position: int
    item_id: str | None
    source: str | None
    code: str
    message: str


@dataclass(frozen=True)
class ReleaseRecord:
    id: int
    collection_id: int
    model_name: str
    model_fingerprint: str
    snapshot: str
    sequence: int
    count: int
    recipe: str
    agreement: float
    created_at: datetime


def _is_finite(price: object) -> bool:
    try:
        # A bool is an int to Python, but no price.
        return isinstance(price, int | float) and not isinstance(price, bool) and isfinite(price)
    except OverflowError:
        return False


def is_collection_name(name: str) -> bool:
    """Whether a collection can have that name."""
    return _COLLECTION_NAME.fullmatch(name) is not None


def check_collection_name(name: str) -> str:
    """`name` itself; raises CollectionInvalid when it cannot name a collection."""
    if not is_collection_name(name):
        raise CollectionInvalid(
            f"{name[:80]!r} cannot name a collection: use 1 to 64 of a-z, 0-9, '-' and '_', "
            "beginning with a letter or digit."
        )
    return name


def is_storable(text: str) -> bool:
    """Whether every database keeps `text` as it is: no NUL, no lone surrogate."""
    if "\x00" in text:
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _check_picture(content_sha256: str, source: str | None) -> None:
    if not SHA256.fullmatch(content_sha256):
        raise ValueError(f"{content_sha256!r} is not a sha-256 in lower-case hex")
    if source is not None and not is_storable(source):
        raise ProductInvalid(
            f"Picture {source!r}: its name holds a NUL or half a character (it is not "
            "valid UTF-8); rename it."
        )
