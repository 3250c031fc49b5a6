from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def adopt_content_type(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Keep the content type, and so the permissions that were granted on usage logs."""
    _move_content_type(apps, "pricing", "usage")


def return_content_type(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    _move_content_type(apps, "usage", "pricing")


def _move_content_type(apps: Apps, old: str, new: str) -> None:
    content_types = apps.get_model("contenttypes", "ContentType").objects
    content_types.filter(app_label=old, model="usagelog").update(app_label=new)


class Migration(migrations.Migration):
    """The table exists: `pricing` made it and renamed it."""

    initial = True

    dependencies = [
        ("contenttypes", "0002_remove_content_type_name"),
        ("pricing", "0007_usage_logs_leave"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name="UsageLog",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("digest", models.CharField(editable=False, max_length=64, unique=True)),
                        ("name", models.CharField(max_length=200)),
                        ("size", models.PositiveBigIntegerField()),
                        ("path", models.CharField(max_length=500)),
                        ("columns", models.JSONField(default=dict)),
                        ("options", models.JSONField(default=dict)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("uploaded", "Uploaded"),
                                    ("queued", "Queued"),
                                    ("running", "Running"),
                                    ("done", "Done"),
                                    ("failed", "Failed"),
                                    ("cancelled", "Cancelled"),
                                ],
                                default="uploaded",
                                max_length=10,
                            ),
                        ),
                        ("progress", models.FloatField(default=0)),
                        ("result", models.JSONField(null=True)),
                        ("error", models.TextField(blank=True)),
                        ("created_at", models.DateTimeField()),
                        ("expires_at", models.DateTimeField()),
                        ("seen_at", models.DateTimeField(null=True)),
                    ],
                    options={
                        "indexes": [models.Index(models.F("expires_at"), name="usage_log_expires")],
                    },
                ),
            ],
        ),
        migrations.RunPython(adopt_content_type, return_content_type),
    ]
