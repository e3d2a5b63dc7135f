"""`python -m paca_site.serving -b HOST -p PORT paca_site.asgi:application`: Daphne and its options, paced."""

import sys

from daphne.cli import CommandLineInterface

from paca_site.serving.pacing import PacedServer


class PacedCommand(CommandLineInterface):  # type: ignore[misc]  # Daphne has no types
    """Daphne's own command with our server."""

    server_class = PacedServer


if __name__ == "__main__":
    PacedCommand().run(sys.argv[1:])
