"""`edge --config box.toml`: run this machine as a camera box; with `--enrol CODE`: enrol it first (docs/edge.md)."""

import argparse
import logging
import signal
import sys
import threading
from pathlib import Path
from types import FrameType

from inference.core.boxes.requests import fingerprint, public_of
from inference.edge.agent import Agent
from inference.edge.identity import KEY, NEXT_KEY, Card, make_key, now_text, read_card, write_card
from inference.edge.server import AwayError, enrol
from inference.edge.settings import BoxError, BoxSettings, read_settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.add_argument("--config", type=Path, required=True, metavar="box.toml", help="settings of this box")
    parser.add_argument("--enrol", metavar="CODE", help="enrol with the code that the server shows, and end")


def run(options: argparse.Namespace) -> int:
    """Enrol the box, or run it until SIGINT or SIGTERM."""
    logging.getLogger("inference").setLevel(logging.INFO)
    for handler in logging.getLogger().handlers:
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    settings = read_settings(options.config)
    if options.enrol:
        return _enrol(settings, options.enrol)
    stop = threading.Event()

    def end(number: int, frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    Agent(settings, read_card(settings.data)).run(stop)
    return 0


def _enrol(settings: BoxSettings, code: str) -> int:
    """Make a key, show the code, write down what the server says. A failed try leaves an earlier enrolment as it is."""
    fresh = settings.data / f"{KEY}.new"
    key = make_key(fresh)
    try:
        told = enrol(settings.url, settings.ca, code, key)
    except AwayError as error:
        raise BoxError(f"{error} Nothing was changed; the code may be tried again.") from error
    (settings.data / NEXT_KEY).unlink(missing_ok=True)
    # key first: a card without its key would name a box that this machine cannot speak for
    fresh.replace(settings.data / KEY)
    card = Card(
        box=int(told["box"]),
        name=str(told["name"]),
        site=str(told["site"]),
        enrolment=int(told["enrolment"]),
        server_key=str(told["server_key"]),
        key_since=now_text(),
    )
    write_card(settings.data, card)
    sys.stdout.write(
        f"Enrolled as box {card.box} ({card.name}, {card.site}).\n"
        f"Fingerprint of this box's key: {fingerprint(public_of(key))}\n"
        f"Fingerprint of the server's key: {fingerprint(card.server_key)}\n"
        "Compare the first with the one on the box's page, then start it without --enrol.\n"
    )
    return 0
