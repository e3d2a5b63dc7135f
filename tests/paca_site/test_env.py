from typing import Any, cast

import pytest
from django.core.exceptions import ImproperlyConfigured

from paca_site.env import database_settings


def test_the_way_to_the_database_is_encrypted_as_its_address_says() -> None:
    found = database_settings("postgresql://paca:x@db.example:5433/paca?sslmode=verify-full&sslrootcert=/etc/ca.pem")
    options = cast("dict[str, Any]", found["OPTIONS"])
    assert (options["sslmode"], options["sslrootcert"]) == ("verify-full", "/etc/ca.pem")
    assert (found["HOST"], found["PORT"]) == ("db.example", "5433")
    assert "sslmode" not in cast("dict[str, Any]", database_settings("postgresql:///paca?host=/run/pg")["OPTIONS"])


def test_a_word_that_the_address_may_not_have_is_refused_instead_of_left_out() -> None:
    with pytest.raises(ImproperlyConfigured, match="sslmoed"):
        database_settings("postgresql://paca@db.example/paca?sslmoed=verify-full")
