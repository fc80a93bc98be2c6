"""What products are sent and answered as."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from catalog.records import MAX_IMAGES_PER_PRODUCT
from embedding.copies.verdict import Kind
from service.search.schemas import HitImage, ProductFieldsReply

_ATTRIBUTES = "Anything else, by name: texts, numbers, true, false or null. Filters can name them."
_PICTURES = (
    "With no picture in the request those the product has stay; with any, they are replaced."
)


class ProductForm(BaseModel):
    """The fields of a product, as a form sends them."""

    model_config = ConfigDict(extra="forbid")

    title: str | None = None
    url: str | None = Field(None, description="The product's page in the shop.")
    category: str | None = None
    price: Annotated[float, Field(allow_inf_nan=False)] | None = None
    attributes: dict[str, Any] | str | None = Field(
        None, description=f"{_ATTRIBUTES} In a form: a JSON object.", examples=['{"brand": "acme"}']
    )
    collection: str | None = Field(None, description="Where it belongs; else the default.")


class ProductRequest(ProductForm):
    """A product as JSON. What is left out is cleared, but for the pictures."""

    images: list[str] | None = Field(
        None,
        max_length=MAX_IMAGES_PER_PRODUCT,
        description=f"Pictures in base64, or as data: URLs. {_PICTURES}",
    )
    image_urls: list[str] | None = Field(
        None, max_length=MAX_IMAGES_PER_PRODUCT, description="Public addresses of pictures."
    )


_DUPLICATES = (
    "Answer also which other products show copies of its pictures; dear, some hundreds of "
    "milliseconds of a processor for each picture."
)


class PutForm(ProductForm):
    """What is sent of one product in a form."""

    duplicates: bool = Field(False, description=_DUPLICATES)


class PutRequest(ProductRequest):
    """What is sent of one product as JSON."""

    duplicates: bool = Field(False, description=_DUPLICATES)


class BulkLine(ProductRequest):
    """One line of a bulk stream."""

    id: str = Field(description="The shop's own id.")


class ProductReply(ProductFieldsReply):
    updated_at: str
    images: list[HitImage]


class PossibleDuplicateReply(BaseModel):
    product_id: str
    image: HitImage = Field(description="The other product's picture.")
    of_image: int = Field(description="`id` of the picture of this product that it is a copy of.")
    kind: Kind
    confidence: float = Field(description="Probability that it is a copy, 0 to 1.")


class StoredReply(BaseModel):
    collection: str
    sequence: int = Field(description="Last change of the collection; this one is in it.")
    created: bool
    images_added: int
    images_removed: int
    product: ProductReply
    possible_duplicates: list[PossibleDuplicateReply] | None = Field(
        None, description="Only where `duplicates` was asked for: one a product, the surest first."
    )


class DeletedReply(BaseModel):
    collection: str
    sequence: int
    deleted: Literal[True]


class OneProductReply(BaseModel):
    collection: str
    product: ProductReply


class ProductPageReply(BaseModel):
    collection: str
    total: int = Field(description="How many products match in all.")
    limit: int
    offset: int
    products: list[ProductReply]


class BulkError(BaseModel):
    status: int
    code: str
    detail: str


class BulkResult(BaseModel):
    """One line of the answer to a bulk stream, for one line sent."""

    line: int = Field(description="Counted from 1; empty lines count and are passed over.")
    id: str | None
    result: Literal["created", "updated", "failed"]
    images_added: int | None = None
    images_removed: int | None = None
    error: BulkError | None = None
