"""What to type once a model is made: to search with it, and to learn what its scores mean."""

from pathlib import Path

from catalog.collections import Collections
from retrieval.home import Home

NOT_MADE = "No model was made (exit code 3); --force makes it all the same."


def next_steps(
    home: Home, name: str, out: Path | None, *, model: str, collection: str | None
) -> list[str]:
    """`out`: the folder, where the model was not installed; `model`: what it was made from;
    `collection`: the one it was learnt from, None for other sources."""
    if out is not None:
        return [f"Written to {out}. To install it: likeness models add {out} --as {name}"]
    return [
        f"Installed as {name}.",
        "To search with it; and to learn what scores mean, on products it has not learnt from:",
        *(f"  {each}" for each in moving(home, name, model=model, collection=collection)),
        f"  likeness calibrate OTHER.csv --model {name}",
    ]


def made_json(name: str | None, out: Path | None) -> dict[str, str | None]:
    """For programs: as what the model was installed, or where it was written; nothing where
    `name` is None."""
    return {
        "published_as": name if out is None else None,
        "written_to": None if name is None or out is None else str(out),
    }


def moving(home: Home, name: str, *, model: str, collection: str | None) -> list[str]:
    """The commands that search collections with the model `name` from now on: the one it was learnt
    from, else those that are searched with the `model` it was made from, else any there are."""
    with home.database.read() as connection:
        there = Collections(connection).all()
    on_it = [each.name for each in there if each.model_name == model]
    meant = [collection] if collection is not None else on_it or [each.name for each in there]
    if not meant:
        return [f"likeness index SOURCE --model {name}"]
    return [f"likeness reindex --collection {each} --model {name}" for each in meant]
