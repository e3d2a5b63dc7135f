"""How Django's storage for masked recordings is set up; settings only, so it must import no model."""

from typing import Any, Final

ALIAS: Final = "footage"


def archive_storage(*, bucket: str, endpoint: str, region: str, prefix: str) -> dict[str, dict[str, Any]]:
    """Return the entry of STORAGES for an S3-compatible bucket; none without a bucket.

    Waiting is short, as people and purges wait behind it. Files are private, and a second sending replaces the first.
    """
    if not bucket:
        return {}
    from botocore.config import Config

    options: dict[str, Any] = {
        "bucket_name": bucket,
        "location": prefix,
        "default_acl": None,
        "file_overwrite": True,
        "querystring_auth": True,
        "client_config": Config(
            connect_timeout=3,
            read_timeout=20,
            retries={"max_attempts": 2, "mode": "standard"},
            s3={"addressing_style": "path"} if endpoint else {},
            request_checksum_calculation="when_required",  # other servers than Amazon's do not all know the newer ones
            response_checksum_validation="when_required",
        ),
    }
    if endpoint:
        options["endpoint_url"] = endpoint
    if region:
        options["region_name"] = region
    return {ALIAS: {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}}
