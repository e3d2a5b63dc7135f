"""The closed lists of serious incidents: kinds of harm, how grave, who is to be told under which law, how it ends.

Source: Regulation (EU) 2024/1689 (AI Act), art. 3 (49), 26 (5), 73; Regulation (EU) 2016/679 (GDPR), art. 33, 34, 38;
Directive (EU) 2016/680 (Law Enforcement Directive), art. 30, 31, 33.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Harm(models.TextChoices):
    """What kind of harm was done, or could have been."""

    UNMASKED = "unmasked", _("People, screens or plates could be seen unmasked")
    BREACH = "breach", _("Personal data read, lost, changed or passed on without right")
    RIGHTS = "rights", _("A fundamental right was infringed, such as by acting on a wrong alert")
    HEALTH = "health", _("Somebody's health was seriously harmed, such as by an alert that did not come")
    DEATH = "death", _("Somebody died")
    INFRASTRUCTURE = "infrastructure", _("Critical infrastructure was seriously and irreversibly disrupted")
    WIDESPREAD = "widespread", _("Rights of people in several countries were infringed")
    PROPERTY = "property", _("Property or the environment was seriously harmed")
    NEAR_MISS = "near-miss", _("None of these happened, but nearly did")


class Gravity(models.IntegerChoices):
    """How grave it is, as those who report it judge."""

    LIMITED = 1, _("Limited: few people, put right soon")
    SERIOUS = 2, _("Serious: many people, or lasting consequences")
    VERY_SERIOUS = 3, _("Very serious: life, liberty, or many people for long")


class Recipient(models.TextChoices):
    """Who is to be told."""

    OFFICER = "officer", _("Data-protection officer")
    DATA_AUTHORITY = "data-authority", _("Data-protection authority")
    PEOPLE = "people", _("The people concerned")
    PROVIDER = "provider", _("Provider of the system")
    MARKET_AUTHORITY = "market-authority", _("Market surveillance authority")


class Law(models.TextChoices):
    """Where it is written that somebody is to be told, and by when; a citation reads alike in every language."""

    OFFICER = "officer", "GDPR art. 38 (1); LED art. 33 (1)"
    BREACH = "breach", "GDPR art. 33 (1); LED art. 30 (1)"
    PEOPLE = "people", "GDPR art. 34 (1); LED art. 31 (1)"
    PROVIDER = "provider", "AI Act art. 26 (5)"
    INCIDENT = "incident", "AI Act art. 73 (2)"
    WIDESPREAD = "widespread", "AI Act art. 73 (3)"
    DEATH = "death", "AI Act art. 73 (4)"


class Outcome(models.TextChoices):
    """How it ended; as counted on the public page."""

    PUT_RIGHT = "put-right", _("Happened, and was put right")
    REMAINS = "remains", _("Happened; not all of it could be put right")
    NEARLY = "nearly", _("Nearly happened")
    UNFOUNDED = "unfounded", _("Did not happen as reported")
