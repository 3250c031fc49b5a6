from django.conf import settings
from django.db import migrations, models

_STATES = [
    ("running", "running"),
    ("done", "done"),
    ("unchanged", "unchanged"),
    ("failed", "failed"),
    ("held", "held for an editor"),
    ("superseded", "held, then replaced by a newer answer"),
    ("accepted", "accepted by an editor"),
    ("rejected", "rejected by an editor"),
    ("rolled_back", "rolled back by an editor"),
]
# Before this version a refresh was done, or had an error.
_STATE = """
UPDATE sources_refresh
SET state = CASE WHEN error <> '' THEN 'failed' WHEN finished_at IS NULL THEN 'running'
                 ELSE 'done' END
"""


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("sources", "0005_applied_rules"),
    ]

    operations = [
        migrations.AddField(
            model_name="refresh",
            name="state",
            field=models.CharField(choices=_STATES, default="running", max_length=12),
        ),
        migrations.AddField(
            model_name="refresh",
            name="difference",
            field=models.JSONField(default=dict, editable=False),
        ),
        migrations.AddField(
            model_name="refresh",
            name="content",
            field=models.CharField(blank=True, editable=False, max_length=32, default=""),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="refresh",
            name="reviewed_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="refresh",
            name="reviewed_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="refresh",
            name="why",
            field=models.CharField(
                blank=True, max_length=500, verbose_name="reason of the review", default=""
            ),
            preserve_default=False,
        ),
        migrations.RunSQL(_STATE, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="refresh",
            index=models.Index(
                "source",
                "state",
                condition=models.Q(("content", ""), _negated=True),
                name="refresh_reviewed",
            ),
        ),
        migrations.AddConstraint(
            model_name="refresh",
            constraint=models.UniqueConstraint(
                "source",
                condition=models.Q(("state", "held")),
                name="one_held_refresh_a_source",
            ),
        ),
    ]
