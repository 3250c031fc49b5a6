from django.db import migrations
from django.db.models import Q
from django.utils import timezone

WHY = "Set before reasons for a successor were kept."


def keep_as_overrides(apps, schema_editor):
    """An editor's successor had no override, so that it could not be withdrawn."""
    editor = apps.get_model("auth", "User").objects.filter(is_staff=True).order_by("id").first()
    if editor is None:
        return
    override = apps.get_model("catalog", "Override")
    by_editor = Q(provenance__successor__0="editor")
    unsourced = Q(provenance__successor__isnull=True, successor__isnull=False)
    models = apps.get_model("catalog", "Model").objects.filter(by_editor | unsourced)
    for model in models.select_related("successor"):
        slug = model.successor.slug if model.successor else None
        override.objects.create(
            model=model, field="successor", value=slug, by=editor, why=WHY, at=timezone.now()
        )


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("catalog", "0015_derived_from"),
    ]
    operations = [migrations.RunPython(keep_as_overrides, migrations.RunPython.noop)]
