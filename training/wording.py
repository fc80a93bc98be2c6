"""Counts in sentences."""


def counted(count: float, what: str) -> str:
    """`1 minute`, `2.5 minutes`, `1,200 epochs`."""
    return f"{count:,g} {what}{'' if count == 1 else 's'}"
