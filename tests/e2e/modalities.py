"""Three cameras, three modalities, real processes; afterwards every byte they left is searched for unmasked people.

`python -m tests.e2e.modalities --minutes 60 [--apart] [--json FILE]`. With `--apart` the box has a network namespace, a
Python environment and a copy of `inference/` of its own, and speaks TLS (root, `ip`). Everybody in the film wears
magenta, and pictures with too much of it are unmasked. Searched are the data folders of server and box, PostgreSQL's
files and all of Valkey; what may lie where is the table of docs/privacy.md. Ends with 1 if anything else is found, or
if the search itself is blind.
"""

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import redis

from cameras.live import live_key, watched_key
from inference.core.vault.custodian import key_file_open
from inference.core.vault.reading import hour_key, read_hour
from inference.training.simulation.config import Incident, SceneConfig
from inference.training.simulation.scene import simulate
from tests.e2e.apart import SERVER_ADDRESS, apart
from tests.e2e.byte_search import MAGENTA, Needles, contents, jpegs_in, needles_of, pattern_share, pictures_of
from tests.e2e.modalities_in_stack import PASSPHRASE
from tests.e2e.test_box import Box
from tests.rtsp_server import rtsp_server
from tests.stack import CHECKOUT, Stack, running_stack

FPS = 10
SHARE = 0.5
"""A picture that shows more than this share of the magenta of the clearest unmasked one is not masked."""
LOOK_EVERY_S = 20.0


@dataclass
class Found:
    """What the search found, by place.

    Attributes:
        searched_bytes, pictures: how much was looked at.
        films: decodable files by folder.
        raw_bytes: places with bytes of unmasked pictures or of the camera's stream.
        unmasked: pictures that show too much of the people's clothes.
        seen: mean share of the magenta that is visible in masked pictures, of what the unmasked film shows.
    """

    minutes: float = 0.0
    searched_bytes: int = 0
    pictures: int = 0
    films: dict[str, int] = field(default_factory=dict)
    sealed: dict[str, int] = field(default_factory=dict)
    raw_bytes: list[str] = field(default_factory=list)
    unmasked: list[str] = field(default_factory=list)
    misplaced: list[str] = field(default_factory=list)
    seen: float = 0.0
    blind: list[str] = field(default_factory=list)


def write_film(path: Path, seconds: float = 44.0) -> None:
    """Write a simulated street on which everybody wears magenta, and in which a crowd runs apart."""
    incident = Incident(kind="dispersal", start_s=16.0, duration_s=8.0)
    scene = SceneConfig(seed=3, duration_s=seconds, fps=FPS, people=18, incidents=(incident,))
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = scene.width, scene.height, "yuv420p"
        stream.codec_context.gop_size = FPS
        stream.codec_context.options = {"preset": "veryfast", "tune": "zerolatency", "crf": "14"}
        for index, moment in enumerate(simulate(scene)):
            assert moment.image is not None
            image, people = moment.image.copy(), moment.class_map == 1
            image[people] = (0.3 * image[people] + 0.7 * MAGENTA).astype(np.uint8)
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            frame.pts, frame.time_base = index, Fraction(1, FPS)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def in_stack(stack: Stack, module: str) -> dict[str, Any]:
    """Run a module of the tests with the installation's environment; return what it prints."""
    environment = {**os.environ, **stack.services(), "PACA_DATA": str(stack.data), "PACA_REQUIRE_SECOND_FACTOR": "0"}
    command = [sys.executable, "-m", module]
    done = subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def watch(stack: Stack, cameras: list[int], minutes: float, limit: float, found: Found) -> None:
    """Let it run, as if somebody looked at the wall now and then; search Valkey each time."""
    valkey = redis.Redis.from_url(stack.services()["REDIS_URL"])
    ends_at_s = time.monotonic() + minutes * 60
    while time.monotonic() < ends_at_s:
        for camera in cameras:
            valkey.set(watched_key(camera), "1", ex=5)
        time.sleep(3)
        for camera in cameras:
            found.films[f"live {camera}"] = found.films.get(f"live {camera}", 0) + int(valkey.xlen(live_key(camera)))
        for name, content in everything_in(valkey):
            judge(name, jpegs_in(content), limit, found)
        time.sleep(LOOK_EVERY_S)


def everything_in(valkey: "redis.Redis") -> Iterator[tuple[str, bytes]]:
    """Give every value of Valkey, whatever its kind, as bytes."""
    for key in list(valkey.scan_iter(count=1000)):
        name = f"valkey {key.decode(errors='replace')}"
        if valkey.type(key) == b"stream":
            entries: Any = valkey.xrange(key)
            yield name, b"".join(value for _, fields in entries for value in fields.values())
        elif (dumped := valkey.dump(key)) is not None:
            yield name, dumped


def judge(name: str, pictures: Iterator[np.ndarray] | list[np.ndarray], limit: float, found: Found) -> None:
    """Count pictures, and note those that show people."""
    for picture in pictures:
        found.pictures += 1
        share = pattern_share(picture)
        found.seen += share
        if share > limit:
            found.unmasked.append(f"{name}: {share:.4f} of the picture is magenta, more than {limit:.4f}")


def search(root: Path, label: str, needles: Needles, limit: float, allowed: set[str], found: Found) -> None:
    """Search all files below a folder; films may lie in the `allowed` folders only."""
    files = sorted(path for path in root.rglob("*") if path.is_file() and not path.is_symlink())
    for path, content in contents(files):
        found.searched_bytes += len(content)
        if count := needles.found_in(content):
            found.raw_bytes.append(f"{label}/{path.relative_to(root)}: {count}")
    for path in files:
        place = f"{label}/{path.relative_to(root).parent.as_posix()}"
        if path.suffix == ".sealed":
            found.sealed[place] = found.sealed.get(place, 0) + 1
        pictures = pictures_of(path)
        if not pictures:
            continue
        found.films[place] = found.films.get(place, 0) + 1
        if place not in allowed:
            found.misplaced.append(f"{place}/{path.name}")
        judge(f"{place}/{path.name}", pictures, limit, found)


def opened(stack: Stack, keys: Path, camera: int, key_file: str, folder: Path) -> list[np.ndarray]:
    """Return pictures out of the vault, by the custodian's key: they are there, and they are unmasked."""
    private_key = key_file_open(key_file.encode(), PASSPHRASE)
    sealed = sorted((stack.data / "footage" / "vault" / str(camera)).glob("*.sealed"))
    secret = next(path for path in keys.rglob(f"{sealed[-1].stem}*") if path.is_file())
    data = b"".join(
        chunk.data for chunk in read_hour(sealed[-1], hour_key(sealed[-1], secret, private_key), is_cut=True)
    )
    film = folder / "opened.mp4"
    film.write_bytes(data)
    return pictures_of(film)


def run(minutes: float, folder: Path, *, is_apart: bool = False) -> Found:
    """Run the three cameras, stop them, search."""
    film, found = folder / "film.mp4", Found(minutes=minutes)
    write_film(film)
    clearest = max(pattern_share(picture) for picture in pictures_of(film))
    limit, needles = SHARE * clearest, needles_of(film)
    keys = folder / "keys"
    settings = {"PACA_VAULT_KEYS": str(keys), "PACA_ALLOWED_HOSTS": f"localhost,127.0.0.1,{SERVER_ADDRESS}"}
    with (
        rtsp_server(film) as address,
        running_stack(camera=address, **settings) as stack,
        contextlib.ExitStack() as around,
    ):
        vault, house = in_stack(stack, "tests.e2e.modalities_in_stack"), in_stack(stack, "tests.e2e.box_in_stack")
        central, edge, hybrid = vault["central"], house["edge"], house["hybrid"]
        place = around.enter_context(apart(folder, int(stack.url.rpartition(":")[2]))) if is_apart else None
        box = Box(folder / "box", stack, house, film, place)
        box.enrol()
        box.start()
        try:
            watch(stack, [central, edge, hybrid], minutes, limit, found)
        finally:
            box.end()
        valkey = redis.Redis.from_url(stack.services()["REDIS_URL"])
        for name, content in everything_in(valkey):
            if needles.found_in(content):
                found.raw_bytes.append(name)
        alerts = dict(stack.query("SELECT camera_id, count(*) FROM alerts_alert GROUP BY 1"))
    allowed = {f"server/footage/{kind}/{camera}" for kind in ("segments", "clips") for camera in (central, hybrid)}
    search(stack.data, "server", needles, limit, allowed, found)
    search(folder / "box", "box", needles, limit, set(), found)
    found.seen = found.seen / max(1, found.pictures) / clearest
    if any(place != f"server/footage/vault/{central}" for place in found.sealed) or not found.sealed:
        found.misplaced.append(f"sealed files of unmasked video lie in {found.sealed}")
    if not any(pattern_share(picture) > limit for picture in opened(stack, keys, central, vault["key_file"], folder)):
        found.blind.append("the vault, opened with its key, shows nobody")
    if not needles.found_in(film.read_bytes()):
        found.blind.append("the bytes of the film itself are not found")
    for camera, name in ((central, "central"), (edge, "edge"), (hybrid, "hybrid")):
        if not alerts.get(camera):
            found.blind.append(f"the {name} camera raised no alert: nothing of it was there to be found")
        if not found.films.get(f"live {camera}"):
            found.blind.append(f"the {name} camera was never seen live")
    return found


def main() -> None:
    """Run and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--apart", action="store_true")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="paca-modalities-", dir="/tmp") as folder:
        found = run(options.minutes, Path(folder), is_apart=options.apart)
    text = json.dumps(asdict(found), indent=1)
    sys.stdout.write(text + "\n")
    if options.json:
        options.json.write_text(text)
    raise SystemExit(bool(found.raw_bytes or found.unmasked or found.misplaced or found.blind))


if __name__ == "__main__":
    main()
