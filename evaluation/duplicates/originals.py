"""Photographs that a trial starts from: runs of neighbours, so that look-alikes are among them."""

from pathlib import Path

RUN = 8
"""Files that follow one another in a folder: other views, other colours, the next shot."""


def chosen_originals(folder: Path, count: int) -> tuple[list[Path], list[Path]]:
    """About `count` JPEG files below `folder`, of each of its sub-folders as many, in two halves.

    Of a sub-folder with more files, runs of neighbours are taken at equal distances. A run lies in
    one half whole, so that nothing tuned on the first half has seen a neighbour of the second.
    """
    tops = sorted({path.relative_to(folder).parts[0] for path in folder.rglob("*.jpg")})
    halves: tuple[list[Path], list[Path]] = ([], [])
    place = 0
    for top in tops:
        files = sorted((folder / top).rglob("*.jpg")) if (folder / top).is_dir() else []
        runs = [files[start : start + RUN] for start in range(0, len(files), RUN)]
        wanted = max(1, round(count / len(tops) / RUN))
        kept = (
            runs if len(runs) <= wanted else [runs[n * len(runs) // wanted] for n in range(wanted)]
        )
        for run in kept:
            halves[place % 2].extend(run)
            place += 1
    return halves
