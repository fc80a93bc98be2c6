"""Numbers of red, green and blue, as people write them."""

from collections.abc import Sequence

from embedding.card import PerChannel


def per_channel(told: object) -> PerChannel:
    """`0.5`, `"0.5"`, `"0.485,0.456,0.406"` and `[0.485, 0.456, 0.406]` -> one number a channel.

    Raises ValueError for anything else.
    """
    parts: Sequence[object]
    if isinstance(told, str):
        parts = told.split(",")
    else:
        parts = told if isinstance(told, Sequence) else [told]
    try:
        numbers = [float(str(part)) for part in parts]
    except ValueError:
        numbers = []
    if len(numbers) == 1:
        return (numbers[0], numbers[0], numbers[0])
    if len(numbers) == 3:
        return (numbers[0], numbers[1], numbers[2])
    raise ValueError(f"takes one number or three, not {str(told)[:80]!r}")
