import django.db.models.deletion
from django.db import migrations, models

from catalog.version import note_writes


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0012_ratings"),
    ]

    operations = [
        migrations.CreateModel(
            name="ModelClaims",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("facts", models.JSONField(default=dict)),
                ("evidence", models.JSONField(default=dict)),
                ("since", models.JSONField(default=dict)),
                ("stated_at", models.DateTimeField()),
                ("missing_since", models.DateTimeField(blank=True, null=True)),
                ("digest", models.BinaryField(max_length=16)),
                (
                    "model",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="claims",
                        to="catalog.model",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="catalog.source"
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "model claims",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("model", "source"), name="one_claims_row_a_model"
                    )
                ],
            },
        ),
        note_writes("catalog_modelclaims"),
    ]
