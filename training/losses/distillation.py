"""Learn what a larger network says instead of what labels say.

Both are called with the embeddings (n, d) and the teacher's (n, t) of the same pictures.
"""

import torch
import torch.nn.functional as functional
from torch import Tensor, nn


class CosineDistillationLoss(nn.Module):  # type: ignore[misc]
    """L = mean over pictures of 1 - cos(student, teacher); d = t.

    For a student that is to take its teacher's place: its vectors become the same, where a
    relational loss only makes them rank the same. It is the squared error of unit vectors, halved
    (Hinton, Vinyals & Dean 2015, "Distilling the Knowledge in a Neural Network", here of
    embeddings in place of logits).
    """

    def forward(self, embeddings: Tensor, teacher: Tensor) -> Tensor:
        """Raises ValueError where the dimensions differ."""
        if embeddings.shape != teacher.shape:
            raise ValueError(
                f"the student's vectors {tuple(embeddings.shape)} and the teacher's "
                f"{tuple(teacher.shape)} differ in shape; use relational distillation"
            )
        return (1.0 - functional.cosine_similarity(embeddings, teacher, dim=1)).mean()


class RelationalDistillationLoss(nn.Module):  # type: ignore[misc]
    """L = distance_weight * L_D + angle_weight * L_A (Park et al. 2019, "Relational Knowledge
    Distillation", sections 3.2.1 and 3.2.2). d and t may differ.

    L_D: mean over pairs i != j of huber(|s_i - s_j| / mu_s, |t_i - t_j| / mu_t), mu the mean of
    all such distances of one network.
    L_A: mean over triples of distinct i, j, k of huber(cos(s_i s_j s_k), cos(t_i t_j t_k)), the
    cosines of the angle at j.
    huber(x, y) = (x - y)^2 / 2 up to |x - y| = 1, then |x - y| - 1/2. The paper's weights are 1
    and 2. Needs n^2 d numbers of memory.
    """

    def __init__(self, distance_weight: float, angle_weight: float) -> None:
        super().__init__()
        self.distance_weight = distance_weight
        self.angle_weight = angle_weight

    def forward(self, embeddings: Tensor, teacher: Tensor) -> Tensor:
        """Raises ValueError for fewer than three pictures, which have no angles."""
        if len(embeddings) < 3:
            raise ValueError("relational distillation needs at least three pictures in a batch")
        teacher = teacher.detach().float()
        embeddings = embeddings.float()
        distance = functional.smooth_l1_loss(_distances(embeddings), _distances(teacher))
        angle = functional.smooth_l1_loss(_angles(embeddings), _angles(teacher))
        return self.distance_weight * distance + self.angle_weight * angle


def _distances(vectors: Tensor) -> Tensor:
    """(pairs,): distances of all pairs, over their mean."""
    distances = functional.pdist(vectors)
    return distances / distances.mean().clamp(min=1e-12)


def _angles(vectors: Tensor) -> Tensor:
    """(n, n, n) without repeated indices, flat: cosine of the angle at the first index."""
    edges = functional.normalize(vectors[None] - vectors[:, None], dim=2)
    cosines = torch.bmm(edges, edges.transpose(1, 2))
    same = torch.eye(len(vectors), dtype=torch.bool, device=vectors.device)
    distinct = ~(same[:, :, None] | same[:, None, :] | same[None, :, :])
    return cosines[distinct]
