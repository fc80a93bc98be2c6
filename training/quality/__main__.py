"""`python -m training.quality`: every table of docs/training-quality.md, in one run."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from embedding.threads import one_blas_thread
from evaluation.errors import EvaluationError
from evaluation.quality.arguments import page_arguments
from evaluation.quality.page import body
from evaluation.quality.section import Section
from evaluation.quality.setting import Setting
from evaluation.reporting.writing import check_writable, write_report
from evaluation.watching import TerminalWatch
from retrieval.home import Home
from retrieval.settings import EngineSettings
from training.errors import TrainingError
from training.quality.fine_tuning import fine_tuning
from training.quality.heads import heads
from training.quality.judgements import judgements
from training.quality.material import COMMAND, Training
from training.quality.reductions import reductions

_PREFACE = """# Quality of training

What `likeness train` gains ([how](training.md)) on real photographs, always on products that taught
nothing and chose nothing. Made by one command; the photographs are those of
[quality.md](quality.md).

```console
$ {command}
```

Asked is, in `luma`, for the same style and for the same product, each picture among all others; in
`grocery`, from val to train, for the same product. Products are dealt into four parts (styles of
`luma` whole); each part is asked with what the other three taught, among all pictures of its set.
R@1 in percent; intervals hold 95 % and draw products or styles."""

SECTIONS: Mapping[str, Callable[[Training], Section]] = {
    "heads": heads,
    "judgements": judgements,
    "reductions": reductions,
    "fine-tuning": fine_tuning,
}
"""In the order of the page."""


def main(arguments: list[str] | None = None) -> None:
    """Raises SystemExit 2, with what is wrong, when the page cannot be made."""
    one_blas_thread()
    parser = page_arguments("training.quality", __doc__, SECTIONS)
    parser.add_argument(
        "--fine-tuned",
        type=Path,
        metavar="RUN",
        help="folder of a training whose model is installed; without it that section is left out",
    )
    given = parser.parse_args(arguments)
    try:
        check_writable(given.out)
        with Home(EngineSettings.read()) as home:
            training = Training(Setting(home, given.photographs, TerminalWatch()), given.fine_tuned)
            if not training.networks:
                raise TrainingError("No network is installed: likeness models add NAME.")
            wanted = given.only or [
                name for name in SECTIONS if name != "fine-tuning" or given.fine_tuned
            ]
            sections = [SECTIONS[name](training) for name in SECTIONS if name in wanted]
        text = "\n\n".join([_PREFACE.format(command=COMMAND), *body(sections)])
        write_report(given.out, text + "\n")
    except (EvaluationError, TrainingError) as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
