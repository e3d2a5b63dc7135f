"""Questionnaires from YAML: a bad file says file, line, what, what is allowed and what was given."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from cameras.assessing.aspects import Aspect
from cameras.assessing.models import Questionnaire
from cameras.assessing.reading import QuestionnaireError, questionnaire_read
from cameras.assessing.services.loading import SHIPPED, shipped_load
from paca_site.audit.models import AuditEntry

GOOD = """questionnaire: our-own
version: 1
title: Our own
required: false
sections:
  - title: First
    questions:
      - key: one
        text: Is it so?
        depends_on: [threshold]
        choices: ["yes", "no"]
        example: ["yes", "Because it is."]
      - key: two
        text: What else?
        depends_on: []
"""
BAD = [
    ("version: 1", "version: one", "own.yaml, line 2: version must be a whole number from 1; got 'one'."),
    (
        "title: Our own",
        "titel: Our own",
        "own.yaml, line 3: A questionnaire may have the fields questionnaire, version",
    ),
    ("required: false\n", "", "own.yaml, line 1: A questionnaire must have the fields required, and has not."),
    ("required: false", "required: maybe", "own.yaml, line 4: required must be one of true, false; got 'maybe'."),
    ("key: two", "key: one", "own.yaml, line 13: Keys must be unique; 'one' stands in line 8 already."),
    ("key: two", "key: Two!", "own.yaml, line 13: The key of a question must be lower-case words"),
    ("[threshold]", "[tresholds]", "own.yaml, line 10: depends_on of one must be one of cameras, place"),
    ('["yes", "Because', '["perhaps", "Because', "own.yaml, line 12: The choice in the example of one must be one of"),
    (
        "text: What else?",
        "text: ''",
        "own.yaml, line 14: The text of two must be words, at most 500 characters; got ''.",
    ),
    ("  - title: First", "  - First", "line"),
    ("version: 1", "version: [1", "own.yaml, line 3: no YAML"),
    ("version: 1\n", "version: 1\nversion: 2\n", "own.yaml, line 3: A questionnaire has the field 'version' twice."),
    (GOOD, "", "own.yaml: the file is empty."),
    (GOOD, "- a list", "own.yaml, line 1: A questionnaire must be fields"),
]


def own(folder: Path, text: str = GOOD) -> Path:
    path = folder / "own.yaml"
    path.write_text(text)
    return path


@pytest.mark.parametrize(("old", "new", "message"), BAD)
def test_a_bad_file_says_where_and_what(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in GOOD
    with pytest.raises(QuestionnaireError) as told:
        questionnaire_read(own(tmp_path, GOOD.replace(old, new, 1)))
    assert message in str(told.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(QuestionnaireError, match=r"none\.yaml cannot be read: No such file"):
        questionnaire_read(tmp_path / "none.yaml")


def test_those_that_ship_ask_about_every_part_of_the_configuration_and_answer_for_the_demo() -> None:
    for path in SHIPPED.glob("*.yaml"):
        file, _ = questionnaire_read(path)
        questions = [question for section in file.sections for question in section["questions"]]
        assert file.is_required
        assert 15 <= len(questions) <= 25
        assert {aspect for question in questions for aspect in question["depends_on"]} == set(Aspect.values)
        assert all(len(question["example"][1]) >= 20 for question in questions)


@pytest.mark.django_db
def test_an_own_questionnaire_is_loaded_once_and_a_changed_one_needs_a_higher_version(tmp_path: Path) -> None:
    path = own(tmp_path)
    call_command("load_questionnaires", path)
    call_command("load_questionnaires", path)
    assert Questionnaire.objects.get(slug="our-own").questions["one"]["choices"] == ["yes", "no"]
    assert AuditEntry.objects.filter(action="questionnaire.loaded").count() == 1
    own(tmp_path, GOOD.replace("Is it so?", "Is it not?"))
    with pytest.raises(CommandError, match="a changed questionnaire must have a higher version"):
        call_command("load_questionnaires", path)
    own(tmp_path, GOOD.replace("Is it so?", "Is it not?").replace("version: 1", "version: 2"))
    call_command("load_questionnaires", path)
    assert Questionnaire.objects.filter(slug="our-own").count() == 2


@pytest.mark.django_db
def test_those_that_ship_are_there_after_a_migration_and_loading_them_again_changes_nothing() -> None:
    before = list(Questionnaire.objects.values_list("pk", "loaded_at"))
    assert len(before) == 2
    shipped_load()
    assert list(Questionnaire.objects.values_list("pk", "loaded_at")) == before
