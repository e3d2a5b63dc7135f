"""Which installed packages have known vulnerabilities: pip-audit's answer, read with care.

pip-audit asks an advisory service. A machine without internet gets no advisories, and pip-audit then skips every
package and exits 0 as if all were well. So its JSON is read and counted here, and no advisories is said as such.

    python -m tests.dependency_audit
"""

import importlib.util
import json
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

ACCEPTED_FILE: Final = Path(__file__).with_suffix(".toml")
COMMAND: Final = (sys.executable, "-m", "pip_audit", "--format", "json", "--progress-spinner", "off", "--timeout", "10")
LONGEST_S: Final = 600
NAMED: Final = 12


@dataclass(frozen=True, slots=True)
class Vulnerability:
    """One advisory about one installed package."""

    package: str
    version: str
    ids: tuple[str, ...]
    fixed_in: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What pip-audit said: packages it looked up, packages it could not, and what it found."""

    audited: int
    skipped: tuple[str, ...]
    found: tuple[Vulnerability, ...]


@dataclass(frozen=True, slots=True)
class Accepted:
    """An advisory that is lived with until a day."""

    id: str
    package: str
    reason: str
    until: date


def read_answer(text: str) -> Answer | None:
    """Return what pip-audit's JSON tells; None where it is none, as when the service hung up in the middle."""
    try:
        packages = json.loads(text)["dependencies"]
        looked_up = [one for one in packages if "skip_reason" not in one]
        found = tuple(
            Vulnerability(one["name"], one["version"], (bug["id"], *bug["aliases"]), tuple(bug["fix_versions"]))
            for one in looked_up
            for bug in one["vulns"]
        )
        return Answer(len(looked_up), tuple(one["name"] for one in packages if "skip_reason" in one), found)
    except (ValueError, KeyError, TypeError):
        return None


def read_accepted(path: Path) -> list[Accepted]:
    """Return the accepted advisories.

    Raises:
        ValueError: an entry lacks a part or has one too many; says which.
    """
    entries = []
    for number, entry in enumerate(tomllib.loads(path.read_text()).get("accepted", []), 1):
        if set(entry) != {"id", "package", "reason", "until"} or not entry["reason"].strip():
            raise ValueError(f"{path.name}, entry {number}: needs id, package, reason and until; got {sorted(entry)}.")
        if type(entry["until"]) is not date:
            raise ValueError(f"{path.name}, entry {number}: until must be a day like 2027-01-31; got {entry['until']}.")
        entries.append(Accepted(**entry))
    return entries


def verdict(answer: Answer | None, accepted: Sequence[Accepted], today: date) -> tuple[int, list[str]]:
    """Return the exit code, 1 where something must be done, and the sentences that say so."""
    expired = [entry for entry in accepted if entry.until < today]
    lines = [f"EXPIRED: {one.id} ({one.package}) was accepted until {one.until}: {one.reason}" for one in expired]
    if answer is None or not answer.audited:
        return bool(lines), [*lines, "NOT AUDITED: advisories unreachable. No package was compared with any advisory."]
    live = {(entry.package, entry.id): entry for entry in accepted if entry not in expired}
    for bug in answer.found:
        reasons = [live[bug.package, name].reason for name in bug.ids if (bug.package, name) in live]
        fix = " or ".join(bug.fixed_in) or "no release yet"
        if not reasons:
            lines.append(f"VULNERABLE: {bug.package} {bug.version}: {', '.join(bug.ids)}; fixed in {fix}.")
    code = int(bool(lines))
    names = {(bug.package, name) for bug in answer.found for name in bug.ids}
    lines += [f"No longer needed: {one.id} ({one.package})." for key, one in live.items() if key not in names]
    if answer.skipped:
        shown = ", ".join(answer.skipped[:NAMED]) + (", ..." if len(answer.skipped) > NAMED else "")
        lines.append(f"NOT AUDITED: {len(answer.skipped)} packages have no advisories to be found: {shown}.")
    return code, [*lines, f"Audited {answer.audited} packages; {len(answer.found)} known vulnerabilities."]


def ask() -> Answer | None:
    """Ask pip-audit about the environment that this runs in."""
    try:
        done = subprocess.run(COMMAND, capture_output=True, text=True, check=False, timeout=LONGEST_S)
    except subprocess.TimeoutExpired:
        return None
    return read_answer(done.stdout)


def main() -> int:
    """Audit, say what was found, and return the exit code."""
    if importlib.util.find_spec("pip_audit") is None:
        sys.stdout.write("pip-audit is not installed: make venv\n")
        return 1
    code, lines = verdict(ask(), read_accepted(ACCEPTED_FILE), datetime.now(UTC).date())
    sys.stdout.write("\n".join(lines) + "\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
