"""The application, as a table of contents."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

from service.collections.endpoints import router as collections
from service.collections.facets import router as facets
from service.compare.endpoints import router as compare
from service.docs_page import offer_docs
from service.health.endpoints import router as health
from service.images.endpoints import router as images
from service.jobs.endpoints import router as jobs
from service.keeping import Keeper
from service.legacy.endpoints import router as legacy
from service.metrics import Metrics
from service.models.endpoints import router as models
from service.observing import Observing
from service.openapi import describe
from service.pages import offer_pages
from service.paths import RawProductPaths
from service.problems import render_errors
from service.products.endpoints import router as products
from service.samples import router as samples
from service.search.endpoints import queries_router
from service.search.endpoints import router as search
from service.settings import ServiceSettings
from service.state import ServiceState, opened
from service.uploads import BodyLimits
from service.warming import warm_up

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[dict[str, ServiceState]]]


def create_app(settings: ServiceSettings, keeper: Keeper) -> FastAPI:
    """The HTTP API over the collections that a keeper opens.

    The caller stops the keeper, and closes its home, once the app has stopped.
    """
    metrics = Metrics()
    app = FastAPI(
        title="Likeness",
        version=version("likeness"),
        lifespan=_lifespan(settings, keeper, metrics),
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    # As they are, ahead of all others: through a router that is included FastAPI looks twice at
    # every request.
    app.router.routes.extend(queries_router.routes)
    for router in (
        search,
        products,
        compare,
        legacy,
        jobs,
        collections,
        facets,
        models,
        images,
        samples,
        health,
    ):
        app.include_router(router)
    render_errors(app)
    describe(app)
    offer_docs(app)
    offer_pages(app)
    # The last one added sees a request first.
    app.add_middleware(RawProductPaths)
    app.add_middleware(BodyLimits, settings=settings)
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=["GET", "POST", "PUT", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "X-Api-Key"],
            expose_headers=["Location", "Retry-After", "X-Request-Id"],
        )
    app.add_middleware(Observing, metrics=metrics)
    return app


def _lifespan(settings: ServiceSettings, keeper: Keeper, metrics: Metrics) -> Lifespan:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, ServiceState]]:
        with opened(settings, keeper, metrics, warm_up) as state:
            # For /openapi.json, which names the models that are installed.
            app.state.service = state
            yield {"service": state}

    return lifespan
