import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0014_floating_ids")]

    operations = [
        migrations.AddField(
            model_name="model",
            name="derived_from",
            field=models.ForeignKey(
                blank=True,
                help_text="The base model of a fine-tune.",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="derived",
                to="catalog.model",
            ),
        ),
    ]
