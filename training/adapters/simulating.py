"""Judgements as customers would give them, drawn from known products."""

import numpy as np
from numpy.typing import NDArray

from training.linear.material import Floats, Material

_SHOWN = 20


def clicks(
    material: Material,
    vectors: Floats,
    taught: NDArray[np.bool_],
    column: str,
    count: int,
    *,
    seed: int = 0,
) -> NDArray[np.int64]:
    """(count, 3): places of query, closer and farther among the pictures `taught`.

    A customer asks with a picture, is shown the 20 nearest of other classes of `column` by
    `vectors` and somewhere those of its own, clicks one of its own and passes over one of the
    others (Joachims 2002: what is clicked is closer than what was seen and was not).
    """
    random = np.random.default_rng(seed)
    classes = material.classes[column]
    # Of a catalogue: (places, of those that may ask, of each place whom it is shown).
    asking: list[int] = []
    own: dict[int, NDArray[np.int64]] = {}
    shown: dict[int, NDArray[np.int64]] = {}
    for catalogue in material.catalogues:
        places = np.arange(catalogue.rows.start, catalogue.rows.stop)[taught[catalogue.rows]]
        labels = classes[places]
        order = np.argsort(-(vectors[places] @ vectors[places].T), axis=1, kind="stable")
        for row, place in enumerate(places.tolist()):
            alike = places[(labels == labels[row]) & (places != place)]
            if labels[row] < 0 or not len(alike):
                continue
            ranked = places[order[row]]
            asking.append(place)
            own[place] = alike
            shown[place] = ranked[labels[order[row]] != labels[row]][:_SHOWN]
    queries = random.choice(asking, count)
    return np.array(
        [(each, random.choice(own[each]), random.choice(shown[each])) for each in queries.tolist()],
        dtype=np.int64,
    )
