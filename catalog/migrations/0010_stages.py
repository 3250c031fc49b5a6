from django.db import migrations, models
from django.db.models import Q

import catalog.fields

# "active" was the default: it stays only where it is stated.
LISTED = """
UPDATE {table} SET lifecycle = 'listed'
WHERE lifecycle = 'active' AND NOT provenance ? 'lifecycle'
"""
# Since when each endpoint is listed, as find_listed_since() keeps it.
SINCE = """
UPDATE catalog_endpoint endpoint SET listed_since = listed.day
FROM (
    SELECT endpoint_id, to_char(
        min(least(stated_at, (SELECT min(day::timestamptz) FROM jsonb_each_text(since) _ (f, day))))
        AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day
    FROM catalog_endpointclaims WHERE NOT by_pattern GROUP BY endpoint_id
) listed
WHERE endpoint.id = listed.endpoint_id;
UPDATE catalog_model model SET listed_since = listed.day
FROM (
    SELECT model_id, min(listed_since) AS day FROM catalog_endpoint
    WHERE listed_since <> '' GROUP BY model_id
) listed
WHERE model.id = listed.model_id;
"""
# Until the endpoints say more, what was said of the model holds.
ENDS = "UPDATE catalog_model SET ends_on = retired_on WHERE retired_on <> ''"
STAGES = [
    ("announced", "Announced"),
    ("preview", "Preview"),
    ("listed", "Listed"),
    ("active", "Active"),
    ("deprecated", "Deprecated"),
    ("retired", "Retired"),
]
A_DATE = r"^(\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?)?$"


def day(model: str, name: str, *, editable: bool = True, help_text: str = "") -> list:
    field = catalog.fields.PartialDateField(
        blank=True,
        db_collation="C",
        default="",
        max_length=10,
        editable=editable,
        help_text=help_text,
    )
    check = models.CheckConstraint(
        condition=Q(**{f"{name}__regex": A_DATE}), name=f"{model}_{name}_is_a_date"
    )
    return [
        migrations.AddField(model_name=model, name=name, field=field),
        migrations.AddConstraint(model_name=model, constraint=check),
    ]


def stages(model: str) -> migrations.AlterField:
    return migrations.AlterField(
        model_name=model,
        name="lifecycle",
        field=models.CharField(choices=STAGES, default="listed", max_length=20),
    )


class Migration(migrations.Migration):
    dependencies = [("catalog", "0009_fetched_at")]

    operations = [
        *day("model", "ends_on", editable=False),
        *day("model", "listed_since", editable=False),
        *day(
            "endpoint",
            "retired_not_before",
            help_text="Until when the provider promises it, where no day of retirement is stated.",
        ),
        *day("endpoint", "listed_since", editable=False),
        migrations.AlterField(
            model_name="endpoint",
            name="retired_on",
            field=catalog.fields.PartialDateField(
                blank=True,
                db_collation="C",
                default="",
                help_text="The day on which the provider shuts it down.",
                max_length=10,
            ),
        ),
        stages("model"),
        stages("endpoint"),
        migrations.RemoveIndex(model_name="model", name="model_by_latest"),
        migrations.AddIndex(
            model_name="model",
            index=models.Index(
                fields=["-released", "slug"],
                condition=Q(provider_count__gt=0),
                include=("id", "lifecycle", "ends_on"),
                name="model_by_latest",
            ),
        ),
        # After every change of the tables, which waits for no deferred check.
        migrations.RunSQL(LISTED.format(table="catalog_model"), migrations.RunSQL.noop),
        migrations.RunSQL(LISTED.format(table="catalog_endpoint"), migrations.RunSQL.noop),
        migrations.RunSQL(SINCE, migrations.RunSQL.noop),
        migrations.RunSQL(ENDS, migrations.RunSQL.noop),
    ]
