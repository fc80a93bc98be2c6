"""Words to whoever started the service."""

from rich.console import Console


def say(text: str) -> None:
    """A line on stderr; `text` may hold rich's markup."""
    Console(stderr=True, soft_wrap=True, highlight=False).print(text)
