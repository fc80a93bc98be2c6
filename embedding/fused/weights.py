"""How much each part counts, as people write it: `colour=0.5,texture=0.1`, or as JSON."""

import json
from collections.abc import Mapping
from typing import Any

from embedding.errors import WeightsInvalid

_MOST = 1_000_000
_EXAMPLE = 'colour=0.5,texture=0.1, or {"colour": 0.5, "texture": 0.1}'


def parsed_weights(weights: str | Mapping[str, Any]) -> dict[str, float]:
    """Part -> share of the whole, in the order given; shares add up to 1.

    Any numbers from 0 to a million may be given, one at least above 0: they are divided by their
    sum. Raises WeightsInvalid.
    """
    given = _read(weights) if isinstance(weights, str) else dict(weights)
    numbers = {name: _number(name, weight) for name, weight in given.items()}
    total = sum(numbers.values())
    if total == 0.0:
        raise WeightsInvalid(
            f"No part would count. Write weights like {_EXAMPLE}, one of them above 0."
        )
    return {name: number / total for name, number in numbers.items()}


def written(weights: Mapping[str, float]) -> str:
    """As `parsed_weights` reads it, rounded for people."""
    return ",".join(f"{name}={weight:.4g}" for name, weight in weights.items())


def _number(name: str, weight: Any) -> float:
    if isinstance(weight, int | float) and not isinstance(weight, bool) and 0 <= weight <= _MOST:
        return float(weight)
    raise WeightsInvalid(
        f"The weight of {name[:80]!r} is {str(weight)[:80]!r}; it must be a number from 0 to "
        f"{_MOST:,}."
    )


def _read(text: str) -> dict[str, Any]:
    if text.lstrip().startswith("{"):
        return _read_json(text)
    given: dict[str, Any] = {}
    for pair in text.split(","):
        name, equals, weight = (each.strip() for each in pair.partition("="))
        try:
            number = float(weight)
        except ValueError:
            equals = ""
        if not equals or not name:
            raise WeightsInvalid(
                f"{pair[:80]!r} is no part with a weight. Write weights like {_EXAMPLE}."
            )
        if name in given:
            raise WeightsInvalid(f"The part {name[:80]!r} is named twice; name it once.")
        given[name] = number
    return given


def _read_json(text: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise WeightsInvalid(
            f"The weights are not valid JSON ({error}). Write them like {_EXAMPLE}."
        ) from error
    assert isinstance(document, dict)  # whatever begins with a brace and is JSON
    return document
