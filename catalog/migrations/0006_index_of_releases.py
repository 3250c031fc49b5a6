from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0005_first_providers"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="model",
            name="model_by_release",
        ),
        migrations.AddIndex(
            model_name="model",
            index=models.Index(
                condition=models.Q(("provider_count__gt", 0)),
                fields=["-released", "slug"],
                include=("id",),
                name="model_by_latest",
            ),
        ),
    ]
