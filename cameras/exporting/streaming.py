"""One export on its way out: records of the vault become a signed zip, a piece at a time, and nothing lies anywhere.

A kill, a lost connection or an end of the release breaks it off: what was received has no signature.
"""

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any, Final

from asgiref.sync import sync_to_async
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.exceptions import ValidationError
from django.db import DatabaseError

from cameras.exporting.models import FootageExport
from cameras.exporting.readme import readme
from cameras.exporting.services.exporting import (
    export_finish,
    export_manifest,
    export_still_allowed,
    question_of,
    spans_of,
    video_facts,
    video_name,
)
from cameras.warrants.vault_door import VaultRefused
from cameras.warrants.vault_stream import BEGIN, DATA, END, OVER, VaultStream
from paca_site.audit.export_writing import ExportWriter

logger = logging.getLogger(__name__)
ASK_AGAIN_S: Final = 5.0
"""So often the release is looked at while a file is made: it may be ended meanwhile."""


class ExportBroken(Exception):  # noqa: N818 - what the receiver has got is a part
    """An export was broken off; the log says why."""


class ExportStream:
    """Gives the bytes of one export, once."""

    def __init__(self, export: FootageExport, code: str, key: Ed25519PrivateKey) -> None:
        """Open the vault and wait for its first picture, so that a refusal is an answer and not half a file.

        Raises:
            VaultRefused: nothing was filmed then, the code is wrong, or the vault did not answer.
        """
        self._export, self._key, self._writer = export, key, ExportWriter()
        spans = spans_of(export.release, export.part, export.starts_at, export.ends_at)
        self._cameras = {part.pk: part.camera_id for part, _, _ in spans}
        self._vault = VaultStream(question_of(export, code))
        try:
            self._first: tuple[int, bytes] | None = self._vault.next()
        except VaultRefused:
            self._vault.close()
            raise

    def close(self) -> None:
        """End the vault's process; the response calls it in any case."""
        self._vault.close()
        self._writer.abandon()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Give the zip piece by piece; the last piece, with the signature, after the trail tells of it.

        Raises:
            ExportBroken: the vault refused, the release ended, or the trail could not be written.
        """
        try:
            async for piece in self._pieces():
                yield piece
        except (VaultRefused, ValidationError, DatabaseError, ValueError, OSError) as error:
            logger.error("export %s was broken off: %s", self._export.pk, error)
            raise ExportBroken(f"export {self._export.pk}") from error
        finally:
            self.close()

    async def _pieces(self) -> AsyncIterator[bytes]:
        writer, videos, begun = self._writer, list[dict[str, Any]](), b""
        asked_at_s = time.monotonic()
        while True:
            kind, payload = self._first if self._first is not None else await asyncio.to_thread(self._vault.next)
            self._first = None
            if kind == BEGIN:
                begun = payload
                writer.begin(self._name(payload, len(videos) + 1))
            elif kind == DATA:
                writer.write(payload)
            elif kind == END:
                facts = video_facts(begun, payload, len(videos) + 1, self._cameras)
                videos.append({**facts, **writer.end()})
            elif kind == OVER and json.loads(payload)["files"] == len(videos):
                break
            else:
                raise ValueError(f"the vault told kind {kind} after {len(videos)} videos")
            if time.monotonic() - asked_at_s > ASK_AGAIN_S:
                await sync_to_async(export_still_allowed)(self._export)
                asked_at_s = time.monotonic()
            if ready := writer.take():
                yield ready
        writer.add("README.txt", readme(self._export).encode())
        yield writer.take()
        hashes = {name: facts["sha256"] for name, facts in writer.files.items()}
        entry = await sync_to_async(export_finish)(export=self._export, files=videos, hashes=hashes)
        manifest = await sync_to_async(export_manifest)(self._export, entry)
        logger.info("export %s: %d videos, entry %d of the trail", self._export.pk, len(videos), entry.number)
        yield writer.finish(manifest, self._key)

    def _name(self, begun: bytes, number: int) -> str:
        told = json.loads(begun)
        start = datetime.fromisoformat(told["start"]).astimezone(UTC)
        return video_name(self._cameras[told["part"]], number, start)
