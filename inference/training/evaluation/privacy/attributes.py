"""What an attribute network still says of a masked person.

Nobody labelled these people. The network's own word on raw pictures of the same person, earlier, stands for the truth
where it is sure: the areas under the curve are agreement, not truth. .5 is chance.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from inference.core.frames import Image
from inference.training.evaluation.privacy.people import Sample
from inference.training.evaluation.ranking import area_under_curve, interval_by_group

ATTRIBUTES: Final = ("gender", "bag", "backpack", "hat", "long sleeves", "long trousers", "long hair", "coat")
"""Outputs of person-attributes-recognition-crossroad-0230 (Open Model Zoo); the first is 1 for male."""
CONFIDENT: Final = 0.2
"""How far from even the network must be on raw pictures to be taken at its word."""
LEAST_OF_A_KIND: Final = 8
"""With fewer people of one kind an area under the curve says nothing."""


def attributes(samples: Sequence[Sample], network: Callable[[list[Image]], npt.NDArray[np.float32]]) -> dict[str, Any]:
    """Return how well the network's word on later pictures agrees with its word on earlier raw ones.

    Returns:
        `gender_auc_raw`, `gender_auc_masked` (None with too few of a kind), `gender_people`, `intervals` of the areas
        (95 %, people drawn), and `attributes`: the same by name for all of them.
    """
    word = np.stack([network([look.raw for look in one.gallery]).mean(axis=0) for one in samples])
    later = {
        kind: np.stack([network([getattr(look, kind) for look in one.query]).mean(axis=0) for one in samples])
        for kind in ("raw", "masked")
    }
    by_name = {
        name: _agreement(word[:, at], {k: v[:, at] for k, v in later.items()}) for at, name in enumerate(ATTRIBUTES)
    }
    gender = by_name["gender"]
    result: dict[str, Any] = {"gender_people": gender["people"], "attributes": by_name, "intervals": {}}
    for kind in ("raw", "masked"):
        result[f"gender_auc_{kind}"] = gender[f"auc_{kind}"]
        if gender[f"auc_{kind}"] is not None:
            result["intervals"][f"gender_auc_{kind}"] = gender[f"auc_{kind}_interval"]
    return result


def _agreement(word: npt.NDArray[Any], later: dict[str, npt.NDArray[Any]]) -> dict[str, Any]:
    is_sure = np.abs(word - 0.5) >= CONFIDENT
    flags = word[is_sure] > 0.5
    found: dict[str, Any] = {"people": int(is_sure.sum()), "fewer": int(min(flags.sum(), (~flags).sum()))}
    is_enough = found["fewer"] >= LEAST_OF_A_KIND
    for kind, said in later.items():
        scores = np.asarray(said[is_sure], np.float64)
        found[f"auc_{kind}"] = area_under_curve(scores, flags) if is_enough else None
        if is_enough:
            found[f"auc_{kind}_interval"] = list(interval_by_group(scores, flags, np.arange(len(flags))))
    return found
