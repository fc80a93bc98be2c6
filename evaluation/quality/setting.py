"""What the page is made from: photographs, networks, and what was worked out before."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from embedding.model_names import CLASSIC
from evaluation.contenders import Contender, Description
from evaluation.describing import describe
from evaluation.description_cache import DescriptionCache
from evaluation.errors import SourceInvalid
from evaluation.evaluating import Options, evaluate
from evaluation.pictures import PictureSet
from evaluation.relations import Relation
from evaluation.results import Evaluation
from evaluation.roster import contenders
from evaluation.sources.catalogue_csv import read_catalogue_csv
from evaluation.watching import Watch
from retrieval.home import Home

SETS = ("luma", "grocery", "clothing")
"""Folders of photographs, each with a catalogue.csv; docs/quality.md says what is in them."""


@dataclass(frozen=True)
class Question:
    """What `likeness evaluate` is asked: `pictures` names one of SETS."""

    pictures: str
    relation: str
    queries: str | None = None
    gallery: str | None = None
    resample_by: str | None = None

    @property
    def options(self) -> str:
        """As they are typed."""
        given = {
            "--relation": self.relation,
            "--queries": self.queries,
            "--gallery": self.gallery,
            "--resample-by": self.resample_by,
        }
        return " ".join(f"{name} {value}" for name, value in given.items() if value)


@dataclass
class Setting:
    """`photographs` holds the folders SETS; descriptions are kept in the home's cache, so that a
    second run only ranks. Raises SourceInvalid when a folder is missing."""

    home: Home
    photographs: Path
    watch: Watch
    seed: int = 0
    _opened: dict[tuple[str, str | None, str | None], PictureSet] = field(default_factory=dict)
    _loaded: dict[str, Contender] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in SETS:
            if not (self.photographs / name / "catalogue.csv").is_file():
                raise SourceInvalid(
                    f"{self.photographs / name} has no catalogue.csv. The page is made from a "
                    f"folder with {', '.join(SETS)}, each with its catalogue.csv and pictures."
                )

    @property
    def sets(self) -> list[str]:
        """SETS, and whatever other photographs lie beside them with a catalogue."""
        found = sorted(path.parent.name for path in self.photographs.glob("*/catalogue.csv"))
        return [*SETS, *(name for name in found if name not in SETS)]

    @cached_property
    def networks(self) -> tuple[str, ...]:
        """Installed networks with weights of somebody's training, by name."""
        return tuple(
            card.name
            for card in self.home.store.cards()
            if card.kind == "onnx" and "random weights" not in card.licence
        )

    @property
    def models(self) -> tuple[str, ...]:
        return (CLASSIC, *self.networks)

    @property
    def cache(self) -> DescriptionCache:
        return DescriptionCache(self.home.root / "cache" / "evaluation")

    @property
    def threads(self) -> int:
        return self.home.settings.threads or os.cpu_count() or 1

    def pictures(
        self, name: str, queries: str | None = None, gallery: str | None = None
    ) -> PictureSet:
        """A set, read once."""
        key = (name, queries, gallery)
        if key not in self._opened:
            self._opened[key] = read_catalogue_csv(
                self.photographs / name / "catalogue.csv",
                queries=queries,
                gallery=gallery,
                most_bytes=self.home.limits.max_bytes,
            )
        return self._opened[key]

    def contenders(self, names: Sequence[str]) -> list[Contender]:
        """Each loaded once."""
        missing = [name for name in names if name not in self._loaded]
        loaded = contenders(missing, store=self.home.store, limits=self.home.limits)
        self._loaded |= dict(zip(missing, loaded, strict=True))
        return [self._loaded[name] for name in names]

    def evaluated(self, question: Question, names: Sequence[str]) -> Evaluation:
        return evaluate(
            self.pictures(question.pictures, question.queries, question.gallery),
            self.contenders(names),
            Options(
                relations=(Relation.parse(question.relation),),
                resample_by=question.resample_by,
                seed=self.seed,
            ),
            cache=self.cache,
            threads=self.threads,
            watch=self.watch,
        )

    def described(self, contender: Contender, pictures: PictureSet) -> list[Description]:
        """Of every picture; raises SourceInvalid for one that cannot be read."""
        with self.watch.step(f"{contender.name}: describe", len(pictures.pictures)) as advance:
            found = describe(
                contender,
                pictures.pictures,
                self.cache,
                known={},
                threads=self.threads,
                advance=advance,
            )
        if found.unreadable:
            raise SourceInvalid(
                f"{pictures.source}: {len(found.unreadable)} pictures cannot be read. The first: "
                f"{next(iter(found.unreadable.values()))}"
            )
        return found.of(pictures.pictures)
