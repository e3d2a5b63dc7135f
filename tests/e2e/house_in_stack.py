"""Puts the cast's house into a running installation and prints, as JSON, who lives there and what stands where.

`python -m tests.e2e.house_in_stack` with the installation's environment; only for installations of tests.
"""

import itertools
import json
import os
import subprocess
import sys
from dataclasses import dataclass

import django

from tests.stack import CHECKOUT, Stack


@dataclass(frozen=True)
class HouseInStack:
    """Who lives in a running installation (member: username), their password, what stands where (by pattern)."""

    stack: Stack
    people: dict[str, str]
    password: str
    addresses: dict[str, str]


def house_into(stack: Stack) -> HouseInStack:
    """Build the house in a running installation, in a process with its environment."""
    environment = {**os.environ, **stack.services(), "PACA_DATA": str(stack.data), "PACA_REQUIRE_SECOND_FACTOR": "0"}
    made = subprocess.run(
        [sys.executable, "-m", "tests.e2e.house_in_stack"],
        cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if made.returncode != 0:
        raise RuntimeError(f"The house cannot be built:\n{made.stderr}")
    return HouseInStack(stack=stack, **json.loads(made.stdout.splitlines()[-1]))


def main() -> None:
    """Build the house; print its `people` (member: username), their `password` and `addresses` (by pattern)."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "paca_site.settings")
    django.setup()
    from cameras.models import Site
    from tests import cast
    from tests.permissions import ROWS
    from tests.test_cast import House

    cast._numbers = itertools.count(1000 * Site.objects.count())  # names are taken by an earlier house
    house = House()
    people = {member: person.username for member, person in house.people.items()}
    addresses = {row.pattern: house.address(row.pattern) for row in ROWS if row.method == "GET"}
    json.dump({"people": people, "password": cast.PASSWORD, "addresses": addresses}, sys.stdout)


if __name__ == "__main__":
    main()
