"""From a checkpoint to the weights that ship: ONNX in f32 and int8, with a manifest.

`python -m inference.training.masking.export --checkpoint best.pt --out inference/weights/paca-seg --calibration DIR`
Int8 needs the package `nncf` (post-training quantisation), which only this step uses.
"""

import argparse
import hashlib
import json
import subprocess
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnx
import torch
from torch import Tensor, nn

from inference.core.errors import WeightsError
from inference.core.masking.network import NAME, PAD_GREY
from inference.training.masking.network import MaskingNetwork

CALIBRATION_PICTURES = 100
WIDTH, HEIGHT = 640, 384


class Shipped(nn.Module):
    """The network as the core calls it: `uint8 (N, H, W, 3)` in, probabilities `float32 (N, 3, H/4, W/4)` out."""

    def __init__(self, network: MaskingNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: Tensor) -> Tensor:
        """Run the network on pictures as they are in memory."""
        return torch.sigmoid(self.network(image.permute(0, 3, 1, 2).to(torch.float32)))


def export_f32(checkpoint: Path, path: Path) -> None:
    """Write the checkpoint as ONNX with free batch, height and width."""
    network = MaskingNetwork()
    network.load_state_dict(torch.load(checkpoint, map_location="cpu", weights_only=True))
    example = torch.zeros((1, HEIGHT, WIDTH, 3), dtype=torch.uint8)
    axes = {"image": {0: "N", 1: "H", 2: "W"}, "maps": {0: "N", 2: "h", 3: "w"}}
    torch.onnx.export(
        Shipped(network).eval(), (example,), str(path), input_names=["image"], output_names=["maps"], dynamic_axes=axes,
        opset_version=17, dynamo=False,
    )  # fmt: skip


def calibration_pictures(folder: Path) -> list[np.ndarray[Any, Any]]:
    """Return pictures of `folder` as batches of one, scaled and padded as the core does."""
    batches = []
    for path in sorted(folder.glob("*.jpg"))[:: max(1, len(list(folder.glob("*.jpg"))) // CALIBRATION_PICTURES)]:
        image = cv2.cvtColor(np.asarray(cv2.imread(str(path))), cv2.COLOR_BGR2RGB)
        factor = min(WIDTH / image.shape[1], 360 / image.shape[0])
        image = cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
        canvas = np.full((HEIGHT, WIDTH, 3), PAD_GREY, np.uint8)
        canvas[: image.shape[0], : image.shape[1]] = image
        batches.append(canvas[None])
    return batches


def export_int8(f32: Path, path: Path, pictures: Path) -> None:
    """Quantise the ONNX file after training, calibrated on training pictures.

    Raises:
        WeightsError: the package nncf is not installed.
    """
    try:
        import nncf
    except ImportError as error:
        raise WeightsError("Int8 needs the package nncf (pip install nncf); it is not installed.") from error
    dataset = nncf.Dataset(calibration_pictures(pictures), lambda batch: {"image": batch})
    model = nncf.quantize(
        onnx.load(str(f32)), dataset, preset=nncf.QuantizationPreset.PERFORMANCE, subset_size=CALIBRATION_PICTURES
    )
    onnx.save(model, str(path))


def write_manifest(folder: Path, facts: dict[str, Any]) -> None:
    """Write `manifest.json` over the files of `folder`, with the commit they were made from."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],  # noqa: S607 - the git on the path
        capture_output=True, text=True, check=False,
    ).stdout.strip()  # fmt: skip
    files = {
        key: {"path": name, "sha256": hashlib.sha256((folder / name).read_bytes()).hexdigest()}
        for key, name in (("f32", f"{NAME}.onnx"), ("int8", f"{NAME}-int8.onnx"))
    }
    content = {
        "name": NAME,
        "licence": "Apache-2.0",
        "source": "trained by the project; encoder started from ImageNet weights of EfficientNet-Lite0 (Apache-2.0)",
        "commit": commit,
        **facts,
        "files": files,
    }
    (folder / "manifest.json").write_text(json.dumps(content, indent=1, sort_keys=True) + "\n")


def main() -> None:
    """Export from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--calibration", type=Path, required=True, help="folder of training pictures (.jpg)")
    parser.add_argument("--facts", type=Path, help="JSON: command, seed, data, metrics")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    f32 = options.out / f"{NAME}.onnx"
    export_f32(options.checkpoint, f32)
    export_int8(f32, options.out / f"{NAME}-int8.onnx", options.calibration)
    facts = json.loads(options.facts.read_text()) if options.facts else {}
    write_manifest(options.out, {"command": "", "seed": 0, "data": [], **facts})


if __name__ == "__main__":
    main()
