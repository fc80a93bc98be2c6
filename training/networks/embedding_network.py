"""The network that is trained and, without its softmax head, exported."""

from collections.abc import Sequence
from typing import Self

import torch.nn.functional as functional
from torch import Tensor, nn

from embedding.card import PerChannel


class EmbeddingNetwork(nn.Module):  # type: ignore[misc]
    """Pictures to unit vectors.

    Siamese and triplet networks are this one network applied to each of their pictures: their
    towers share all weights, so two or three of them are one, and a batch holds all pictures.

    dimension: length of the vectors
    input_size: side of the square input in pixels
    mean, std: of RGB in 0..1, by which pixels are to be normalised
    """

    def __init__(
        self,
        features: nn.Module,
        neck: nn.Module,
        head: nn.Module | None,
        *,
        backbone: nn.Module,
        always_evaluating: Sequence[nn.Module],
        dimension: int,
        input_size: int,
        mean: PerChannel,
        std: PerChannel,
    ) -> None:
        """`features` contains (or is) the timm `backbone`; `neck` follows it; `head` maps the
        vectors, before they get unit length, to logits. `always_evaluating` are the layers of the
        backbone that keep their statistics while the others train."""
        super().__init__()
        self.features = features
        self.neck = neck
        self.head = head
        self.dimension = dimension
        self.input_size = input_size
        self.mean = mean
        self.std = std
        of_backbone = {id(each) for each in backbone.parameters()}
        self._backbone_names = frozenset(
            name for name, each in self.named_parameters() if id(each) in of_backbone
        )
        self._always_evaluating = tuple(always_evaluating)

    def forward(self, pixels: Tensor) -> Tensor:
        """float32 (n, 3, input_size, input_size), normalised -> unit vectors (n, dimension)."""
        return functional.normalize(self._embed(pixels), dim=1)

    def embed_and_classify(self, pixels: Tensor) -> tuple[Tensor, Tensor | None]:
        """Unit vectors (n, dimension), and logits (n, classes) where there is a head."""
        embeddings = self._embed(pixels)
        logits = None if self.head is None else self.head(embeddings)
        return functional.normalize(embeddings, dim=1), logits

    def _embed(self, pixels: Tensor) -> Tensor:
        embeddings: Tensor = self.neck(self.features(pixels))
        # Under bf16 the length of a vector would be known to three digits only.
        return embeddings.float()

    def train(self, mode: bool = True) -> Self:
        super().train(mode)
        for layer in self._always_evaluating:
            layer.eval()
        return self

    @property
    def projection(self) -> nn.Linear | None:
        """From features to vectors; None where these are the features themselves."""
        return next((each for each in self.neck.children() if isinstance(each, nn.Linear)), None)

    def parameter_groups(self, lr: float, backbone_factor: float) -> list[dict[str, object]]:
        """What an optimiser takes: the trained parameters of the backbone at
        `lr * backbone_factor`; those of the projection likewise, since it starts from what the
        backbone knows and soon forgets it at a higher rate; all others, which start from nothing,
        at `lr`.

        Frozen parameters are in none; a group of nothing is left out.
        """
        learning = [(name, each) for name, each in self.named_parameters() if each.requires_grad]
        projecting = [] if self.projection is None else list(self.projection.parameters())
        backbone = [each for name, each in learning if name in self._backbone_names]
        known = {id(each) for each in (*backbone, *projecting)}
        groups: list[dict[str, object]] = [
            {"name": "backbone", "params": backbone, "lr": lr * backbone_factor},
            {"name": "projection", "params": projecting, "lr": lr * backbone_factor},
            {
                "name": "new",
                "params": [each for _, each in learning if id(each) not in known],
                "lr": lr,
            },
        ]
        return [group for group in groups if group["params"]]
