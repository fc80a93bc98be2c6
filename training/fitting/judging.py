"""Judgements in every step: this picture is closer to the query than that one, people said."""

import numpy as np
import torch
from torch import Tensor

from training.data.augmentation import Augmentation
from training.data.judged import JudgedPictures
from training.data.loading import PixelBatch
from training.losses.triplet import TripletLoss
from training.mining.judgements import JudgementTriplets
from training.sampling.judged import JudgementBatches
from training.settings import JudgementSettings


class JudgedBatches:
    """What joins the batch of each step: pictures of whole judgements, and the triplet loss over
    them (S1's hinge loss over what its labellers said). A step's number decides its judgements and
    the changes of their pictures, so that a training that was interrupted goes on with the same."""

    def __init__(
        self,
        judged: JudgedPictures,
        settings: JudgementSettings,
        augmentation: Augmentation,
        *,
        seed: int,
    ) -> None:
        self._judged = judged
        self._augmentation = augmentation
        self._batches = JudgementBatches(judged.triplets, settings.triplets, seed)
        self._triplets = JudgementTriplets(judged.triplets)
        self._loss = TripletLoss(settings.gap)
        self._weight = settings.weight

    def pixels(self, step: int) -> PixelBatch:
        """uint8 (pictures, side, side, 3) of that step, from 0."""
        return np.stack(
            [
                self._augmentation(
                    np.array(self._judged.pixels.table[self._judged.rows[picture]]),
                    epoch=step,
                    draw=draw,
                )
                for draw, picture in enumerate(self._pictures(step))
            ]
        )

    def loss(self, embeddings: Tensor, step: int) -> Tensor:
        """Unit vectors of the pictures of that step -> the weighted loss, a scalar."""
        pictures = torch.tensor(self._pictures(step), device=embeddings.device)
        # Labels play no part where triplets are given, but the convention wants some.
        weighted: Tensor = self._weight * self._loss(embeddings, pictures, self._triplets(pictures))
        return weighted

    def _pictures(self, step: int) -> list[int]:
        epoch, batch = divmod(step, len(self._batches))
        self._batches.set_epoch(epoch)
        return list(self._batches)[batch]
