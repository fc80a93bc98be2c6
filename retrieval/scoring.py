"""From a cosine to a score a person can read."""


def similarity(cosine: float) -> float:
    """(cosine + 1) / 2, in 0..1 (S4). Half-precision vectors may pass 1 by a hair; that is cut."""
    return min(1.0, max(0.0, (cosine + 1.0) / 2.0))


def cosine_at(similarity: float) -> float:
    """The cosine that scores `similarity`: the inverse of the above within its range."""
    return 2.0 * similarity - 1.0
