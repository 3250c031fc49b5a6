from django.db import migrations, models
from django.db.models import Q

# As catalog.matching.floating has it.
FLOATING = r"""
UPDATE catalog_endpoint SET floating = true
WHERE upstream_id ~* '^~|(^|[-_.:@/])latest([-:@][^/]*)?$';
UPDATE catalog_model model SET floating = true
FROM (
    SELECT model_id FROM catalog_endpoint GROUP BY model_id HAVING bool_and(floating)
) alone
WHERE alone.model_id = model.id;
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0013_model_claims")]

    operations = [
        migrations.AddField(
            model_name="model",
            name="floating",
            field=models.BooleanField(default=False, editable=False),
        ),
        migrations.AddField(
            model_name="endpoint",
            name="floating",
            field=models.BooleanField(
                default=False, help_text="Its provider changes to which model the id leads."
            ),
        ),
        migrations.RemoveIndex(model_name="model", name="model_by_latest"),
        migrations.AddIndex(
            model_name="model",
            index=models.Index(
                condition=Q(provider_count__gt=0),
                fields=["-released", "slug"],
                include=("id", "lifecycle", "ends_on", "floating"),
                name="model_by_latest",
            ),
        ),
        migrations.RunSQL(FLOATING, migrations.RunSQL.noop),
    ]
