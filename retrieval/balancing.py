"""The balance of a collection: how much each part of its fused model counts."""

from collections.abc import Mapping

from catalog.collections import Collections
from catalog.records import CollectionRecord
from embedding.fused.balance import Balance
from retrieval.home import Home


def set_balance(
    home: Home, collection: str, weights: Mapping[str, float] | None
) -> CollectionRecord:
    """The collection as it is from now on, for every process within its polling interval.

    `weights`: see `Balance`; None goes back to the weights that the model was made with.

    Raises:
        WeightsInvalid: the collection's model has no such parts.
        CollectionUnknown, ModelError, ModelChanged, DatabaseError.
    """
    with home.database.read() as connection:
        found = Collections(connection).get(collection)
    balance = None
    if weights is not None:
        balance = Balance(home.store.card(found.model_name), weights).weights
    with home.database.write() as connection:
        collections = Collections(connection)
        # Parts are those of the model that was asked, which must still be the collection's.
        locked = collections.locked(collection, model_fingerprint=found.model_fingerprint)
        collections.set_balance(locked.id, balance)
        return collections.get(collection)
