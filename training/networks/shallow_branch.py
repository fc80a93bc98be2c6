"""A picture's texture and shade, by one layer that sees few pixels at a time."""

import torch.nn.functional as functional
from torch import Tensor, nn

_CHANNELS = 96
_KERNEL = 8
_STRIDE = 4
_GRID = 4


class ShallowBranch(nn.Module):  # type: ignore[misc]
    """(n, 3, input_size, input_size) -> (n, 1536): mean over blocks of `reduction` x `reduction`
    pixels, 96 filters of 8 x 8 in steps of 4, ReLU, and their maxima over a 4 x 4 grid.

    The shallow path of deep ranking (Wang et al. 2014, "Learning Fine-grained Image Similarity
    with Deep Ranking", figure 3), which has little of a deep tower's invariance and so keeps what
    stripes, shades and small patterns look like. Reduction 1 sees the finest ones.
    """

    dimension = _CHANNELS * _GRID * _GRID

    def __init__(self, input_size: int, *, reduction: int) -> None:
        super().__init__()
        self.reduction = reduction
        self.filters = nn.Conv2d(3, _CHANNELS, _KERNEL, stride=_STRIDE, padding=_KERNEL // 2)
        side = (input_size // reduction) // _STRIDE + 1
        # Fixed windows, because an adaptive maximum cannot be written as ONNX.
        self.step = side // _GRID
        self.window = side - (_GRID - 1) * self.step

    def forward(self, pixels: Tensor) -> Tensor:
        if self.reduction > 1:
            pixels = functional.avg_pool2d(pixels, self.reduction)
        responses = functional.relu(self.filters(pixels))
        return functional.max_pool2d(responses, self.window, stride=self.step).flatten(1)


def least_input_size(reduction: int) -> int:
    """Smallest side in pixels whose responses fill the grid."""
    return reduction * _STRIDE * (_GRID - 1)
