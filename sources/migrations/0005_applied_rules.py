from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def note_older_rules(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    """What the catalog holds by now was decided by older rules."""
    if apps.get_model("catalog", "Endpoint").objects.exists():
        for name in ("links", "winners"):
            apps.get_model("sources", "AppliedRules").objects.create(name=name, fingerprint="")


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0009_fetched_at"),
        ("sources", "0004_rules_list_no_endpoints"),
    ]

    operations = [
        migrations.CreateModel(
            name="AppliedRules",
            fields=[
                ("name", models.CharField(max_length=20, primary_key=True, serialize=False)),
                ("fingerprint", models.CharField(max_length=32)),
            ],
            options={"verbose_name_plural": "applied rules"},
        ),
        migrations.RunPython(note_older_rules, migrations.RunPython.noop),
    ]
