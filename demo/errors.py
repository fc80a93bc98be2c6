"""What can go wrong while rendering the demo catalogue.

DemoError
├── CatalogueTooLarge    more products asked for than there are different ones, or none
├── FolderOccupied       the folder holds a catalogue that the renderer did not write
└── FolderUnwritable     the folder cannot be made or written to
"""

from pathlib import Path


class DemoError(Exception):
    """Base of everything this package raises for its user; `str()` is a sentence to show."""

    code = "demo"


class CatalogueTooLarge(DemoError):
    code = "demo-catalogue-too-large"

    def __init__(self, count: int, largest: int) -> None:
        super().__init__(
            f"A demo catalogue has 1 to {largest} products, not {count}. "
            f"Ask for a number in that range."
        )


class FolderOccupied(DemoError):
    code = "demo-folder-occupied"

    def __init__(self, found: Path) -> None:
        super().__init__(
            f"{found} is there already and was not written by the demo renderer. "
            "Nothing was changed. Choose another folder, or move that file away."
        )


class FolderUnwritable(DemoError):
    code = "demo-folder-unwritable"

    def __init__(self, folder: Path, reason: OSError) -> None:
        super().__init__(
            f"The demo catalogue cannot be written to {folder}: {reason.strerror or reason}. "
            "Choose a folder you may write to, on a disk with about 60 MB free."
        )
