"""Trained weights: read only if they are what their manifest says. Nothing is ever unpickled.

A weights folder holds a `manifest.json` and the files it names:

    {"name": "paca-seg", "licence": "Apache-2.0", "source": "...", "command": "...", "commit": "...", "seed": 1,
     "data": ["..."], "metrics": {...}, "files": {"f32": {"path": "paca-seg.onnx", "sha256": "..."}, ...}}
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from inference.core.errors import WeightsError

WEIGHTS_FOLDER: Final = Path(__file__).resolve().parent.parent / "weights"
REQUIRED: Final = ("name", "licence", "source", "command", "commit", "seed", "data", "files")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is known about trained weights.

    Attributes:
        folder: where they lie.
        name: of the network.
        licence: SPDX id.
        content: the whole manifest, for cards.
    """

    folder: Path
    name: str
    licence: str
    content: Mapping[str, Any] = field(repr=False)

    def file(self, key: str) -> Path:
        """Return the path of the file `key`, after comparing its SHA-256.

        Raises:
            WeightsError: there is no such file, or it is another one than the manifest says.
        """
        files = self.content["files"]
        if key not in files:
            raise WeightsError(f"{self.name} has the files {', '.join(sorted(files))}; got {key!r}.")
        path = self.folder / str(files[key]["path"])
        try:
            given = hashlib.sha256(path.read_bytes()).hexdigest()
        except OSError as error:
            raise WeightsError(f"{path.name} of {self.name} cannot be read: {error.strerror}.") from error
        if given != files[key]["sha256"]:
            raise WeightsError(
                f"{path.name} of {self.name} must have the SHA-256 {files[key]['sha256']}, got {given}: not loaded."
            )
        return path


def load_manifest(name: str, folder: Path = WEIGHTS_FOLDER) -> Manifest:
    """Read the manifest of the weights `name`.

    Raises:
        WeightsError: it is missing or incomplete.
    """
    path = folder / name / "manifest.json"
    try:
        content = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise WeightsError(f"The manifest of the weights {name!r} cannot be read: {error}.") from error
    missing = [key for key in REQUIRED if key not in content]
    if missing:
        raise WeightsError(f"The manifest of the weights {name!r} must name {', '.join(missing)}, and does not.")
    return Manifest(path.parent, str(content["name"]), str(content["licence"]), content)
