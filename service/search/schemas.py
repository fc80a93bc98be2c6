"""What a search takes and answers."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from retrieval.engine import MAX_DEPTH, MAX_LIMIT, MAX_QUERIES
from retrieval.reranking import MAX_RERANK_DEPTH, RERANK_DEPTH, Rerank

Limit = Annotated[int, Field(ge=1, le=MAX_LIMIT, description="How many products.")]
Offset = Annotated[int, Field(ge=0, le=MAX_DEPTH, description="How many to pass over.")]
MinScore = Annotated[
    float,
    Field(ge=0, le=1, allow_inf_nan=False, description="Least similarity of a hit, 0 to 1."),
]
MinProbability = Annotated[
    float | None,
    Field(
        ge=0,
        le=1,
        allow_inf_nan=False,
        description="Least probability that a hit matches, 0 to 1; no hits is an answer. Refused "
        "until the model is calibrated.",
    ),
]
FilterDocument = Annotated[
    dict[str, Any] | str | None,
    Field(
        description="Which products may be hits: a JSON object, or its text. Fields are id, title, "
        "url, category, price and attributes; operators eq, ne, in, nin, lt, lte, gt, gte, exists.",
        examples=['{"category": "shoes", "price": {"lte": 50}}'],
    ),
]
Weights = Annotated[
    dict[str, Any] | str | None,
    Field(
        description="How much each part of a fused model counts: a JSON object, its text, or "
        "part=weight pairs joined by commas. They are divided by their sum; parts left out count "
        "nothing. Else the collection's balance.",
        examples=["colour=0.5,texture=0.1"],
    ),
]
RegionOfPicture = Annotated[
    list[Any] | str | None,
    Field(
        description="Which part of the query picture is asked with: x,y,width,height in shares, "
        "0 to 1, of the upright picture, as text or as a list of four numbers. With one picture "
        "only.",
        examples=["0.1,0.2,0.5,0.6"],
    ),
]
CollectionName = Annotated[str | None, Field(description="Where to search; else the default.")]
RerankBy = Annotated[
    Rerank | None,
    Field(
        description="points: match the first hits with the query point by point, and put those "
        "that show the same thing first. Off unless asked for: it takes tens of milliseconds a hit."
    ),
]
RerankDepth = Annotated[
    int,
    Field(
        ge=1,
        le=MAX_RERANK_DEPTH,
        description=f"How many hits of each query are matched; of all queries at most "
        f"{MAX_RERANK_DEPTH}.",
    ),
]


class SearchParameters(BaseModel):
    """How to search, whatever is asked with."""

    model_config = ConfigDict(extra="forbid")

    limit: Limit = 10
    offset: Offset = 0
    filter: FilterDocument = None
    min_score: MinScore = 0.0
    min_probability: MinProbability = None
    collection: CollectionName = None
    weights: Weights = None
    region: RegionOfPicture = None
    rerank: RerankBy = None
    rerank_depth: RerankDepth = RERANK_DEPTH


class SearchRequest(SearchParameters):
    """A search as JSON: 1 to 16 queries; answers come for images, then urls, then product_ids."""

    images: list[str] = Field(
        [],
        max_length=MAX_QUERIES,
        description="Pictures in base64, or as data:image/jpeg;base64,… URLs.",
    )
    urls: list[str] = Field(
        [], max_length=MAX_QUERIES, description="Public http(s) addresses of pictures."
    )
    product_ids: list[str] = Field(
        [], max_length=MAX_QUERIES, description="Products to search with, by the shop's own id."
    )


class HitImage(BaseModel):
    id: int
    url: str = Field(description="The kept copy, at most 1024 pixels a side.")
    thumbnail_url: str = Field(description="Of at most 320 pixels a side; 160 and 640 exist too.")
    source: str | None = Field(description="Web address the picture came from, if it did.")
    width: int = Field(description="Of the original, in pixels.")
    height: int


class ProductFieldsReply(BaseModel):
    id: str
    title: str | None
    url: str | None
    category: str | None
    price: float | None
    attributes: dict[str, str | int | float | bool | None]


class PointsOfHit(BaseModel):
    """How the hit's picture matches the query's, point by point."""

    similarity: float = Field(description="0 to 1; from 0.5 on both show the same thing.")
    inliers: int = Field(description="Local features that agree in looks and in place.")
    matches: int = Field(description="Local features that agree in looks.")


class HitReply(BaseModel):
    """One product, with its picture that is most similar to the query."""

    product_id: str
    similarity: float = Field(description="(cosine + 1) / 2: 0 to 1, 1 is the same.")
    cosine: float
    match_probability: float | None = Field(
        description="That a hit of this similarity matches the query; null until the model is "
        "calibrated for this collection and these weights."
    )
    relevant: bool | None = Field(
        description="Whether it is similar enough to be taken for a match; null likewise."
    )
    points: PointsOfHit | None = Field(
        None,
        description="Only with rerank=points; null for a hit that was not matched.",
    )
    image: HitImage
    product: ProductFieldsReply


class ReleaseStamp(BaseModel):
    id: int
    model: str
    fingerprint: str
    sequence: int = Field(description="Last change that the release's snapshot holds.")
    created_at: str


class QueryEcho(BaseModel):
    field: str = Field(description="Where in the request the query stood, such as `image[1]`.")
    url: str | None = None
    product_id: str | None = None


class QueryResult(BaseModel):
    query: QueryEcho
    hits: list[HitReply]


class SearchReply(BaseModel):
    """One query is answered with `hits`; several with `results`, in the order asked."""

    collection: str
    model: str
    release: ReleaseStamp | None = Field(description="null before the first one is published.")
    sequence: int = Field(description="Last change that the answer knows of.")
    balance: dict[str, float] | None = Field(
        description="Part -> share it had in the score; null where the model is not fused."
    )
    hits: list[HitReply] | None = None
    results: list[QueryResult] | None = None
    took_ms: dict[str, float] = Field(
        description="Milliseconds by stage: fetch, queue, decode, embed, filter, nearest, resolve, "
        "points, total."
    )
