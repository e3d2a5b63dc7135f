"""The services that tests use."""

from pathlib import Path

import psycopg
import redis

from paca_site.embedded.postgres import APP_ROLE, Postgres
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


def test_a_cluster_of_before_gets_the_app_s_role_at_its_next_start(short_folder: Path) -> None:
    with run_services(short_folder) as urls:
        with psycopg.connect(urls.database_url, autocommit=True) as connection:
            connection.execute(f"drop role {APP_ROLE}")
        cluster = Postgres(short_folder / "postgres", short_folder / "pg")
        assert cluster.is_ready()
        assert cluster.is_ready()
        with psycopg.connect(cluster.app_url) as connection:
            assert connection.execute("select current_user, current_database()").fetchone() == (APP_ROLE, "paca")
