from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0019_indexes_of_endpoints")]

    operations = [
        migrations.AddField(
            model_name="source",
            name="stated_at",
            field=models.DateTimeField("since when it states all this", null=True, blank=True),
        ),
        migrations.RunSQL("UPDATE catalog_source SET stated_at = as_of", migrations.RunSQL.noop),
    ]
