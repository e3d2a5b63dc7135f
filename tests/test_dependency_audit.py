import json
from datetime import date
from pathlib import Path

import pytest

from tests.dependency_audit import ACCEPTED_FILE, Accepted, read_accepted, read_answer, verdict

TODAY = date(2026, 11, 24)
# As pip-audit 2.10.1 answers: with its service, and on a machine that reaches a package index but no advisories.
ONLINE = {
    "dependencies": [
        {"name": "asgiref", "version": "3.11.0", "vulns": []},
        {
            "name": "jinja2",
            "version": "2.4.1",
            "vulns": [
                {"id": "PYSEC-2019-217", "fix_versions": ["2.10.1"], "aliases": ["CVE-2019-10906"], "description": "."},
            ],
        },
    ],
    "fixes": [],
}
OFFLINE = {
    "dependencies": [
        {"name": name, "skip_reason": f"Dependency not found on PyPI and could not be audited: {name} (1.0)"}
        for name in ("amqp", "asgiref")
    ],
    "fixes": [],
}


def said(answer: object, *accepted: Accepted) -> tuple[int, str]:
    code, lines = verdict(read_answer(json.dumps(answer)), accepted, TODAY)
    return code, "\n".join(lines)


def entry(id: str, until: date) -> Accepted:
    return Accepted(id, "jinja2", "templates are ours alone", until)


def test_a_known_vulnerability_fails_and_names_package_advisory_and_release() -> None:
    code, text = said(ONLINE)
    assert code == 1
    assert "VULNERABLE: jinja2 2.4.1: PYSEC-2019-217, CVE-2019-10906; fixed in 2.10.1." in text
    assert "Audited 2 packages; 1 known vulnerabilities." in text


def test_without_advisories_nothing_fails_and_nothing_is_claimed() -> None:
    answers: list[object] = [OFFLINE, {"dependencies": []}, "no answer"]
    for answer in answers:
        code, text = said(answer)
        assert (code, text) == (0, "NOT AUDITED: advisories unreachable. No package was compared with any advisory.")
    assert verdict(read_answer(""), [], TODAY)[0] == 0


def test_packages_that_were_skipped_beside_others_are_counted_and_named() -> None:
    mixed: dict[str, object] = {"dependencies": [ONLINE["dependencies"][0], *OFFLINE["dependencies"]]}
    code, text = said(mixed)
    assert code == 0
    assert "NOT AUDITED: 2 packages have no advisories to be found: amqp, asgiref." in text
    assert "Audited 1 packages; 0 known vulnerabilities." in text


@pytest.mark.parametrize("id", ["PYSEC-2019-217", "CVE-2019-10906"])
def test_an_accepted_advisory_passes_to_its_last_day(id: str) -> None:
    assert said(ONLINE, entry(id, TODAY))[0] == 0


def test_an_expired_acceptance_fails_even_where_nothing_can_be_audited() -> None:
    old = entry("PYSEC-2019-217", date(2026, 11, 23))
    assert "VULNERABLE" in said(ONLINE, old)[1]
    code, text = said(OFFLINE, old)
    assert code == 1
    assert "EXPIRED: PYSEC-2019-217 (jinja2) was accepted until 2026-11-23: templates are ours alone" in text


def test_an_acceptance_for_another_package_helps_nothing_and_is_told_as_not_needed() -> None:
    other = Accepted("PYSEC-2019-217", "asgiref", "a mistake", TODAY)
    code, text = said(ONLINE, other)
    assert code == 1
    assert "No longer needed: PYSEC-2019-217 (asgiref)." in text


def test_an_entry_without_a_reason_or_a_day_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "list.toml"
    path.write_text('[[accepted]]\nid = "CVE-1"\npackage = "jinja2"\nreason = " "\nuntil = 2027-01-31\n')
    with pytest.raises(ValueError, match=r"list\.toml, entry 1"):
        read_accepted(path)
    path.write_text('[[accepted]]\nid = "CVE-1"\npackage = "jinja2"\nreason = "."\nuntil = "some day"\n')
    with pytest.raises(ValueError, match="some day"):
        read_accepted(path)


def test_our_own_list_can_be_read() -> None:
    read_accepted(ACCEPTED_FILE)
