"""`make quality`: every table of docs/quality.md, in one run."""

import sys
from collections.abc import Mapping

from embedding.threads import one_blas_thread
from evaluation.errors import EvaluationError
from evaluation.quality.arguments import page_arguments
from evaluation.quality.calibration import calibration
from evaluation.quality.coding import coding
from evaluation.quality.duplicates import duplicates
from evaluation.quality.finding import finding
from evaluation.quality.fusing import fusing
from evaluation.quality.pace import pace
from evaluation.quality.page import page
from evaluation.quality.robustness import robustness
from evaluation.quality.section import Measure
from evaluation.quality.setting import Setting
from evaluation.reporting.writing import check_writable, write_report
from evaluation.watching import TerminalWatch
from retrieval.home import Home
from retrieval.settings import EngineSettings

SECTIONS: Mapping[str, Measure] = {
    "finding": finding,
    "fusing": fusing,
    "coding": coding,
    "calibration": calibration,
    "robustness": robustness,
    "duplicates": duplicates,
    "pace": pace,
}
"""In the order of the page."""

COMMAND = "make quality PHOTOGRAPHS=FOLDER"


def main(arguments: list[str] | None = None) -> None:
    """Raises SystemExit 2, with what is wrong, when the page cannot be made."""
    one_blas_thread()
    given = page_arguments("evaluation.quality", __doc__, SECTIONS).parse_args(arguments)
    try:
        check_writable(given.out)
        with Home(EngineSettings.read()) as home:
            setting = Setting(home, given.photographs, TerminalWatch())
            sections = [
                SECTIONS[name](setting) for name in SECTIONS if name in (given.only or SECTIONS)
            ]
        write_report(given.out, page(sections, command=COMMAND))
    except EvaluationError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
