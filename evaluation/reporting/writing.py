"""Writing a report to where somebody wants it."""

from pathlib import Path

from rich.console import Console

from evaluation.errors import ReportUnwritable


def check_writable(path: Path) -> None:
    """Before anything is worked out: nobody wants to learn it afterwards. Raises
    ReportUnwritable."""
    if not path.absolute().parent.is_dir() or path.is_dir():
        raise ReportUnwritable(
            f"The report cannot be written to {path}: name a file in a folder that is there."
        )


def write_report(path: Path, text: str) -> None:
    """Writes it and says so on stderr. Raises ReportUnwritable.

    As UTF-8; bytes of a file's name that are none are written escaped, as \\udcff.
    """
    try:
        path.write_text(text, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise ReportUnwritable(
            f"The report cannot be written to {path} ({error.strerror}). Name a file in a folder "
            "that this user may write."
        ) from error
    Console(stderr=True, soft_wrap=True).print(f"Report: {path}", markup=False)
