from django.db import migrations, models

# As summarise_models() keeps it.
FILL = """
WITH placed AS (
    SELECT served.model_id, provider.slug, provider.name,
           row_number() OVER (
               PARTITION BY served.model_id
               ORDER BY provider.kind NOT IN ('first-party', 'cloud', 'inference-host'),
                        provider.kind <> 'first-party', lower(provider.name), provider.slug
           ) AS place
    FROM (SELECT DISTINCT model_id, provider_id FROM catalog_endpoint) served
    JOIN catalog_provider provider ON provider.id = served.provider_id
), first AS (
    SELECT model_id, jsonb_agg(jsonb_build_array(slug, name) ORDER BY place) AS providers
    FROM placed WHERE place <= 3 GROUP BY model_id
)
UPDATE catalog_model model SET first_providers = first.providers FROM first WHERE first.model_id = model.id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0004_list_order"),
    ]

    operations = [
        migrations.AddField(
            model_name="model",
            name="first_providers",
            field=models.JSONField(default=list, editable=False),
        ),
        migrations.AddIndex(
            model_name="endpoint",
            index=models.Index(
                models.F("model"), condition=models.Q(("zdr", "default")), name="endpoint_with_zdr"
            ),
        ),
        migrations.AddIndex(
            model_name="endpoint",
            index=models.Index(
                models.F("model"),
                condition=models.Q(("training__in", ("no", "opt_in"))),
                name="endpoint_without_training",
            ),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
