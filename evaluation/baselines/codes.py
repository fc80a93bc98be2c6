"""Shorter codes of a model's vectors: fewer numbers, or one bit each (S4: neural codes; S2: SSDH).

Both are learnt from the descriptions of `training` pictures if there are any, else, at `index`,
from the gallery, as a shop would learn them; never from queries or labels.
"""

from collections.abc import Callable, Sequence

import faiss
import numpy as np
from numpy.typing import NDArray

from evaluation.baselines.part import unit
from evaluation.contenders import Contender, Description, Scorer
from evaluation.errors import SourceInvalid

Vectors = NDArray[np.float32]
Encoder = Callable[[Sequence[Description]], Vectors]


class PrincipalCodes(Contender):
    """The vectors of another contender on their first `length` principal components, compared by
    cosine: Babenko et al. 2014 ("Neural Codes for Image Retrieval") lose little until 128."""

    def __init__(
        self, contender: Contender, length: int, training: Sequence[Description] = ()
    ) -> None:
        """`contender` describes by vectors of one length. Raises ValueError unless length >= 1."""
        if length < 1:
            raise ValueError(f"length is {length}; it must be at least 1")
        self._contender = contender
        self._length = length
        self._training = training

    @property
    def name(self) -> str:
        return f"{self._contender.name}:pca{self._length}"

    @property
    def key(self) -> str:
        return self._contender.key

    @property
    def bytes_per_picture(self) -> int:
        return 4 * self._length

    def describe(self, content: bytes) -> Description:
        return self._contender.describe(content)

    def index(self, gallery: Sequence[Description]) -> Scorer:
        """Raises SourceInvalid for fewer pictures than components."""
        encode = principal_components(self._training or gallery, self._length)
        codes = unit(encode(gallery))
        return lambda queries: unit(encode(queries)) @ codes.T


class BinaryCodes(Contender):
    """One bit a component, compared by how many bits agree.

    Principal components are turned so that they lie near the corners of a cube (ITQ: Gong &
    Lazebnik 2011, "Iterative Quantization: A Procrustean Approach to Learning Binary Codes"), and
    only their signs are kept. The score is 1 - Hamming distance / bits.
    """

    def __init__(
        self, contender: Contender, bits: int, training: Sequence[Description] = ()
    ) -> None:
        """Likewise; `bits` is a multiple of 8."""
        if bits < 8 or bits % 8:
            raise ValueError(f"bits is {bits}; it must be a multiple of 8, at least 8")
        self._contender = contender
        self._bits = bits
        self._training = training

    @property
    def name(self) -> str:
        return f"{self._contender.name}:bits{self._bits}"

    @property
    def key(self) -> str:
        return self._contender.key

    @property
    def bytes_per_picture(self) -> int:
        return self._bits // 8

    def describe(self, content: bytes) -> Description:
        return self._contender.describe(content)

    def index(self, gallery: Sequence[Description]) -> Scorer:
        """Raises SourceInvalid for fewer pictures than bits."""
        learnt_from = self._training or gallery
        project = principal_components(learnt_from, self._bits)
        turn = faiss.ITQMatrix(self._bits)
        turn.train(np.ascontiguousarray(unit(project(learnt_from))))

        def packed(descriptions: Sequence[Description]) -> NDArray[np.uint8]:
            turned = turn.apply(np.ascontiguousarray(unit(project(descriptions))))
            return np.packbits(turned > 0.0, axis=1)

        codes = packed(gallery)

        def score(queries: Sequence[Description]) -> NDArray[np.float32]:
            differing = np.stack(
                [np.bitwise_count(query ^ codes).sum(axis=1) for query in packed(queries)]
            )
            return (1.0 - differing / self._bits).astype(np.float32)

        return score


def principal_components(learnt_from: Sequence[Description], length: int) -> Encoder:
    """Descriptions -> float32 (pictures, length), the components of greatest variance first.

    Raises SourceInvalid when there are too few pictures or columns to have so many components.
    """
    vectors = np.stack(learnt_from).astype(np.float32, copy=False)
    most = min(vectors.shape)
    if length > most:
        raise SourceInvalid(
            f"{len(vectors)} pictures with vectors of {vectors.shape[1]} numbers have at most "
            f"{most} principal components, not {length}. Ask for shorter codes, or give more "
            "pictures."
        )
    transform = faiss.PCAMatrix(vectors.shape[1], length)
    transform.train(np.ascontiguousarray(vectors))

    def encode(descriptions: Sequence[Description]) -> Vectors:
        stacked = np.stack(descriptions).astype(np.float32, copy=False)
        encoded: Vectors = transform.apply(np.ascontiguousarray(stacked))
        return encoded

    return encode
