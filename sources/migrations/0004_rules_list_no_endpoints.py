"""Take away the endpoints that only a matching rule of genai-prices stated.

Such a rule lists no endpoint: its prices belong to endpoints that a source lists. What an editor
has touched stays. The next refresh or the next start renews lowest prices and search texts.
"""

from django.db import migrations
from django.db.models import Exists, OuterRef, Q


def take_away(apps, schema_editor):
    claims = apps.get_model("catalog", "EndpointClaims").objects
    claims.filter(source__slug="genai-prices").update(by_rule=True)
    endpoints = apps.get_model("catalog", "Endpoint").objects
    overrides = apps.get_model("catalog", "Override").objects
    relinks = apps.get_model("catalog", "Relink").objects
    rates = apps.get_model("pricing", "Rate").objects
    additions = apps.get_model("admin", "LogEntry").objects.filter(
        content_type__app_label="catalog", content_type__model="endpoint", action_flag=1
    )
    added = [int(text) for text in additions.values_list("object_id", flat=True) if text]
    own = OuterRef("pk")
    only_ruled = endpoints.filter(
        Exists(claims.filter(endpoint=own)),
        ~Exists(claims.filter(endpoint=own, by_rule=False)),
        ~Exists(overrides.filter(endpoint=own)),
        ~Exists(relinks.filter(endpoint=own)),
        ~Exists(rates.filter(endpoint=own, source__slug="editor")),
    ).exclude(Q(linked_by="editor") | Q(id__in=added))
    models = apps.get_model("catalog", "Model").objects
    touched = set(only_ruled.values_list("model_id", flat=True))
    only_ruled.delete()
    texts = ("choosing", "best_for", "alternatives", "faq", "about")
    models.filter(
        ~Exists(endpoints.filter(model=own)),
        ~Exists(overrides.filter(model=own)),
        ~Exists(relinks.filter(Q(from_model=own) | Q(to_model=own))),
        ~Exists(apps.get_model("catalog", "Alias").objects.filter(model=own)),
        id__in=touched,
        **dict.fromkeys(texts, ""),
    ).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("admin", "0003_logentry_add_action_flag_choices"),
        ("catalog", "0011_curated_facts"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("pricing", "0008_written"),
        ("sources", "0003_clock_off"),
    ]

    operations = [migrations.RunPython(take_away, migrations.RunPython.noop)]
