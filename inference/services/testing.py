"""Trying a camera address before it is saved: open, mask some frames as the stream would, show only one, masked."""

import base64
import json
from typing import Any

from django.utils.translation import gettext

from cameras.live import TEST_KEPT_FOR_S, TESTED, test_key, valkey
from inference.core.decode.probe import probe
from inference.core.decode.source import SourceConfig
from inference.core.errors import CoreError
from inference.core.masking.registry import create_masker
from inference.core.masking.stage import MaskingStage, StageConfig
from inference.core.publishing.jpeg import encode_jpeg
from inference.services.demo import STILL_MADE, is_still_made, opened_address
from paca_site.sealing import open_text

PREVIEW_WIDTH = 640
SECONDS = 1.6
"""Of video; the frame in its middle has some before it (hold) and after it (look-ahead), as it would in the stream."""

FPS = 5.0


def camera_test(address: str, masking: dict[str, Any]) -> dict[str, Any]:
    """Return what a camera gives: `ok`, `width`, `height`, `fps`, `codec`, `jpeg` (base64, masked), or `error`.

    Args:
        address: of the stream, or of a demo camera.
        masking: the masker's settings, as `Camera.masking` gives them.
    """
    if is_still_made(address):
        return {"ok": False, "error": str(STILL_MADE)}
    try:
        found = probe(SourceConfig(address=opened_address(address), max_width=1280, target_fps=FPS), seconds=SECONDS)
    except (CoreError, ValueError) as error:
        return {"ok": False, "error": str(error)}
    patient = StageConfig(deadline_ms=20_000, hang_s=25)  # the first frame waits for the network to be compiled
    with MaskingStage(create_masker("paca-seg", **masking), patient) as stage:
        frames = [*(frame for raw in found.frames for frame in stage.push(raw)), *stage.flush()]
    shown = [frame for frame in frames[len(frames) // 2 :] if not frame.withheld]
    if not shown:
        return {
            "ok": False,
            "error": gettext("The camera answers, but its frames were withheld: {withheld}").format(
                withheld=frames[-1].withheld
            ),
        }
    jpeg = encode_jpeg(shown[0], width=PREVIEW_WIDTH)
    return {
        "ok": True,
        "width": found.width,
        "height": found.height,
        "fps": round(found.fps, 1),
        "codec": found.codec,
        "jpeg": base64.b64encode(jpeg).decode(),
    }


def camera_test_store(token: str, address: str, masking: dict[str, Any]) -> None:
    """Run a test of a sealed address and leave its outcome where the page looks for it."""
    found = camera_test(open_text(address, TESTED), masking)
    valkey().set(test_key(token), json.dumps(found), ex=TEST_KEPT_FOR_S)
