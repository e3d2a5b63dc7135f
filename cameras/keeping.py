"""Plain sentences about what a camera's policy and modality keep, for how long."""

from cameras.models import Modality, RetentionPolicy


def _span(count: int, unit: str) -> str:
    if unit == "hour" and count and count % 24 == 0:
        count, unit = count // 24, "day"
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"


def keeping_sentences(policy: RetentionPolicy, modality: str = Modality.CENTRAL) -> list[str]:
    """Return what will be kept, one sentence per kind of data, longest-lived last."""
    if modality == Modality.EDGE:
        return [
            "No footage is stored anywhere. The masked live view exists only while somebody watches it.",
            f"Time, place and text of alerts, and the decisions, are deleted after {_span(policy.alert_days, 'day')}.",
        ]
    sentences = ["No unmasked video is stored: each frame is masked in memory and the original is discarded at once."]
    if policy.masked_hours:
        sentences.append(f"Masked recordings are deleted after {_span(policy.masked_hours, 'hour')}.")
    else:
        sentences.append("Nothing is recorded: the masked live view exists only while somebody watches it.")
    if policy.clip_days and policy.masked_hours:
        sentences.append(f"Masked clips of alerts are deleted after {_span(policy.clip_days, 'day')}.")
    elif policy.clip_days:
        sentences.append("Alerts have no clip, as clips are cut from recordings and nothing is recorded.")
    else:
        sentences.append("Alerts have no clip: operators decide on the live view and the measured facts alone.")
    sentences.append(f"Alerts and the decisions on them are deleted after {_span(policy.alert_days, 'day')}.")
    return [*sentences, "Each deletion happens within the hour after, and is recorded in the audit trail."]
