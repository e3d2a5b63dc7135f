"""What the network is punished for: every wrong pixel a little, every uncovered person a lot, whatever their size.

Source: Salehi et al., "Tversky loss function", MLMI 2017. It is computed per picture and per size of person: over a
batch it would be ruled by the few large people (see `docs/cards/paca-seg.md`).
"""

import torch
from torch import Tensor
from torch.nn import functional as functional_nn

_FALSE_POSITIVE, _FALSE_NEGATIVE = 0.4, 0.6
_POSITIVE_WEIGHT = 1.0
BUCKET_EDGES_PX = (32, 64, 128)
"""Heights that divide people into four size buckets, in pixels of the crop."""


def masking_loss(logits: Tensor, share: Tensor, is_known: Tensor, zones: Tensor) -> Tensor:
    """Binary cross-entropy plus Tversky per picture, and for people once more per size bucket.

    Args:
        logits: `float (N, 3, h, w)`.
        share: `float (N, 3, h, w)`, 0-1, how much of the cell is of the class.
        is_known: `bool (N, 3, h, w)`; unknown cells count for nothing.
        zones: `uint8 (N, h, w)`, bit b set where a person of bucket b is or is near.

    Returns:
        A scalar.
    """
    known = is_known.float()
    weight = torch.tensor(_POSITIVE_WEIGHT)
    each = functional_nn.binary_cross_entropy_with_logits(logits, share, pos_weight=weight, reduction="none")
    cross_entropy = ((each * known).sum((2, 3)) / known.sum((2, 3)).clamp(min=1.0)).mean(0)
    probability = logits.sigmoid() * known
    wanted = share * known
    terms = [_tversky(probability[:, index], wanted[:, index]) for index in (0, 1, 2)]
    terms += [
        _tversky(probability[:, 0] * zone, wanted[:, 0] * zone)
        for zone in ((zones >> bucket & 1).float() for bucket in range(len(BUCKET_EDGES_PX) + 1))
    ]
    values = (
        torch.cat([values for values in terms if len(values)]) if any(len(t) for t in terms) else logits.new_zeros(1)
    )
    return cross_entropy[0] * 3.0 + cross_entropy[1:].sum() + values.mean()


def _tversky(probability: Tensor, wanted: Tensor) -> Tensor:
    """One value per picture that has any of the class: absent classes are skipped, or "nothing" would be rewarded."""
    has_any = wanted.sum((1, 2)) > 0.5
    probability, wanted = probability[has_any], wanted[has_any]
    hit = (probability * wanted).sum((1, 2))
    false_positive = (probability * (1 - wanted)).sum((1, 2))
    false_negative = ((1 - probability) * wanted).sum((1, 2))
    return 1 - (hit + 0.5) / (hit + _FALSE_POSITIVE * false_positive + _FALSE_NEGATIVE * false_negative + 0.5)
