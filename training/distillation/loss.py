"""How far a student's maps are from its teachers'."""

import torch.nn.functional as functional
from torch import Tensor

from training.distillation.settings import LossSettings


def distillation_loss(student: Tensor, teacher: Tensor, weights: LossSettings) -> Tensor:
    """float32 (n, places, dimension) of each -> a scalar.

        L = w_p mean |s_np - t_np|^2 / mean |t_np - t|^2
          + w_w mean_n (1 - cos(s_n, t_n))
          + w_r mean_{n != m} (cos(s_n, s_m) - cos(t_n, t_m))^2

    s_np at place p of picture n, s_n the mean over its places, t the mean over everything. Every
    place is an answer of its own, so that a picture teaches as often as it has places: the hints
    of Romero et al. 2015, "FitNets", at the last map. The third term is the similarity-preserving
    one of Tung & Mori 2019, of cosines.
    """
    loss = student.new_zeros(())
    if weights.places > 0.0:
        spread = teacher.flatten(0, 1).var(dim=0, correction=0).sum()
        error = (student - teacher).square().sum(dim=2).mean()
        loss = loss + weights.places * error / spread
    of_picture = functional.normalize(student.mean(dim=1), dim=1)
    told = functional.normalize(teacher.mean(dim=1), dim=1)
    if weights.whole > 0.0:
        loss = loss + weights.whole * (1.0 - (of_picture * told).sum(dim=1)).mean()
    if weights.relations > 0.0:
        difference = (of_picture @ of_picture.T - told @ told.T).square()
        pairs = len(student) * (len(student) - 1)
        loss = loss + weights.relations * (difference.sum() - difference.diagonal().sum()) / pairs
    return loss
