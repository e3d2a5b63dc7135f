"""Finished months as they were counted: what the public page tells comes from here, and never from the trail."""

from django.db import models


class CountedMonth(models.Model):
    """A month whose counts stand in `MonthFigures`; one without any has no figures, and is counted all the same."""

    start = models.DateTimeField(unique=True, help_text="First moment of the month, UTC.")
    counted_at = models.DateTimeField(auto_now_add=True)
    entries = models.PositiveBigIntegerField(help_text="Entries of the trail that were counted.")

    class Meta:
        ordering = ["-start"]

    def __str__(self) -> str:
        return f"{self.start:%Y-%m}"


class MonthFigures(models.Model):
    """The counts of one month of one site; they are not published as they stand here (figures.py hides small ones)."""

    month = models.ForeignKey(CountedMonth, on_delete=models.CASCADE, related_name="figures")
    site_id = models.BigIntegerField(
        null=True, help_text="Empty: the whole installation; no foreign key, as in the trail that it is counted from."
    )
    outcomes = models.JSONField(help_text="Alerts by what had become of them.")
    looked = models.JSONField(help_text="Entries by action.")
    decided_after_s = models.JSONField(help_text="Median seconds to the first decision, by set of outcomes.")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["month", "site_id"], name="month_figures_once_per_site", nulls_distinct=False
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month} at site {self.site_id}"
