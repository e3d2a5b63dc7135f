"""The services that tests use."""

from pathlib import Path

import psycopg
import redis

from paca_site.embedded.services import run_services, service_urls


def test_services_run_in_a_folder_and_end_with_the_block(short_folder: Path) -> None:
    promised = service_urls(short_folder)
    with run_services(short_folder) as urls:
        assert urls == promised
        with psycopg.connect(urls.database_url) as connection:
            assert connection.execute("select 1").fetchone() == (1,)
        with redis.from_url(urls.redis_url) as client:
            assert client.ping()
    assert not (short_folder / "postgres" / "postmaster.pid").exists()
