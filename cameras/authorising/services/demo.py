"""Trying PACA out: the demo site's cameras run under an authorisation that says of itself that it is none."""

from datetime import timedelta

from django.utils import timezone

from cameras.authorising.models import Authorisation, Purpose, local_day
from cameras.authorising.services.authorising import authorisation_save, authorisation_sign
from cameras.event_kinds import KINDS
from cameras.models import Site
from paca_site.accounts.models import User


def demo_authorise(*, site: Site, administrator: User, supervisor: User) -> Authorisation:
    """Draft and sign an authorisation of all cameras of a demo site, with the audit entries of people.

    Raises:
        ValueError: the site is no demo: nobody authorises a real one but an authority.
    """
    if not site.is_demo:
        raise ValueError(f"Only a demo site is authorised by the program; got {site.name!r}.")
    today = local_day(site, timezone.now())
    authorisation = Authorisation(
        site=site,
        authority="Demo: no authority decided this",
        reference="Demo",
        purpose=Purpose.HELP,
        legal_basis="Demo: simulated and freely licensed video needs none",
        jurisdiction="Demo",
        public_place="Demo: the place is simulated, and nobody real is there.",
        necessity="Demo: shows how people in need of help would be noticed. A real site names its own incidents here.",
        alternatives="Demo: for a street like this one light and staff at night would be tried first.",
        proportionality="Demo: nobody real is watched, so nobody's rights are weighed.",
        kinds=list(KINDS),
        starts_on=today,
        ends_on=today + timedelta(days=365),
        review_on=today + timedelta(days=180),
    )
    authorisation_save(authorisation=authorisation, cameras=list(site.cameras.all()), actor=administrator)
    authorisation_sign(authorisation=authorisation, actor=supervisor, version=authorisation.version)
    return authorisation
