"""Processes killed with SIGKILL between any two lines of recording, shredding, release, purge and change of modality.

`python -m tests.kill_runs --runs 200 --seed 1` starts PostgreSQL and Valkey in a temporary folder. In each run a
procedure is chosen by chance and runs in a process of its own, which kills itself before a line of ours chosen by
chance; what the next look would do is done, and then nothing unmasked may lie in the clear, nothing overdue may be
left, nothing held or young may be gone, and the trail must be whole. Prints JSON; ends with 1 at the first fault.
"""

import argparse
import json
import os
import random
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np

from tests.kill_house import House, forget_cameras

CHECKOUT = Path(__file__).resolve().parent.parent
OURS = tuple(str(CHECKOUT / name) for name in ("cameras", "alerts", "inference", "paca_site"))
REASON = "The square got a camera box"
PIXELS = bytes(range(60, 60 + 96))
"""A row of the unmasked picture; nowhere on the disk may it stand."""


class Fate:
    """Counts lines of ours, and kills the process before the n-th."""

    def __init__(self, at: int) -> None:
        self.at, self.count = at, 0

    def trace(self, frame: FrameType, event: str, argument: object) -> "Callable[..., Any] | None":
        """Be called for each line (`sys.settrace`)."""
        if event == "call" and not frame.f_code.co_filename.startswith(OURS):
            return None
        if event == "line":
            self.count += 1
            if self.count == self.at:
                os.kill(os.getpid(), signal.SIGKILL)
        return self.trace


def in_child(work: Callable[[], object], at: int) -> tuple[bool, int]:
    """Run `work` in a process of its own that is killed before its line number `at`. Returns (was killed, lines)."""
    from django.db import connection

    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]  # PostgreSQL's; threads and sockets outlive no fork
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        fate, code = Fate(at), 1
        try:
            sys.settrace(fate.trace)
            work()
            sys.settrace(None)
            os.write(write, str(fate.count).encode())
            code = 0
        except BaseException:  # noqa: BLE001 - the child must never go on as a second parent
            traceback.print_exc()
        finally:
            os._exit(code)
    os.close(write)
    _, status = os.waitpid(child, 0)
    told = os.read(read, 100)
    os.close(read)
    was_killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    if not was_killed and os.waitstatus_to_exitcode(status) != 0:
        raise RuntimeError(f"The procedure failed by itself: {status}")
    return was_killed, int(told or 0)


def some_line(chosen: random.Random, count: int) -> int:
    """Return a line to die before; none the first time, which tells how many there are."""
    return chosen.randint(1, count) if count else 0


def purge(house: House) -> None:
    """Do what the hourly purge does."""
    from inference.tasks import purge_expired

    purge_expired()


def purge_check(house: House) -> None:
    """Overdue: gone. Held and young: whole."""
    assert house.there("old") == (False,) * 7, ("old", house.there("old"))
    for name in ("held", "young"):
        assert house.there(name) == (True,) * 7, (name, house.there(name))


def to_edge(house: House) -> None:
    """Change the modality to edge; asked for six minutes ago."""
    from django.utils import timezone

    from alerts.modality.changing import changes_finish
    from cameras.modality.models import ChangeState, ModalityChange
    from cameras.models import LegalHold, RetentionPolicy

    LegalHold.objects.filter(camera=house.camera, ended_at=None).update(ended_at=timezone.now())
    RetentionPolicy.objects.filter(pk=house.camera.retention_id).update(raw_hours=0)
    if not ModalityChange.objects.filter(camera=house.camera).exists():
        ModalityChange.objects.create(
            camera=house.camera, before="central", after="edge", reason=REASON, state=ChangeState.ASKED,
            asked_by=house.administrator, asked_at=timezone.now() - timedelta(minutes=6),
        )  # fmt: skip
    changes_finish()


def edge_check(house: House) -> None:
    """Nothing stored is left."""
    from cameras.models import Camera

    assert Camera.objects.get(pk=house.camera.pk).modality == "edge"
    for name in ("old", "held", "young"):
        assert house.there(name) == (False,) * 7, (name, house.there(name))


def record(house: House) -> None:
    """Seal two seconds of unmasked frames, with the rows that the worker writes."""
    from cameras.custody.models import CustodianKey
    from cameras.custody.places import sealed_folder, secrets_folder
    from inference.core.frames import RawFrame
    from inference.core.vault.raw_vault import RawVault, VaultConfig
    from inference.services.vaulting import sealed_writer

    class AtOnce:
        def put(self, write: Callable[[], object]) -> None:
            write()

    key = CustodianKey.objects.current().get()
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

    public = X25519PublicKey.from_public_bytes(bytes.fromhex(key.public_key))
    pk = house.camera.pk
    config = VaultConfig(pk, sealed_folder(pk), secrets_folder(pk), public, fps=5)
    vault = RawVault(config, sealed_writer(pk, key.pk, AtOnce()))  # type: ignore[arg-type]
    image = np.tile(np.frombuffer(PIXELS * 2, np.uint8).reshape(1, 64, 3), (48, 1, 1))
    for index in range(10):
        vault.write(RawFrame(image, index, index / 5, house.now + timedelta(seconds=index / 5)))
    vault.close()


def record_check(house: House) -> None:
    """What was sealed has a row, goes at its ceiling, and leaves neither file nor secret."""
    from django.conf import settings

    from cameras.custody.models import SealedHour
    from cameras.custody.services.shredding import sealed_purge
    from cameras.custody.services.sweeping import sealed_orphans_purge
    from inference.services.vaulting import vault_adopt

    vault_adopt(house.camera.pk, settled_s=0.0)
    sealed_purge(camera=house.camera, now=house.now + timedelta(hours=4))
    sealed_orphans_purge(now_s=time.time() + 7200)
    left = SealedHour.objects.filter(camera=house.camera)
    assert set(left.values_list("pk", flat=True)) == {house.sealed["held"].pk}
    folders = (Path(settings.FOOTAGE_DIR) / "vault", Path(settings.VAULT_KEYS))
    for folder in folders:
        found = [path for path in (folder / str(house.camera.pk)).rglob("*") if path.is_file()]
        assert len(found) == 1, found


PROCEDURES: dict[str, tuple[Callable[[House], None], Callable[[House], None]]] = {
    "purge": (purge, purge_check),
    "modality": (to_edge, edge_check),
    "record": (record, record_check),
}


def release_run(chosen: random.Random, lines: Counter[str]) -> bool:
    """Kill the opening of a release or its end; afterwards no key of it is left."""
    from django.utils import timezone

    from cameras.custody.models import CustodianKey
    from cameras.warrants.models import FootageRelease, ReleasedKey, State
    from cameras.warrants.services.opening import release_end
    from tests.cameras.warrants.made import make_court
    from tests.cameras.warrants.vaulted import make_vaulted, opened

    def end(release: FootageRelease) -> None:
        release_end(release=release, actor=court.custodian, reason="The court took its order back")

    court = make_court()
    CustodianKey.objects.current().update(
        retired_at=timezone.now(), retired_by=court.custodian, retire_reason="New one"
    )
    vaulted, name = make_vaulted(court), chosen.choice(["release opened", "release ended"])
    if name == "release opened":
        killed, count = in_child(lambda: opened(vaulted), some_line(chosen, lines[name]))
    else:
        release, _code = opened(vaulted)
        killed, count = in_child(lambda: end(release), some_line(chosen, lines[name]))
    lines[name] = max(lines[name], count)
    for release in FootageRelease.objects.filter(site=court.camera.site):
        has_keys = ReleasedKey.objects.filter(part__release=release).exists()
        is_open = release.state == State.OPEN
        assert has_keys == is_open, (name, release.state, has_keys)
        if is_open:
            end(release)
    assert not ReleasedKey.objects.exists()
    return killed


def one_run(chosen: random.Random, lines: Counter[str]) -> tuple[str, bool]:
    """Make a house, kill a procedure in it, do what the next look does, check. Returns its name and whether it died."""
    forget_cameras()
    name = chosen.choice(["purge", "modality", "record", "release"])
    if name == "release":
        return name, release_run(chosen, lines)
    procedure, check = PROCEDURES[name]
    house = House()
    killed, count = in_child(lambda: procedure(house), some_line(chosen, lines[name]))
    lines[name] = max(lines[name], count)
    if name != "record":
        procedure(house)
    check(house)
    return name, killed


def in_the_clear(folder: Path) -> list[str]:
    """Return files that hold a row of the unmasked picture, or a film outside of its sealed file."""
    found = []
    for path in folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            if PIXELS[:48] in content or (b"moof" in content and path.suffix != ".mp4"):
                found.append(str(path.relative_to(folder)))
    return found


def run(runs: int, seed: int, folder: Path) -> dict[str, Any]:
    """Run them all. Raises `AssertionError` at the first fault."""
    from paca_site.audit.services import audit_verify

    chosen, lines, kills, done = random.Random(seed), Counter[str](), Counter[str](), Counter[str]()
    while sum(kills.values()) < runs:
        name, killed = one_run(chosen, lines)
        done[name] += 1
        kills[name] += killed
        assert not in_the_clear(folder), in_the_clear(folder)
    faults = audit_verify().faults
    assert not faults, faults
    return {"seed": seed, "kills": dict(kills), "runs": dict(done), "lines": dict(lines), "faults": 0}


def main() -> None:
    """Start the services, set Django up, run, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    from paca_site.embedded.services import run_services, service_urls

    with tempfile.TemporaryDirectory(prefix="paca-kills-", dir="/tmp") as name:  # short, as socket paths must be
        folder = Path(name)
        urls = service_urls(folder)
        os.environ |= {
            "DATABASE_URL": urls.database_url,
            "REDIS_URL": urls.redis_url,
            "PACA_DATA": str(folder / "data"),
            "PACA_VAULT_KEYS": str(folder / "keys"),
            "PACA_REQUIRE_SECOND_FACTOR": "0",
            "PACA_LOG_LEVEL": "ERROR",
            "DJANGO_SETTINGS_MODULE": "paca_site.settings",
        }
        with run_services(folder):
            import django
            from django.core.management import call_command
            from django.db import connections

            django.setup()
            call_command("migrate", verbosity=0)
            print(json.dumps(run(given.runs, given.seed, folder / "data"), indent=1))  # noqa: T201
            connections.close_all()


if __name__ == "__main__":
    main()
