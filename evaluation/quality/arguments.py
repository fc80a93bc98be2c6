"""The words of the commands that make pages of measured quality."""

import argparse
from collections.abc import Collection
from pathlib import Path


def page_arguments(
    program: str, description: str | None, sections: Collection[str]
) -> argparse.ArgumentParser:
    """`photographs` and `out` are paths; `only`: some of `sections`, None for all."""
    parser = argparse.ArgumentParser(prog=f"python -m {program}", description=description)
    parser.add_argument(
        "--photographs", type=Path, required=True, help="folder with luma/, grocery/, clothing/"
    )
    parser.add_argument("--out", type=Path, required=True, help="the page that is written")
    parser.add_argument(
        "--only", action="append", choices=list(sections), help="this section; repeatable"
    )
    return parser
