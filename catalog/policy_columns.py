"""The columns of a data policy: of a provider, and of each of its endpoints."""

from django.db import models
from django.db.models import Q

from catalog.data_policy import ZDR, PolicyBasis, Retention, Training
from catalog.fields import PartialDateField


class DataPolicy(models.Model):
    """What is done with what is sent.

    A provider's values hold for those of its endpoints of which nothing else is stated, and are
    settled into their columns. `policy_note` puts the statement into a sentence,
    `policy_exceptions` has a sentence on each line; `policy_checked_on` is the date of the evidence
    at `policy_url`.
    """

    training = models.CharField(max_length=10, choices=Training.choices(), default=Training.UNKNOWN)
    retention = models.CharField(
        max_length=12, choices=Retention.choices(), default=Retention.UNKNOWN
    )
    retention_days = models.PositiveIntegerField(null=True, blank=True)
    zdr = models.CharField(
        "zero data retention", max_length=16, choices=ZDR.choices(), default=ZDR.UNKNOWN
    )
    policy_basis = models.CharField(max_length=20, choices=PolicyBasis.choices(), blank=True)
    policy_note = models.TextField(blank=True)
    policy_exceptions = models.TextField(blank=True)
    policy_url = models.URLField(max_length=500, blank=True)
    policy_checked_on = PartialDateField()

    class Meta:
        abstract = True


POLICY_COLUMNS = tuple(field.name for field in DataPolicy._meta.local_fields)


def policy_check() -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(retention="days", retention_days__isnull=False)
        | (~Q(retention="days") & Q(retention_days__isnull=True)),
        name="%(class)s_days_are_counted",
    )
