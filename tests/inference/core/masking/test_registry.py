"""Maskers by name, and mistakes told with what is allowed."""

import pytest

from inference.core.errors import MaskingError
from inference.core.masking.registry import MASKERS, create_masker
from tests.inference.core.masking.scene import PatternNetwork


def test_an_unknown_masker_is_told_with_the_known_ones() -> None:
    with pytest.raises(MaskingError, match="paca-seg, cover-all, got 'yolo'"):
        create_masker("yolo")


def test_an_unknown_option_is_told_with_the_known_ones() -> None:
    with pytest.raises(MaskingError, match=r"style.*got blurr"):
        create_masker("paca-seg", network=PatternNetwork(), blurr=3)


def test_a_network_for_a_masker_without_one_is_refused() -> None:
    with pytest.raises(MaskingError, match="uses no network"):
        create_masker("cover-all", network=PatternNetwork())


def test_options_may_come_from_json() -> None:
    zones = [[[0, 0], [0.5, 0], [0.5, 1]]]
    masker = create_masker("paca-seg", network=PatternNetwork(), zones=zones, colour=[1, 2, 3])
    assert masker.fingerprint != create_masker("paca-seg", network=PatternNetwork()).fingerprint


@pytest.mark.parametrize("name", sorted(MASKERS))
def test_every_masker_says_method_source_licence_and_limits(name: str) -> None:
    module = __import__(MASKERS[name].config.__module__, fromlist=["x"])
    made = create_masker(name, network=PatternNetwork() if MASKERS[name].uses_network else None)
    text = (__import__(type(made).__module__, fromlist=["x"]).__doc__ or "") + (module.__doc__ or "")
    assert all(f"{word}:" in text for word in ("Method", "Source", "Licence", "Limits"))


def test_without_a_network_of_the_caller_s_paca_seg_runs_its_own() -> None:
    own = create_masker("paca-seg", size="m")
    assert own.fingerprint not in {
        create_masker("paca-seg", size="m", network=PatternNetwork()).fingerprint,
        create_masker("paca-seg", size="s").fingerprint,
    }
