"""Numbers of alerts as people write them: read, and checked to be of one site."""

import re
from collections.abc import Collection

from django.core.exceptions import ValidationError
from django.utils.translation import gettext

from alerts.models import Alert
from cameras.models import Site

MOST_ALERTS = 50


def read_alert_numbers(text: str, site: Site, kept: Collection[int] = ()) -> list[int]:
    """Return the numbers in `text`, ascending, each once; every one must be an alert of the site, or in `kept`.

    Raises:
        ValidationError: something is no number, there are too many, or the site has no such alert.
    """
    words = re.split(r"[\s,;]+", text.strip())
    wrong = [word for word in words if word and not (word.isdecimal() and len(word) <= 18)]
    if wrong:
        raise ValidationError(
            gettext("Numbers of alerts are digits; got {numbers}.").format(numbers=", ".join(wrong[:5]))
        )
    given = sorted({int(word) for word in words if word})
    if len(given) > MOST_ALERTS:
        raise ValidationError(
            gettext("At most {most_alerts} alerts; got {given}.").format(most_alerts=MOST_ALERTS, given=len(given))
        )
    known = set(Alert.objects.filter(pk__in=given, camera__site=site).values_list("pk", flat=True))
    unknown = [number for number in given if number not in known and number not in kept]
    if unknown:
        raise ValidationError(
            gettext("This site has no alert {numbers}.").format(numbers=", ".join(map(str, unknown[:5])))
        )
    return given
