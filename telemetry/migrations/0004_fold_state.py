from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("telemetry", "0003_calls_and_rollups"),
    ]

    operations = [
        migrations.CreateModel(
            name="CumulativePoint",
            fields=[
                ("digest", models.BinaryField(primary_key=True, serialize=False)),
                ("started", models.BigIntegerField()),
                ("at", models.FloatField()),
                ("count", models.BigIntegerField()),
                ("sum", models.FloatField()),
                ("scale", models.SmallIntegerField(null=True)),
                ("histogram", models.BinaryField(null=True)),
                ("renewed_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="FoldState",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("named_version", models.CharField(blank=True, db_default="", max_length=100)),
                ("dropped_series", models.BigIntegerField(db_default=0)),
                ("dropped_calls", models.BigIntegerField(db_default=0)),
                ("dropped_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.RunSQL("INSERT INTO telemetry_foldstate DEFAULT VALUES", migrations.RunSQL.noop),
        # Packed numbers hardly compress, and live for seconds.
        migrations.RunSQL(
            "ALTER TABLE telemetry_inboxrow ALTER COLUMN packed SET STORAGE EXTERNAL",
            migrations.RunSQL.noop,
        ),
    ]
