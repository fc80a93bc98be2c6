"""Point-wise matching (S4): do two pictures show the same print, seam for seam?

Local features of one picture are found again in the other, and their places must agree. It knows
identical printed things and edited copies of a picture, and nothing else: see `match_points`.
"""

from embedding.points.features import LocalFeatures, decoded_features, local_features
from embedding.points.matching import VERIFIED, PointMatch, match_points

__all__ = [
    "VERIFIED",
    "LocalFeatures",
    "PointMatch",
    "decoded_features",
    "local_features",
    "match_points",
]
