"""`likeness balance`: how much each part of a collection's fused model counts."""

import json
from typing import Annotated

import typer

from catalog.collections import Collections
from embedding.fused.balance import Balance
from embedding.fused.weights import parsed_weights, written
from retrieval.balancing import set_balance
from retrieval.home import Home
from retrieval.scoring import left_uncalibrated
from retrieval.settings import EngineSettings


def balance(
    weights: Annotated[
        str | None,
        typer.Argument(
            help="Such as colour=0.5,texture=0.1; parts left out count nothing. "
            "Without it the balance is shown.",
        ),
    ] = None,
    collection: Annotated[str | None, typer.Option(help="Which catalogue.")] = None,
    clear: Annotated[
        bool, typer.Option("--clear", help="Weigh the parts as the model was made.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Show or set how much each part of a fused model counts; nothing is embedded again."""
    if clear and weights is not None:
        raise typer.BadParameter("give weights or --clear, not both")
    settings = EngineSettings.read()
    name = collection or settings.collection
    with Home(settings) as home:
        if clear or weights is not None:
            set_balance(home, name, None if weights is None else parsed_weights(weights))
        with home.database.read() as connection:
            found = Collections(connection).get(name)
        card = home.store.card(found.model_name)
        used = Balance(card, found.balance)
    if as_json:
        document = {
            "collection": name,
            "model": found.model_name,
            "balance": found.balance,
            "weights": dict(used.weights),
        }
        print(json.dumps(document, indent=2))
    elif not used.weights:
        print(f"{name}: model {found.model_name} is not fused; it has no parts to weigh.")
    else:
        whose = "as the model was made" if found.balance is None else "its own balance"
        print(f"{name}: model {found.model_name}, {written(used.weights)} ({whose})")
        if warning := left_uncalibrated(card, name, found.created_at, used.weights):
            print(warning)
