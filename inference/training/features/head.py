"""A head over feature files: which segments of a video are unusual, learnt from video-level labels only.

Method: a temporal convolution over the segments of a video, a score for each; the highest k stand for the video
(top-k multiple-instance learning: Sultani et al., CVPR 2018, arXiv 1801.04264; feature magnitude: Tian et al., RTFM,
ICCV 2021, arXiv 2101.10030). Own code; about 1 M weights at D = 1024. For comparison with papers: the live line never
uses it.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional


@dataclass(frozen=True, slots=True)
class HeadConfig:
    """Sizes and weights of the losses.

    Attributes:
        features: D, numbers of one segment and crop.
        width: of the hidden layers.
        top: so many segments stand for a video.
        margin: by which the magnitude of events should exceed that of ordinary life.
        magnitude: weight of that wish.
        sparsity: weight of few unusual segments.
        smoothness: weight of scores that change slowly.
        dropout: share of hidden numbers left out in training.
    """

    features: int
    width: int = 256
    top: int = 3
    margin: float = 10.0
    magnitude: float = 1e-3
    sparsity: float = 8e-3
    smoothness: float = 8e-4
    dropout: float = 0.5

    def __post_init__(self) -> None:
        for name in ("features", "width", "top"):
            if getattr(self, name) < 1:
                raise ValueError(f"`{name}` must be at least 1, got {getattr(self, name)}.")


class Head(nn.Module):
    """Scores segments."""

    def __init__(self, config: HeadConfig) -> None:
        super().__init__()
        self.config = config
        self.near = nn.Conv1d(config.features, config.width, 3, padding=1)
        self.far = nn.Conv1d(config.width, config.width, 3, padding=4, dilation=4)
        self.score = nn.Linear(config.width, 1)
        self.drop = nn.Dropout(config.dropout)

    def forward(self, segments: Tensor) -> tuple[Tensor, Tensor]:
        """Give the logits and magnitudes of segments.

        Args:
            segments: `(N, T, D)`.

        Returns:
            `(N, T)` logits, `(N, T)` magnitudes.
        """
        hidden = functional.relu(self.near(functional.normalize(segments, dim=2).transpose(1, 2)))
        hidden = hidden + functional.relu(self.far(hidden))
        answer = hidden.transpose(1, 2)
        logits: Tensor = self.score(self.drop(answer)).squeeze(2)
        return logits, answer.norm(dim=2)


def mil_loss(logits: Tensor, magnitudes: Tensor, is_event: Tensor, config: HeadConfig) -> Tensor:
    """Give the loss of a batch of videos from their labels alone.

    Args:
        logits: `(N, T)`.
        magnitudes: `(N, T)`.
        is_event: `(N,)` 0 or 1, float.
        config: weights of the parts.
    """
    top = min(config.top, logits.shape[1])
    highest = magnitudes.topk(top, dim=1)
    video = logits.topk(top, dim=1).values.mean(dim=1)
    loss = functional.binary_cross_entropy_with_logits(video, is_event)
    size = highest.values.mean(dim=1)
    apart = functional.relu(config.margin - size) * is_event + size * (1.0 - is_event)
    scores = torch.sigmoid(logits)
    events = scores[is_event > 0.5]
    sparse = events.mean() if len(events) else scores.new_zeros(())
    smooth = (scores[:, 1:] - scores[:, :-1]).square().mean() if scores.shape[1] > 1 else scores.new_zeros(())
    return loss + config.magnitude * apart.mean() + config.sparsity * sparse + config.smoothness * smooth
