"""Trying a camera address before it is saved: open, take one frame, mask it, show only the masked one."""

import base64
import json
from typing import Any

from cameras.live import TEST_KEPT_FOR_S, test_key, valkey
from cameras.zones import Zone
from inference.core.decode.probe import probe
from inference.core.decode.source import SourceConfig
from inference.core.errors import CoreError
from inference.core.masking.registry import create_masker
from inference.core.masking.stage import MaskingStage, StageConfig
from inference.core.publishing.jpeg import encode_jpeg
from inference.services.demo import STILL_MADE, is_still_made, opened_address

PREVIEW_WIDTH = 640


def camera_test(address: str, zones: list[Zone]) -> dict[str, Any]:
    """Return what a camera gives: `ok`, `width`, `height`, `fps`, `codec`, `jpeg` (base64, masked), or `error`."""
    if is_still_made(address):
        return {"ok": False, "error": STILL_MADE}
    try:
        found = probe(SourceConfig(address=opened_address(address), max_width=1280))
    except (CoreError, ValueError) as error:
        return {"ok": False, "error": str(error)}
    patient = StageConfig(deadline_ms=20_000, hang_s=25)  # the first frame waits for the network to be compiled
    with MaskingStage(create_masker("paca-seg", look_ahead_s=0.0, zones=zones), patient) as stage:
        frames = [*stage.push(found.frame), *stage.flush()]
    if not frames or frames[0].withheld:
        reason = frames[0].withheld if frames else "the masker gave no frame"
        return {"ok": False, "error": f"The camera answers, but its frame was withheld: {reason}"}
    jpeg = encode_jpeg(frames[0], width=PREVIEW_WIDTH)
    return {
        "ok": True,
        "width": found.width,
        "height": found.height,
        "fps": round(found.fps, 1),
        "codec": found.codec,
        "jpeg": base64.b64encode(jpeg).decode(),
    }


def camera_test_store(token: str, address: str, zones: list[Zone]) -> None:
    """Run a test and leave its outcome where the page looks for it."""
    valkey().set(test_key(token), json.dumps(camera_test(address, zones)), ex=TEST_KEPT_FOR_S)
