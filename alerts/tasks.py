"""Celery tasks of the desk: each calls services, may run twice, and finds everything it needs in the database."""

from celery import shared_task

from alerts.modality.changing import changes_finish
from alerts.seeding.services.placing import seeds_go_on, seeds_place_due
from alerts.services.calling import alerts_call_overdue
from alerts.services.claiming import claims_expire
from alerts.services.flooding import floods_check
from alerts.services.shelving import shelves_end_overdue
from alerts.sharing.services import shares_end


@shared_task(time_limit=20)
def keep_time() -> None:
    """End claims and shelves that have run out, call somebody more, notice floods, end what was shared and is done."""
    claims_expire()
    shelves_end_overdue()
    alerts_call_overdue()
    floods_check()
    shares_end()
    seeds_go_on()
    seeds_place_due()


@shared_task(time_limit=600)
def finish_modality_changes() -> None:
    """Go on with every open change of a camera's modality whose time has come."""
    changes_finish()
