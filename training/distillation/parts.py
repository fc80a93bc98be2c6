"""The two parts of a distillation's sources as catalogues: what was learnt from, and what was not.

    python -m training.distillation.parts SETTINGS.yaml FOLDER

writes FOLDER/learnt/NAME.csv and FOLDER/held-out/NAME.csv for each source, NAME being the folder
that its catalogue lies in. The second are for `likeness evaluate`; a head that is to be measured by
them is learnt from the first.
"""

import csv
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evaluation.pictures import PictureSet
from retrieval.home import Home
from retrieval.settings import EngineSettings
from training.distillation.pictures import is_held_out, opened
from training.distillation.settings import DistillationSettings


def write_parts(home: Home, settings: DistillationSettings, folder: Path) -> list[Path]:
    """The files written. Raises SourceInvalid, OSError."""
    written = []
    for source in settings.sources:
        pictures = opened(home, source)
        aside = is_held_out(pictures, source.together, settings.held_out, settings.seed)
        for part, chosen in (("learnt", ~aside), ("held-out", aside)):
            path = folder / part / f"{source.catalogue.parent.name}.csv"
            path.parent.mkdir(parents=True, exist_ok=True)
            _write(path, pictures, chosen, source.catalogue.parent)
            written.append(path)
    return written


def _write(path: Path, pictures: PictureSet, chosen: NDArray[np.bool_], root: Path) -> None:
    columns = list(pictures.labels)
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["image", *columns])
        for place in np.flatnonzero(chosen).tolist():
            image = root.absolute() / pictures.pictures[place].name
            rows.writerow([image, *(pictures.labels[name][place] for name in columns)])


if __name__ == "__main__":
    _, config, into = sys.argv
    with Home(EngineSettings.read()) as opened_home:
        for each in write_parts(opened_home, DistillationSettings.read(Path(config)), Path(into)):
            print(each)
