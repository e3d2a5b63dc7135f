"""A masked frame that a camera box made: it was masked there, by this package, and signed on its way."""

import numpy as np
import simplejpeg

from inference.core.boxes.frames import LINE, class_map_of, tracks_of
from inference.core.errors import MaskingError
from inference.core.frames import MaskedFrame
from inference.core.masking.mint import MINT
from inference.core.publishing.wire import unpack_live


def received_frame(message: bytes) -> tuple[MaskedFrame, str]:
    """Return the masked frame of a message that a box signed, and the fingerprint of its masker.

    Raises:
        MaskingError: the message is damaged or holds no whole frame; nothing of it is shown.
    """
    try:
        header, jpeg = unpack_live(message)
        line = header.meta[LINE]
        image = np.asarray(simplejpeg.decode_jpeg(jpeg, colorspace="RGB"))
        frame = MaskedFrame(
            image=image,
            index=header.index,
            pts_s=float(line["pts_s"]),
            captured_at=header.captured_at,
            class_map=class_map_of(line),
            tracks=tracks_of(line),
            discontinuity=bool(line["discontinuity"]),
            withheld=header.withheld,
            mint=MINT,
        )
        return frame, str(line["masker"])
    except (ValueError, KeyError, TypeError) as error:
        raise MaskingError(f"A frame of a box cannot be read: {error}.") from error
