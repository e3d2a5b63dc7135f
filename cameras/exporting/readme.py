"""What the receiver of released footage reads first."""

from typing import Final

from cameras.exporting.models import FootageExport

TEXT: Final = """Unmasked footage, released by PACA under a warrant
=================================================

NNN-camera-C-TIME.mp4  one video for each camera and stretch, TIME is its first frame (UTC); a new one begins where
                       nothing was filmed for 10 s, where the picture's size changed, and every 10 minutes
manifest.json          by whose order and hands, which camera and minutes, the source of time, SHA-256 of every file
README.txt             this text

People are NOT masked here. It was released under {reference} of {authority}, to {viewer}, for that case only.
Every frame carries the name of who took it out, tilted over the picture, and its time and the same words below it.
The pictures were decoded, marked and encoded anew: they are not the bytes that the camera gave.

Is it as it was exported?
-------------------------
The comment of the zip file signs every byte before it. Keep the zip as you got it: what was unpacked and packed again
is another file. A download that broke off has no signature. Without PACA and without a network there are two ways to
check it, both in PACA's source, docs/verify:

    verify_export.html   open it in a browser, drop the zip on it
    verify_export.py     pip install cryptography, then: python verify_export.py FILE --key FINGERPRINT

A sound signature says that nothing was changed since somebody signed it. That it was this installation only the
fingerprint of its key says. Get the fingerprint from the auditor by another way than this file. The audit entry that
the manifest names stands in the installation's trail, with the same SHA-256 of these videos.
"""


def readme(export: FootageExport) -> str:
    """Return README.txt of an export of released footage."""
    release = export.release
    viewer = export.exported_by.get_full_name() or export.exported_by.username
    return TEXT.format(reference=release.reference, authority=release.authority, viewer=viewer)
