"""Plain sentences about what a camera's policy and modality keep, for how long."""

from django.utils.translation import gettext, ngettext

from cameras.models import Modality, RetentionPolicy


def _days(count: int) -> str:
    return ngettext("{count} day", "{count} days", count).format(count=count)


def _hours(count: int) -> str:
    if count and count % 24 == 0:
        return _days(count // 24)
    return ngettext("{count} hour", "{count} hours", count).format(count=count)


def keeping_sentences(policy: RetentionPolicy, modality: str = Modality.CENTRAL) -> list[str]:
    """Return what will be kept, one sentence per kind of data, longest-lived last."""
    if modality == Modality.EDGE:
        return [
            gettext("No footage is stored anywhere. The masked live view exists only while somebody watches it."),
            gettext("Time, place and text of alerts, and the decisions, are deleted after {span}.").format(
                span=_days(policy.alert_days)
            ),
        ]
    if modality == Modality.CENTRAL and policy.raw_for:
        sentences = [
            gettext(
                "Unmasked video is sealed as it comes and nobody here can open it: only a custodian can, for a release "
                "ordered under a warrant. Its keys are destroyed after {span}, and with them every copy."
            ).format(span=_hours(int(policy.raw_for.total_seconds()) // 3600))
        ]
    else:
        sentences = [
            gettext(
                "No unmasked video is stored: each frame is masked in memory and the original is discarded at once."
            )
        ]
    if policy.masked_hours:
        sentences.append(
            gettext("Masked recordings are deleted after {span}.").format(span=_hours(policy.masked_hours))
        )
    else:
        sentences.append(gettext("Nothing is recorded: the masked live view exists only while somebody watches it."))
    if policy.clip_days and policy.masked_hours:
        sentences.append(
            gettext("Masked clips of alerts are deleted after {span}.").format(span=_days(policy.clip_days))
        )
    elif policy.clip_days:
        sentences.append(gettext("Alerts have no clip, as clips are cut from recordings and nothing is recorded."))
    else:
        sentences.append(
            gettext("Alerts have no clip: operators decide on the live view and the measured facts alone.")
        )
    sentences.append(
        gettext("Alerts and the decisions on them are deleted after {span}.").format(span=_days(policy.alert_days))
    )
    return [*sentences, gettext("Each deletion happens within the hour after, and is recorded in the audit trail.")]
