import django.db.models.deletion
from django.db import migrations, models

# As find_lowest() keeps them.
FILL = """
INSERT INTO pricing_lowestofall (model_id, meter, state, amount, endpoint_id)
SELECT DISTINCT ON (endpoint.model_id, rate.meter)
       endpoint.model_id, rate.meter, rate.state, rate.amount, rate.endpoint_id
FROM pricing_rate rate
JOIN catalog_endpoint endpoint ON endpoint.id = rate.endpoint_id
JOIN catalog_provider provider ON provider.id = endpoint.provider_id
WHERE rate.terms = '{}' AND rate.currency = 'USD' AND NOT rate.held
  AND (rate.valid_from IS NULL OR rate.valid_from <= now())
  AND (rate.valid_to IS NULL OR rate.valid_to > now())
  AND NOT string_to_array(endpoint.variant, ',') && ARRAY['batch', 'flex']
ORDER BY endpoint.model_id, rate.meter,
         endpoint.missing_since IS NOT NULL
             OR endpoint.lifecycle = 'retired'
             OR endpoint.retired_on <> '' AND endpoint.retired_on <= to_char(now(), 'YYYY-MM-DD'),
         array_position(ARRAY['free', 'included', 'priced', 'dynamic', 'unknown', 'not_offered'],
                        rate.state::text),
         rate.amount,
         array_position(ARRAY['first-party', 'cloud', 'inference-host'], provider.kind::text) NULLS LAST,
         provider.slug, endpoint.upstream_id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0005_first_providers"),
        ("pricing", "0002_priced_means_an_amount"),
    ]

    operations = [
        migrations.CreateModel(
            name="LowestOfAll",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("meter", models.CharField(max_length=40)),
                ("state", models.CharField(max_length=12)),
                ("amount", models.DecimalField(decimal_places=12, max_digits=24, null=True)),
                (
                    "endpoint",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="catalog.endpoint",
                    ),
                ),
                (
                    "model",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="catalog.model",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("model", "meter"), name="one_lowest_of_all_a_meter"
                    )
                ],
            },
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
