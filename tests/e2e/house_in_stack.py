"""Puts the cast's house into a running installation and prints, as JSON, who lives there and what stands where.

`python -m tests.e2e.house_in_stack` with the installation's environment; only for installations of tests.
"""

import itertools
import json
import os
import sys

import django


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
