"""Saving a camera's form: who loses a race is told so on the form, with all they typed."""

from django.core.exceptions import ValidationError

from cameras.forms import UnchangedMeanwhile
from cameras.models import Camera
from cameras.services.cameras import camera_save
from paca_site.accounts.models import User


def camera_saved(form: UnchangedMeanwhile, actor: User) -> Camera | None:
    """Save what a valid form holds; None where the service refuses it, with the reason on the form."""
    try:
        return camera_save(camera=form.save(commit=False), actor=actor)
    except ValidationError as error:
        form.add_error(None, ValidationError(error.messages))
        return None
