"""The command line: `python -m inference mask|detect|evaluate|train|bench|edge`. Standard output is the report."""

import argparse
import faulthandler
import logging
import sys
from collections.abc import Sequence
from importlib import import_module

from inference.core.errors import CoreError

COMMANDS = {
    "mask": "mask a video file or stream: people become silhouettes, screens and plates are covered",
    "detect": "find unusual events in a video file or stream, in its masked frames only",
    "evaluate": "measure masking or detection against labelled data",
    "train": "train the networks",
    "bench": "measure speed on this machine",
    "edge": "run this machine as a camera box: mask here, send masked pictures and alerts only",
}
BAD_INPUT = 2
INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Returns:
        0 when done, 2 for bad input (told in one line on stderr), 130 after Ctrl-C.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    try:
        options = _parser(given).parse_args(given)
        code: int = options.run(options)
    except (CoreError, OSError) as error:
        text = " ".join(str(error).split()) or type(error).__name__
        sys.stderr.write(f"inference: {text}\n")
        return BAD_INPUT
    except KeyboardInterrupt:
        sys.stderr.write("inference: interrupted.\n")
        return INTERRUPTED
    return code


def _parser(given: Sequence[str]) -> argparse.ArgumentParser:
    """Build the parser. Only the module of the command in question is loaded: torch and OpenVINO take seconds."""
    parser = argparse.ArgumentParser(prog="python -m inference", description="Mask video, find events in masked video.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="{" + ",".join(COMMANDS) + "}")
    named = next((word for word in given if not word.startswith("-")), None)
    for name, purpose in COMMANDS.items():
        command = commands.add_parser(name, help=purpose)
        if name == named:
            module = import_module(f"inference.commands.{name}")
            command.description = module.__doc__
            module.add_arguments(command)
            command.set_defaults(run=module.run)
    return parser


if __name__ == "__main__":
    faulthandler.enable()  # a crash in FFmpeg or OpenVINO says which thread was where; code and no pictures
    sys.exit(main())
