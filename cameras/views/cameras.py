"""Cameras: the table, the page of one, and stopping and starting it."""

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from cameras.access import SEES_CONFIGURATION, SEES_FOOTAGE, access_camera, visible_cameras
from cameras.alert_marks import desk_alerts
from cameras.assessing.gate import graces
from cameras.authorising.gate import endings
from cameras.commissioning.standing import standings_of
from cameras.conditions import camera_condition
from cameras.keeping import keeping_sentences
from cameras.line_words import line_words_now
from cameras.models import Camera
from cameras.plans import Place, Plan, camera_plan
from cameras.running import reasons_against, reasons_against_start
from cameras.services import cameras as services
from paca_site.accounts.access import role_required, signed_in
from paca_site.accounts.models import Role
from paca_site.audit.services import audit_record_now

LAST_ALERTS = 8


def place_of(camera: Camera) -> Place:
    """Return where a camera stands, for the plan."""
    return Place(camera.name, camera.latitude, camera.longitude, camera.heading_deg, camera.view_deg, camera.range_m)


def plan_of(camera: Camera) -> Plan:
    """Return the plan around a camera with its neighbours of the same site."""
    return camera_plan(place_of(camera), [place_of(other) for other in camera.site.cameras.exclude(pk=camera.pk)])


@role_required(*SEES_CONFIGURATION)
@require_safe
def camera_list(request: HttpRequest) -> HttpResponse:
    """Show all cameras of the person's scope with their health; htmx asks for the rows again every few seconds."""
    user = signed_in(request)
    cameras = visible_cameras(user)
    standings = standings_of(cameras)
    rows = [
        (camera, camera_condition(camera), getattr(camera, "stream_state", None), standings[camera.pk])
        for camera in cameras
    ]
    context = {"rows": rows, "may_write": user.role == Role.ADMINISTRATOR}
    is_fragment = request.headers.get("HX-Request") == "true"
    return render(request, "cameras/_camera_table.html" if is_fragment else "cameras/camera_list.html", context)


@require_safe
def camera_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one camera: live for operators and supervisors, configuration for the others. Audit: `camera.viewed`."""
    user = signed_in(request)
    camera = access_camera(user, pk)
    sees_footage = user.role in SEES_FOOTAGE
    audit_record_now(
        action="camera.viewed",
        actor=user,
        subject=f"camera:{camera.pk}",
        site_id=camera.site_id,
        details={"footage": sees_footage},
    )
    context = {
        "camera": camera,
        "condition": camera_condition(camera),
        "state": getattr(camera, "stream_state", None),
        "plan": plan_of(camera),
        "keeping": keeping_sentences(camera.retention, camera.modality),
        "commission_required": settings.COMMISSION_REQUIRED,
        "commissioning": standings_of([camera])[camera.pk],
        "leak_watch_on": settings.LEAK_WATCH,
        "leak_suspension": camera.leak_suspensions.filter(ended_at=None).first(),
        "sees_footage": sees_footage,
        "line_words": line_words_now(),
        "sees_configuration": user.role in SEES_CONFIGURATION,
        "may_write": user.role == Role.ADMINISTRATOR,
        "against": reasons_against([camera]).get(camera.pk, []) if camera.is_enabled else reasons_against_start(camera),
        "graces": [
            reason
            for told in (endings([camera]), graces([camera]))
            for reason in (told.get(camera.pk, []) if camera.is_enabled else [])
        ],
        "alerts": desk_alerts(camera).order_by("-raised_at")[:LAST_ALERTS] if sees_footage else [],
    }
    return render(request, "cameras/camera_detail.html", context)


@require_safe
def camera_health(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the numbers of one camera again; a fragment of its page, which has recorded who looks."""
    camera = access_camera(signed_in(request), pk)
    context = {"condition": camera_condition(camera), "state": getattr(camera, "stream_state", None), "camera": camera}
    return render(request, "cameras/_camera_health.html", context)


@require_POST
def camera_switch(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop or start a camera. Audit: `camera.stopped`, `camera.started`."""
    user = signed_in(request)
    camera = access_camera(user, pk, write=True)
    try:
        services.camera_switch(camera=camera, is_enabled=request.POST.get("running") == "1", actor=user)
    except ValidationError as error:
        messages.error(
            request,
            gettext("{name} was not started. {reasons}").format(name=camera.name, reasons=" ".join(error.messages)),
        )
        return redirect("cameras:camera-detail", pk=camera.pk)
    messages.success(
        request,
        gettext("{name} starts now.").format(name=camera.name)
        if camera.is_enabled
        else gettext("{name} is stopped.").format(name=camera.name),
    )
    return redirect("cameras:camera-detail", pk=camera.pk)
