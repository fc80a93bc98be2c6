"""Local features of the pictures that are matched point by point, remembered for a while."""

from functools import partial

from catalog.pictures import PictureFolder
from embedding.images import DecodeLimits
from embedding.points import LocalFeatures, PointMatch, decoded_features, match_points
from embedding.regions import Region
from retrieval.caching import RecentValues

PICTURES_REMEMBERED = 512
"""Of 68 kB at most: 35 MB."""


class PointFeatures:
    """Safe to use from many threads."""

    def __init__(self, pictures: PictureFolder, limits: DecodeLimits) -> None:
        self._pictures = pictures
        self._limits = limits
        self._remembered: RecentValues[str, LocalFeatures] = RecentValues(PICTURES_REMEMBERED)

    def of_content(self, content: bytes, region: Region | None = None) -> LocalFeatures:
        """Of a picture file, or of a region of it. Raises PictureError, RegionInvalid."""
        return decoded_features(content, self._limits, region)

    def of_kept(self, content_sha256: str) -> LocalFeatures:
        """Of the kept copy of a picture. Raises PictureMissing, PictureError."""
        return self._remembered.get(content_sha256, partial(self._read, content_sha256))

    def _read(self, content_sha256: str) -> LocalFeatures:
        return self.of_content(self._pictures.read(content_sha256))


def best_match(first: list[LocalFeatures], second: list[LocalFeatures]) -> PointMatch:
    """The pair that matches best, of one or more pictures each; at equal scores the earliest."""
    matches = [match_points(one, other) for one in first for other in second]
    return max(matches, key=lambda match: match.score)
