"""From an answer of the engine to the reply."""

from collections.abc import Sequence
from typing import Any

from catalog.records import ReleaseRecord
from retrieval.answers import Answer, Hit
from service.pictures_in import Addressed, Asked, OfProduct
from service.replies import image_json, product_json


def reply_json(answer: Answer, asked: Sequence[Asked], took_ms: dict[str, float]) -> dict[str, Any]:
    """One query's hits stand at the top; those of several in `results`, in the order asked."""
    reply = _stamp(answer)
    if len(asked) == 1:
        reply["hits"] = [_hit(hit, answer) for hit in answer.hits[0]]
    else:
        reply["results"] = [
            {"query": _echo(each), "hits": [_hit(hit, answer) for hit in hits]}
            for each, hits in zip(asked, answer.hits, strict=True)
        ]
    reply["took_ms"] = took_ms
    return reply


def release_json(release: ReleaseRecord | None) -> dict[str, Any] | None:
    if release is None:
        return None
    return {
        "id": release.id,
        "model": release.model_name,
        "fingerprint": release.model_fingerprint,
        "sequence": release.sequence,
        "created_at": release.created_at.isoformat(),
    }


def rounded(probability: float | None) -> float | None:
    return None if probability is None else round(probability, 6)


def _stamp(answer: Answer) -> dict[str, Any]:
    return {
        "collection": answer.collection,
        "model": answer.model_name,
        "release": release_json(answer.release),
        "sequence": answer.sequence,
        "balance": {name: round(share, 6) for name, share in answer.balance.items()} or None,
    }


def _hit(hit: Hit, answer: Answer) -> dict[str, Any]:
    return {
        "product_id": hit.product.external_id,
        "similarity": round(hit.similarity, 6),
        "cosine": round(hit.cosine, 6),
        "match_probability": rounded(hit.match_probability),
        "relevant": hit.relevant,
        **({} if answer.rerank is None else {"points": _points(hit)}),
        "image": image_json(hit.image),
        "product": product_json(hit.product),
    }


def _points(hit: Hit) -> dict[str, Any] | None:
    if hit.points is None:
        return None
    return {
        "similarity": round(hit.points.score, 6),
        "inliers": hit.points.inliers,
        "matches": hit.points.matches,
    }


def _echo(asked: Asked) -> dict[str, Any]:
    echo: dict[str, Any] = {"field": asked.field}
    if isinstance(asked, Addressed):
        echo["url"] = asked.url
    elif isinstance(asked, OfProduct):
        echo["product_id"] = asked.product_id
    return echo
