"""What a change of modality destroys, newly keeps, and what stands against it: counted before anybody decides."""

from dataclasses import dataclass

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cameras.ceilings.standing import reasons_against_modality
from cameras.custody.models import SealedHour
from cameras.holds import held_segment
from cameras.keeping import keeping_sentences
from cameras.models import Camera, LegalHold, Modality, Segment

WORKS = {
    Modality.CENTRAL: _(
        "The camera's picture travels to this server, which masks it, searches it and records it masked."
    ),
    Modality.HYBRID: _("A camera box masks; this server searches and records masked video. It needs a box to run."),
    Modality.EDGE: _("A camera box masks and searches; no footage is stored anywhere. It needs a box to run."),
}


@dataclass(frozen=True, slots=True)
class Effects:
    """What would happen.

    Attributes:
        after: the modality that would come.
        works: how it works, in a sentence.
        sealed, recordings: files that would be destroyed.
        clips: alerts that would lose their clip.
        keeps: what the new modality keeps under the camera's policy, in sentences.
        against: why it cannot be done now, in sentences.
    """

    after: Modality
    works: str
    sealed: int
    recordings: int
    clips: int
    keeps: tuple[str, ...]
    against: tuple[str, ...]

    @property
    def destroys(self) -> bool:
        """Whether anything that exists would be destroyed."""
        return bool(self.sealed or self.recordings or self.clips)


def change_effects(camera: Camera, after: Modality, *, clips: int, held_clips: bool) -> Effects:
    """Count what a change would do. `clips`: alerts of the camera that have one; `held_clips`: one of them is held."""
    loses_sealed, loses_footage = after != Modality.CENTRAL, after == Modality.EDGE
    sealed = SealedHour.objects.filter(camera=camera)
    segments = Segment.objects.filter(camera=camera)
    against = []
    if loses_sealed and camera.retention.raw_hours:
        against.append(
            gettext("Its policy “{policy}” keeps unmasked video. Give the camera another policy first.").format(
                policy=camera.retention.name
            )
        )
    against += reasons_against_modality(camera, after)
    is_held = (loses_sealed and sealed.filter(held_segment()).exists()) or (
        loses_footage and (held_clips or segments.filter(held_segment()).exists())
    )
    if is_held:
        cases = LegalHold.objects.current().filter(camera=camera).values_list("case", flat=True)
        against.append(
            gettext(
                "A legal hold keeps what would be destroyed ({cases}). It can be done when the hold has ended."
            ).format(cases=", ".join(sorted(set(cases))))
        )
    return Effects(
        after,
        str(WORKS[after]),
        sealed.count() if loses_sealed else 0,
        segments.count() if loses_footage else 0,
        clips if loses_footage else 0,
        tuple(map(str, keeping_sentences(camera.retention, after))),
        tuple(against),
    )
