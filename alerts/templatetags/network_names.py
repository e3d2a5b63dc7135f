"""Which weights a fingerprint stands for, in words."""

from django import template

from cameras.assessing.models import NetworkPrint

register = template.Library()


@register.filter
def network_name(fingerprint: str) -> str:
    """Return name and identity of the weights behind a fingerprint; empty for those of before it was written down."""
    known = NetworkPrint.objects.filter(pk=fingerprint).first()
    return str(known) if known else ""
