"""Values that manifests of every format have in common."""

from math import isfinite

from indexer.errors import ItemInvalid


def price_of(value: object, line: int) -> float | None:
    """A number, or a text that is one; None stays None. Raises ItemInvalid."""
    if value is None:
        return None
    try:
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise ValueError
        price = float(value)
        if not isfinite(price):
            raise ValueError
    except (ValueError, OverflowError) as error:
        raise ItemInvalid(
            f"Line {line}: the price {str(value)[:40]!r} is not a number. Write it as 12.50, "
            "without currency."
        ) from error
    return price
