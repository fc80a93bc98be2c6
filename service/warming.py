"""The whole path of a query, walked before anybody waits for it."""

import io
import logging
from functools import partial

from PIL import Image

from retrieval.assembly import Engine
from retrieval.queries import PictureQuery
from service.errors import EXPECTED
from service.pictures_in import Uploaded
from service.pools import Pool
from service.replies import json_reply
from service.search.answering import reply_json

logger = logging.getLogger(__name__)

_SIDE = 1200
"""Larger than any model needs: decoding at a reduced scale is part of the path."""


def warm_up(engine: Engine, pool: Pool) -> None:
    """Search every open collection from every thread for searches, and make the replies.

    That loads codecs, compiles statements, opens connections, and touches model and index.
    A collection that cannot be searched is told in the log, and holds up nobody.
    """
    picture = Uploaded("image", _drawn_picture())
    for served in engine.follower.open_collections():
        try:
            pool.run_in_each(partial(_search, engine, served.name, picture))
        except EXPECTED as error:
            logger.error("collection %r could not be warmed up: %s", served.name, error)


def _search(engine: Engine, collection: str, picture: Uploaded) -> None:
    answer = engine.searching.search(collection, [PictureQuery(picture.content)])
    json_reply(reply_json(answer, [picture], dict(answer.took_ms)))


def _drawn_picture() -> bytes:
    """Two gradients across each other, a JPEG."""
    across = Image.linear_gradient("L").resize((_SIDE, _SIDE))
    drawn = Image.merge("RGB", (across, across.rotate(90), across.rotate(180)))
    file = io.BytesIO()
    drawn.save(file, "JPEG")
    return file.getvalue()
