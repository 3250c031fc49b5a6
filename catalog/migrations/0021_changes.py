import django.db.models.deletion
from django.db import migrations, models

from catalog.version import note_writes


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0020_stated_at"),
    ]

    operations = [
        migrations.CreateModel(
            name="Change",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("model", "new model"),
                            ("endpoint", "availability"),
                            ("lifecycle", "lifecycle"),
                            ("limit", "limit"),
                            ("capability", "capability"),
                            ("policy", "data policy"),
                        ],
                        max_length=12,
                    ),
                ),
                ("field", models.CharField(blank=True, max_length=60)),
                ("before", models.JSONField(blank=True, null=True)),
                ("after", models.JSONField(blank=True, null=True)),
                ("correction", models.BooleanField(default=False)),
                ("withdrawn", models.BooleanField(default=False)),
                (
                    "endpoint",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="changes",
                        to="catalog.endpoint",
                    ),
                ),
                (
                    "model",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="changes",
                        to="catalog.model",
                    ),
                ),
                (
                    "provider",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="changes",
                        to="catalog.provider",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.source",
                    ),
                ),
            ],
            options={
                "ordering": ("-at", "-id"),
                "indexes": [
                    models.Index(models.F("source"), models.F("at"), name="change_by_refresh")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("endpoint__isnull", True),
                                ("model__isnull", False),
                                ("provider__isnull", True),
                            ),
                            models.Q(
                                ("endpoint__isnull", False),
                                ("model__isnull", True),
                                ("provider__isnull", True),
                            ),
                            models.Q(
                                ("endpoint__isnull", True),
                                ("model__isnull", True),
                                ("provider__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="change_is_of_one_thing",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                ["model", "endpoint", "lifecycle", "limit", "capability", "policy"],
                            )
                        ),
                        name="change_kind_is_known",
                    ),
                ],
            },
        ),
        note_writes("catalog_change"),
    ]
