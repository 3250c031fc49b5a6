from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sources", "0008_kept_rules")]

    operations = [
        migrations.AddField(
            model_name="keptanswer",
            name="states",
            field=models.CharField(blank=True, max_length=64),
        ),
    ]
