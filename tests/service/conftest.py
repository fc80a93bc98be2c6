"""One service with a few products for tests that only read, and new ones for the others."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.service.running import Service, running

PRODUCTS = 12


@pytest.fixture(scope="module")
def stocked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Products p0 to p11 with pictures 0 to 11; category even or odd, price as the number."""
    with running(tmp_path_factory.mktemp("home")) as service:
        for number in range(PRODUCTS):
            service.put(
                f"p{number}",
                number,
                title=f"Product {number}",
                category="odd" if number % 2 else "even",
                price=str(number),
                attributes=f'{{"brand": "brand {number % 3}"}}',
            )
        yield service


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """An empty one."""
    with running(tmp_path / "home") as service:
        yield service
