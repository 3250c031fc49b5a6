from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("pricing", "0005_usage_log_seen"),
    ]

    operations = [
        migrations.AddField(
            model_name="rate",
            name="content_billed_as_input",
            field=models.BooleanField(
                blank=True,
                help_text="Of a search: whether the content that it finds is billed as input too. "
                "Unknown is not stated.",
                null=True,
            ),
        ),
    ]
