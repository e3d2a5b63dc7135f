import hashlib
import json
from pathlib import Path

import pytest

from inference.core.errors import WeightsError
from inference.core.weights import REQUIRED, load_manifest


def write(folder: Path, **changes: object) -> Path:
    (folder / "net").mkdir()
    (folder / "net" / "net.onnx").write_bytes(b"weights")
    content: dict[str, object] = {
        "name": "net",
        "licence": "Apache-2.0",
        "source": "a test",
        "command": "none",
        "commit": "0",
        "seed": 1,
        "data": [],
        "files": {"f32": {"path": "net.onnx", "sha256": hashlib.sha256(b"weights").hexdigest()}},
    }
    content |= changes
    (folder / "net" / "manifest.json").write_text(json.dumps(content))
    return folder / "net"


def test_weights_that_match_their_manifest_are_found(tmp_path: Path) -> None:
    folder = write(tmp_path)
    manifest = load_manifest("net", tmp_path)
    assert manifest.file("f32") == folder / "net.onnx"
    assert manifest.licence == "Apache-2.0"


def test_one_changed_byte_is_refused(tmp_path: Path) -> None:
    (write(tmp_path) / "net.onnx").write_bytes(b"weightz")
    with pytest.raises(WeightsError, match="not loaded"):
        load_manifest("net", tmp_path).file("f32")


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    (write(tmp_path) / "net.onnx").unlink()
    with pytest.raises(WeightsError, match="cannot be read"):
        load_manifest("net", tmp_path).file("f32")


def test_a_precision_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    write(tmp_path)
    with pytest.raises(WeightsError, match="has the files f32; got 'int8'"):
        load_manifest("net", tmp_path).file("int8")


@pytest.mark.parametrize("key", REQUIRED)
def test_a_manifest_without_a_required_fact_is_refused(tmp_path: Path, key: str) -> None:
    path = write(tmp_path) / "manifest.json"
    content = json.loads(path.read_text())
    del content[key]
    path.write_text(json.dumps(content))
    with pytest.raises(WeightsError, match=key):
        load_manifest("net", tmp_path)


def test_a_missing_or_broken_manifest_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="cannot be read"):
        load_manifest("net", tmp_path)
    (write(tmp_path) / "manifest.json").write_text("{")
    with pytest.raises(WeightsError, match="cannot be read"):
        load_manifest("net", tmp_path)


@pytest.mark.parametrize("key", ["f32", "int8"])
def test_the_shipped_masking_weights_are_those_of_their_manifest_and_small(key: str) -> None:
    assert load_manifest("paca-seg").file(key).stat().st_size <= 12 * 2**20
