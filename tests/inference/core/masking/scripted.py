"""A masker that follows a script, to break the stage around it."""

from collections.abc import Callable

from inference.core.frames import MaskedFrame, RawFrame
from inference.core.masking.cover_all import CoverAllConfig, CoverAllMasker
from inference.core.masking.stage import MaskingStage
from tests.inference.core.masking.scene import raw

Push = Callable[["Scripted", RawFrame], object]


class Scripted(CoverAllMasker):
    """A masker that is sound but for the frames for which the script has something else."""

    def __init__(self, script: Push) -> None:
        super().__init__(CoverAllConfig())
        self.script = script
        self.fresh_ones = 0

    def sound(self, frame: RawFrame) -> list[MaskedFrame]:
        return super().push(frame)

    def push(self, frame: RawFrame) -> list[MaskedFrame]:
        return self.script(self, frame)  # type: ignore[return-value]

    def fresh(self) -> "Scripted":
        new = Scripted(self.script)
        new.fresh_ones = self.fresh_ones + 1
        return new


def frames(count: int = 9) -> list[RawFrame]:
    return [raw([(20, 10, 90, 110)], index) for index in range(count)]


def run(stage: MaskingStage, given: list[RawFrame]) -> list[MaskedFrame]:
    return [masked for frame in given for masked in stage.push(frame)] + stage.flush()


def breaking_at(index: int, fault: Push) -> Push:
    return lambda masker, frame: fault(masker, frame) if frame.index == index else masker.sound(frame)


def raises(masker: Scripted, frame: RawFrame) -> object:
    raise ZeroDivisionError("secret")
