from django.db import migrations

NAME, EXPLANATION = "URL context", "Reads the web pages whose addresses stand in the prompt."


def seed(apps, schema_editor):
    capability = apps.get_model("catalog", "Capability")
    last = capability.objects.order_by("-position").first()
    stated = {
        "name": NAME,
        "explanation": EXPLANATION,
        "position": last.position + 1 if last else 1,
    }
    capability.objects.get_or_create(slug="url-context", defaults=stated)


class Migration(migrations.Migration):
    dependencies = [("catalog", "0006_index_of_releases")]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
