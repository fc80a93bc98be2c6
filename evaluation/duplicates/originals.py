"""Photographs that a trial starts from: runs of neighbours, so that look-alikes are among them."""

from pathlib import Path

RUN = 8
"""Files that follow one another in a folder: other views, other colours, the next shot."""


def chosen_originals(folder: Path, count: int) -> tuple[list[Path], list[Path]]:
    """About `count` JPEG files below `folder`, of each of its sub-folders as many, in two halves.

    Of a sub-folder with more files, runs of neighbours are taken at equal distances. A run lies in
    one half whole, and in the same half whatever the count, so that nothing tuned on the first
    half has seen a picture of the second, nor a neighbour of one.
    """
    tops = sorted({path.relative_to(folder).parts[0] for path in folder.rglob("*.jpg")})
    halves: tuple[list[Path], list[Path]] = ([], [])
    for top in tops:
        files = sorted(
            each for each in folder.rglob("*.jpg") if each.relative_to(folder).parts[0] == top
        )
        runs = [files[start : start + RUN] for start in range(0, len(files), RUN)]
        for half, mine in enumerate((runs[0::2], runs[1::2])):
            wanted = max(1, round(count / len(tops) / RUN / 2))
            kept = (
                mine
                if len(mine) <= wanted
                else [mine[n * len(mine) // wanted] for n in range(wanted)]
            )
            halves[half].extend(path for run in kept for path in run)
    return halves
