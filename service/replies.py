"""Answers as they are sent: JSON made once, without a second validation."""

import json
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from catalog.records import ImageRecord, ProductRecord
from service.images.thumbnails import Side


def json_bytes(content: Any) -> bytes:
    """UTF-8; half a character (a lone surrogate, echoed from a request) is written escaped."""
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.encode("utf-8", errors="backslashreplace")


def json_reply(
    content: Any, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    return Response(
        json_bytes(content),
        status_code=status,
        headers=None if headers is None else dict(headers),
        media_type="application/json",
    )


def image_address(content_sha256: str) -> str:
    """Where the kept copy of a picture is served, relative to this service."""
    return f"/v1/images/{content_sha256}.jpg"


def thumbnail_address(content_sha256: str) -> str:
    """Likewise, of the thumbnail that suits a list: 320 pixels."""
    return f"/v1/images/{content_sha256}/{Side.MEDIUM}.jpg"


def image_json(image: ImageRecord) -> dict[str, Any]:
    return {
        "id": image.id,
        "url": image_address(image.content_sha256),
        "thumbnail_url": thumbnail_address(image.content_sha256),
        "source": public_source(image.source),
        "width": image.width,
        "height": image.height,
    }


def product_json(product: ProductRecord) -> dict[str, Any]:
    """The product's own fields, without its pictures."""
    return {
        "id": product.external_id,
        "title": product.title,
        "url": product.url,
        "category": product.category,
        "price": product.price,
        "attributes": dict(product.attributes),
    }


def product_with_images_json(product: ProductRecord) -> dict[str, Any]:
    return {
        **product_json(product),
        "updated_at": product.updated_at.isoformat(),
        "images": [image_json(image) for image in product.images],
    }


def public_source(source: str | None) -> str | None:
    """Where a picture came from, when that is a web address; paths of this machine are not told."""
    return source if source is not None and source.startswith(("http://", "https://")) else None
