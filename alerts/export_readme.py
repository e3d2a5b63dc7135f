"""What the receiver of an export reads first."""

from alerts.models import Alert

TEXT = """An alert of PACA, exported
=========================

clip.mp4       the masked clip: people are solid silhouettes. Masked is not anonymous: treat it as personal data.
poster.jpg     one masked picture of it, if there is one
manifest.json  what it is, who exported it when and why, and SHA-256 of every file
README.txt     this text

This is alert {pk} of the camera "{camera}" at "{site}". All times in the manifest are UTC.
A computer found the event in masked video and described it in words. That is no finding about any person.

Is it as it was exported?
-------------------------
The comment of the zip file signs every byte before it. Keep the zip as you got it: what was unpacked and packed again
is another file. Without PACA and without a network there are two ways to check it, both in PACA's source, docs/verify:

    verify_export.html   open it in a browser, drop the zip on it
    verify_export.py     pip install cryptography, then: python verify_export.py FILE --key FINGERPRINT

A sound signature says that nothing was changed since somebody signed it. That it was this installation only the
fingerprint of its key says. Get the fingerprint from the supervisor or from the auditor by another way than this file.
The audit entry that the manifest names stands in the installation's trail, with the same SHA-256 of these files.
"""


def readme(alert: Alert) -> str:
    """Return README.txt of an alert's export."""
    return TEXT.format(pk=alert.pk, camera=alert.camera.name, site=alert.camera.site.name)
