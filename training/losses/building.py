"""Settings to loss."""

from torch import nn

from training.losses.angular import AngularLoss
from training.losses.contrastive import ContrastiveLoss
from training.losses.distillation import CosineDistillationLoss, RelationalDistillationLoss
from training.losses.multi_similarity import MultiSimilarityLoss
from training.losses.multi_task import MultiTaskLoss
from training.losses.proxies import NormalisedSoftmaxLoss, ProxyAnchorLoss
from training.losses.robust_contrastive import RobustContrastiveLoss
from training.losses.settings import LossSettings
from training.losses.triplet import TripletLoss


def build_loss(settings: LossSettings, *, dimension: int, classes: int) -> nn.Module:
    """The loss over embeddings of length `dimension` and labels from 0 up to `classes` - 1.

    How it is called: `loss(embeddings, labels, indices_tuple)`; multi-task as
    `loss(embeddings, labels, logits, indices_tuple)`; distillation as `loss(embeddings, teacher)`.
    Proxies are parameters of the loss: give them to the optimiser, and move it to the device.
    """
    given = settings.all_parameters
    match settings.name:
        case "contrastive":
            return ContrastiveLoss(given["margin"])
        case "robust-contrastive":
            return RobustContrastiveLoss(given["margin"], given["limit"])
        case "triplet":
            return TripletLoss(given["gap"])
        case "angular":
            return AngularLoss(given["degrees"])
        case "multi-similarity":
            return MultiSimilarityLoss(given["alpha"], given["beta"], given["base"])
        case "proxy-anchor":
            return ProxyAnchorLoss(classes, dimension, margin=given["margin"], alpha=given["alpha"])
        case "normalised-softmax":
            return NormalisedSoftmaxLoss(classes, dimension, temperature=given["temperature"])
        case "multi-task":
            matching = RobustContrastiveLoss(given["margin"], given["limit"])
            return MultiTaskLoss(matching, recognition_weight=given["recognition_weight"])
        case "cosine-distillation":
            return CosineDistillationLoss()
        case "relational-distillation":
            return RelationalDistillationLoss(given["distance_weight"], given["angle_weight"])
