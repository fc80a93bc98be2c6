"""`likeness search`, `compare` and `migrate`: one answer on the terminal."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from catalog.filters import Filter
from embedding.errors import PictureUnreadable, RegionInvalid
from embedding.fused.weights import parsed_weights, written
from embedding.regions import Region
from retrieval.answers import Answer, Hit
from retrieval.assembly import assemble
from retrieval.comparing import Comparison, Method, PointComparison
from retrieval.errors import QueryInvalid
from retrieval.home import Home
from retrieval.queries import PictureQuery, ProductQuery, Query
from retrieval.reranking import RERANK_DEPTH, Rerank
from retrieval.settings import EngineSettings

_PRODUCT = "product:"
_ASKED_WITH = "A picture file, a picture's address (http…), or product:ID."


def search(
    query: Annotated[str, typer.Argument(help=_ASKED_WITH)],
    region: Annotated[
        str | None,
        typer.Option(help="Only this part of the picture: x,y,width,height, each 0 to 1 of it."),
    ] = None,
    collection: Annotated[str | None, typer.Option(help="Where to search.")] = None,
    limit: Annotated[int, typer.Option(help="How many products.")] = 5,
    offset: Annotated[int, typer.Option(help="How many to pass over.")] = 0,
    filter: Annotated[  # noqa: A002
        str | None,
        typer.Option(help='Such as {"category": "shoes", "price": {"lte": 50}}.'),
    ] = None,
    min_score: Annotated[float, typer.Option(help="Least similarity, 0 to 1.")] = 0.0,
    min_probability: Annotated[
        float | None,
        typer.Option(help="Least probability of a match, 0 to 1, once `calibrate` has run."),
    ] = None,
    weights: Annotated[
        str | None,
        typer.Option(
            help="How much each part of a fused model counts: colour=0.5,texture=0.1; "
            "else the collection's balance."
        ),
    ] = None,
    rerank: Annotated[
        Rerank | None,
        typer.Option(help="points: put first what matches point by point, as an edited copy does."),
    ] = None,
    rerank_depth: Annotated[
        int, typer.Option(help="How many of the first are matched so.")
    ] = RERANK_DEPTH,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Find the products most similar to a picture."""
    settings = EngineSettings.read()
    with Home(settings) as home:
        answer = assemble(home).searching.search(
            collection or settings.collection,
            [_query(query, home, region)],
            limit=limit,
            offset=offset,
            wanted=Filter.parse(filter),
            min_similarity=min_score,
            min_probability=min_probability,
            weights=None if weights is None else parsed_weights(weights),
            rerank=rerank,
            rerank_depth=rerank_depth,
        )
    if as_json:
        print(json.dumps(_answer_json(answer), indent=2))
    else:
        asked = {
            "--filter": filter is not None,
            "--min-score": min_score > 0.0,
            "--min-probability": min_probability is not None,
            "--offset": offset > 0,
        }
        _print_answer(query, answer, [option for option, given in asked.items() if given])


def compare(
    first: Annotated[str, typer.Argument(help=_ASKED_WITH)],
    second: Annotated[str, typer.Argument(help="What to compare it with; likewise.")],
    method: Annotated[
        Method,
        typer.Option(help="How alike they look to a model, or whether local features agree."),
    ] = "embedding",
    model: Annotated[
        str | None, typer.Option(help="Any installed model. Not with --method points.")
    ] = None,
    collection: Annotated[str | None, typer.Option(help="Where product ids are found.")] = None,
    threshold: Annotated[
        float | None,
        typer.Option(help="Similar from here on, 0 to 1; else the model's own, 0.5 of points."),
    ] = None,
    weights: Annotated[
        str | None,
        typer.Option(help="How much each part of a fused model counts; else as it was made."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Say how similar two pictures are."""
    settings = EngineSettings.read()
    where = collection or settings.collection
    for option, value in (("--model", model), ("--weights", weights)):
        if method == "points" and value is not None:
            raise QueryInvalid(
                f"{option} is not used by --method points; leave one of the two out."
            )
    with Home(settings) as home:
        asked = _query(first, home), _query(second, home)
        comparing = assemble(home).comparing
        if method == "points":
            by_points = comparing.compare_points(*asked, collection=where, threshold=threshold)
            document, verdict = _points_json(by_points), _points_verdict(by_points)
        else:
            comparison = comparing.compare(
                *asked,
                model=model or settings.model,
                collection=where,
                threshold=threshold,
                weights=None if weights is None else parsed_weights(weights),
            )
            document, verdict = _comparison_json(comparison), _verdict(comparison)
    if as_json:
        print(json.dumps(document, indent=2))
    else:
        Console().print(
            f"{first} and {second}: {verdict}", markup=False, soft_wrap=True, highlight=False
        )


def migrate() -> None:
    """Create the database or bring it up to date; every other command does so when it starts."""
    with Home(EngineSettings.read()) as home:
        print(f"The catalogue in {home.root} is up to date.")


def _query(text: str, home: Home, region: str | None = None) -> Query:
    part = None if region is None else Region.parse(region)
    if text.startswith(_PRODUCT):
        if part is not None:
            raise RegionInvalid(
                "--region is a part of one picture, and a product is asked with by all of its own. "
                "Name a picture file or its address, or leave --region out."
            )
        return ProductQuery(text.removeprefix(_PRODUCT))
    if text.startswith(("http://", "https://")):
        with home.fetcher() as fetcher:
            return PictureQuery(fetcher.fetch(text), part)
    try:
        return PictureQuery(Path(text).read_bytes(), part)
    except OSError as error:
        raise PictureUnreadable(
            f"{text} cannot be read ({error.strerror}). Name a picture file, an http(s) address, "
            "or product:ID."
        ) from error


def _print_answer(query: str, answer: Answer, asked: list[str]) -> None:
    """`asked`: the options that may have left out everything there is."""
    console = Console()
    hits = answer.hits[0]
    if not hits:
        console.print(
            f"No product of collection {answer.collection!r} is found"
            + (
                f" that passes {' and '.join(asked)}. Ask for less to see what comes nearest."
                if asked
                else ". Index some with: likeness index FOLDER"
            ),
            markup=False,
            soft_wrap=True,
        )
        return
    table = Table(title=f"Most similar to {query}", title_justify="left")
    calibrated = hits[0].match_probability is not None
    numbers = ("#", "similarity", *(("match",) if calibrated else ()))
    for name in (*numbers, "product", "title", "category", "price"):
        table.add_column(name, justify="right" if name in (*numbers, "price") else "left")
    for rank, hit in enumerate(hits, start=1):
        match = () if hit.match_probability is None else (_percent(hit.match_probability),)
        style = "dim" if hit.relevant is False else None
        table.add_row(str(rank), f"{hit.similarity:.4f}", *match, *_cells(hit), style=style)
    console.print(table)
    release = "not yet released" if answer.release is None else f"release {answer.release.id}"
    console.print(
        f"collection {answer.collection}, model {answer.model_name}"
        + (f" ({written(answer.balance)})" if answer.balance else "")
        + f", {release}, {answer.took_ms['total']:.0f} ms",
        markup=False,
    )


def _cells(hit: Hit) -> tuple[str, str, str, str]:
    from rich.markup import escape

    product = hit.product
    return (
        escape(product.external_id),
        escape(product.title or ""),
        escape(product.category or ""),
        "" if product.price is None else f"{product.price:.2f}",
    )


def _percent(probability: float) -> str:
    """Never 0 or 100: a calibration does not know that much."""
    return f"{min(99.9, max(0.1, 100.0 * probability)):.1f} %"


def _verdict(comparison: Comparison) -> str:
    probability = comparison.match_probability
    match = "" if probability is None else f"a match by {_percent(probability)}, "
    return (
        f"similarity {comparison.similarity:.4f} "
        f"(cosine {comparison.cosine:.4f}), {match}"
        f"{'similar' if comparison.similar else 'not similar'} "
        f"at threshold {comparison.threshold:.4g}; model {comparison.model.name}, "
        f"{comparison.took_ms['total']:.0f} ms"
    )


def _points_verdict(comparison: PointComparison) -> str:
    match = comparison.match
    return (
        f"similarity {comparison.similarity:.4f} ({match.inliers} of {match.matches} matching "
        f"points agree in place), {'similar' if comparison.similar else 'not similar'} "
        f"at threshold {comparison.threshold:.2f}; by points, {comparison.took_ms['total']:.0f} ms"
        + (f". {match.reason}" if match.reason else "")
    )


def _rounded(probability: float | None) -> float | None:
    return None if probability is None else round(probability, 6)


def _answer_json(answer: Answer) -> dict[str, object]:
    return {
        "collection": answer.collection,
        "model": answer.model_name,
        "release": None if answer.release is None else answer.release.id,
        "balance": dict(answer.balance) or None,
        "hits": [
            {
                "product_id": hit.product.external_id,
                "similarity": round(hit.similarity, 6),
                "cosine": round(hit.cosine, 6),
                "match_probability": _rounded(hit.match_probability),
                "relevant": hit.relevant,
                **({} if hit.points is None else {"points": asdict(hit.points)}),
                "image": {
                    "sha256": hit.image.content_sha256,
                    "source": hit.image.source,
                },
                "product": {
                    "title": hit.product.title,
                    "category": hit.product.category,
                    "price": hit.product.price,
                    "url": hit.product.url,
                    "attributes": dict(hit.product.attributes),
                },
            }
            for hit in answer.hits[0]
        ],
        "took_ms": dict(answer.took_ms),
    }


def _comparison_json(comparison: Comparison) -> dict[str, object]:
    return {
        "cosine": comparison.cosine,
        "similarity": comparison.similarity,
        "match_probability": _rounded(comparison.match_probability),
        "similar": comparison.similar,
        "threshold": comparison.threshold,
        "model": comparison.model.name,
        "took_ms": dict(comparison.took_ms),
    }


def _points_json(comparison: PointComparison) -> dict[str, object]:
    return {
        "method": "points",
        "similarity": comparison.similarity,
        "similar": comparison.similar,
        "threshold": comparison.threshold,
        **asdict(comparison.match),
        "took_ms": dict(comparison.took_ms),
    }
