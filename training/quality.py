"""`python -m training.quality`: every table of docs/training-quality.md, in one run."""

import argparse
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from embedding.model_names import CLASSIC
from embedding.threads import one_blas_thread
from evaluation.errors import EvaluationError
from evaluation.quality.page import body
from evaluation.quality.section import Section, Table, percent, points
from evaluation.quality.setting import Setting
from evaluation.relations import Relation
from evaluation.reporting.writing import check_writable, write_report
from evaluation.tuning.paired import JointBootstrap
from evaluation.watching import TerminalWatch
from retrieval.home import Home
from retrieval.settings import EngineSettings
from training.adapters.curve import curve
from training.adapters.reductions import from_matched_pairs, principal
from training.errors import TrainingError
from training.linear.asking import answers, folds_of
from training.linear.learning import learn
from training.linear.material import FOLDS, Floats, Material, gathered
from training.linear.printing import described as written
from training.linear.results import BASE, HEAD, JOINED, Learnt
from training.linear.vectors import mapped, unit

COMMAND = "python -m training.quality --photographs FOLDER --out docs/training-quality.md"

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

_RELATIONS = ("style", "product_id")
_JUDGEMENTS = (0, 100, 300, 1000, 3000, 10_000)
_DIMENSIONS = (32, 64, 128, 256, 512)
_SHARE_OF_SHADES = 0.4
_SHRINKAGE = 0.3


@dataclass
class Training:
    """The setting, and what is asked of it."""

    setting: Setting

    @cached_property
    def material(self) -> Material:
        luma = self.setting.pictures("luma")
        grocery = self.setting.pictures("grocery", "split=val", "split=train")
        style, product = (Relation.parse(each) for each in _RELATIONS)
        return gathered([(luma, [style, product]), (grocery, [product])])

    def vectors(self, name: str) -> Floats:
        """Of an installed model or a built-in part, all pictures in order."""
        (contender,) = self.setting.contenders([name])
        found = [
            vector
            for each in self.material.catalogues
            for vector in self.setting.described(contender, each.pictures)
        ]
        return np.stack(found).astype(np.float32, copy=False)

    @property
    def joined(self) -> tuple[str, Floats]:
        """The first network with the exact shades, as `likeness models fuse` joins them."""
        network = self.setting.networks[0]
        shades = np.float32(_SHARE_OF_SHADES**0.5) * self.vectors("shades")
        rest = np.float32((1.0 - _SHARE_OF_SHADES) ** 0.5) * self.vectors(network)
        name = f"{network}={1.0 - _SHARE_OF_SHADES:g},shades={_SHARE_OF_SHADES:g}"
        return name, np.concatenate([rest, shades], axis=1)


def heads(training: Training) -> Section:
    """The linear head behind every model."""
    rows: list[list[str]] = []
    notes: list[str] = []
    for name in (*training.setting.networks, CLASSIC):
        blocks = {name: training.vectors(name)}
        if name != CLASSIC:
            blocks["shades"] = training.vectors("shades")
        learnt = learn(
            training.material,
            blocks,
            threads=training.setting.threads,
            watch=training.setting.watch,
        )
        rows += _of_model(name, learnt)
        notes.append(
            f"- `{name}`: {written(learnt.recipe, learnt)}; {learnt.head.dimension} dimensions."
        )
    relations = " ".join(f"--relation {each}" for each in _RELATIONS)
    return Section(
        "A linear head",
        "The model as it is; joined with the exact shades, where it is a network, as much as the "
        "other parts chose; and with the head.",
        [
            Table(
                "Behind every model",
                "likeness train luma/catalogue.csv grocery/catalogue.csv --model MODEL "
                f"{relations} --queries split=val --gallery split=train",
                ["model", "what counts as found", BASE, JOINED, HEAD, "gained", "by the head"],
                rows,
                ["Chosen on all products:", "\n".join(notes)],
            )
        ],
    )


def _of_model(name: str, learnt: Learnt) -> list[list[str]]:
    measured = learnt.measured
    rows = [
        [
            f"`{name}`",
            question,
            *(percent(measured.by_question[each][question]) for each in (BASE, JOINED, HEAD)),
            points(measured.gains_by_question[BASE][question]),
            points(measured.gains_by_question[JOINED][question]),
        ]
        for question in measured.queries
    ]
    mean = [percent(measured.mean[each]) for each in (BASE, JOINED, HEAD)]
    return [
        *rows,
        [f"`{name}`", "**mean**", *mean, points(measured.gains[BASE]),
         points(measured.gains[JOINED])],
    ]  # fmt: skip


def judgements(training: Training) -> Section:
    """OASIS from simulated clicks."""
    name, vectors = training.joined
    found = curve(
        training.material,
        vectors,
        "style",
        _JUDGEMENTS,
        watch=training.setting.watch,
        seed=training.setting.seed,
    )
    return Section(
        "Judgements, as they arrive",
        f"OASIS on `{name}`. A simulated customer asks with a picture, clicks one of the same "
        "style (in `grocery`: product) and passes over one of the 20 nearest others. A fifth of "
        "the judgements are held out, as in use. The products asked for are none of those judged.",
        [
            Table(
                "R@1 against the number of judgements",
                _only("judgements"),
                ["judgements", *training.material.questions, "mean", "gained"],
                [
                    [
                        f"{count:,}",
                        *(f"{100 * each:.1f}" for each in by_question),
                        percent(mean),
                        points(gain),
                    ]
                    for count, mean, gain, by_question in found
                ],
            )
        ],
    )


def reductions(training: Training) -> Section:
    """Shorter vectors, with labels and without."""
    name, vectors = training.joined
    material = training.material
    fold = folds_of(material)
    units = [
        material.units[catalogue.rows][trial.queries]
        for catalogue in material.catalogues
        for trial in catalogue.trials
    ]
    bootstrap = JointBootstrap(units)

    def asked(reduced: Callable[[NDArray[np.bool_]], Floats]) -> list[NDArray[np.float64]]:
        """`reduced`: pictures that may teach -> all vectors."""
        of_folds = [
            answers(material, [reduced(fold != each)], fold, {each})[0] for each in range(FOLDS)
        ]
        return [np.nanmax(np.stack(each), axis=0) for each in zip(*of_folds, strict=True)]

    with training.setting.watch.step("reduce", len(_DIMENSIONS)) as advance:
        whole = bootstrap.mean(asked(lambda _: unit(vectors)))
        rows = [["all", percent(whole), ""]]
        for dimension in _DIMENSIONS:
            shown = [
                asked(partial(_by_components, vectors, dimension)),
                asked(partial(_by_pairs, material, vectors, dimension)),
            ]
            rows.append([f"{dimension}", *(percent(bootstrap.mean(each)) for each in shown)])
            advance(1)
    return Section(
        "Shorter vectors",
        f"`{name}` reduced by principal components, which take no labels, and by what was learnt "
        "on pairs of pictures of one style (in `grocery`: product) after S4's sources.",
        [
            Table(
                "R@1 against the dimension, in the mean over what is asked",
                _only("reductions"),
                ["dimension", "principal components", "matched pairs"],
                rows,
            )
        ],
    )


def _by_components(vectors: Floats, dimension: int, taught: NDArray[np.bool_]) -> Floats:
    return mapped(principal(vectors[taught], dimension), vectors)


def _by_pairs(
    material: Material, vectors: Floats, dimension: int, taught: NDArray[np.bool_]
) -> Floats:
    classes = np.where(taught, material.classes["style"], -1)
    random = np.random.default_rng(0)
    pairs = [
        tuple(random.choice(members, 2, replace=False))
        for label in np.unique(classes[classes >= 0])
        if len(members := np.flatnonzero(classes == label)) > 1
        for _ in range(min(2 * len(members), 60))
    ]
    head = from_matched_pairs(
        vectors, np.array(pairs, dtype=np.int64), dimension, shrinkage=_SHRINKAGE
    )
    return mapped(head, vectors)


def _only(section: str) -> str:
    return f"{COMMAND} --only {section}"


SECTIONS: Mapping[str, Callable[[Training], Section]] = {
    "heads": heads,
    "judgements": judgements,
    "reductions": reductions,
}
"""In the order of the page."""


def main(arguments: list[str] | None = None) -> None:
    """Raises SystemExit 2, with what is wrong, when the page cannot be made."""
    one_blas_thread()
    given = _arguments(arguments)
    try:
        check_writable(given.out)
        with Home(EngineSettings.read()) as home:
            training = Training(Setting(home, given.photographs, TerminalWatch()))
            if not training.setting.networks:
                raise TrainingError("No network is installed: likeness models add NAME.")
            sections = [
                SECTIONS[name](training) for name in SECTIONS if name in (given.only or SECTIONS)
            ]
        text = "\n\n".join([_PREFACE.format(command=COMMAND), *body(sections)])
        write_report(given.out, text + "\n")
    except (EvaluationError, TrainingError) as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)


def _arguments(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m training.quality", description=__doc__)
    parser.add_argument(
        "--photographs", type=Path, required=True, help="folder with luma/, grocery/, clothing/"
    )
    parser.add_argument("--out", type=Path, required=True, help="the page that is written")
    parser.add_argument(
        "--only", action="append", choices=list(SECTIONS), help="this section; repeatable"
    )
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
