from django.db import migrations

EDITOR = 4

CAPABILITIES = [
    (
        "file-input",
        "File input",
        "Reads files such as PDF documents that are sent with the prompt.",
    ),
    ("reasoning", "Reasoning", "Thinks before it answers; the thinking is billed as output."),
    ("tool-use", "Tool use", "Calls functions that you describe to it."),
    ("vision", "Vision", "Reads images that are sent with the prompt."),
    (
        "implicit-caching",
        "Implicit caching",
        "Repeated prompt beginnings cost less without being asked for.",
    ),
    (
        "explicit-caching",
        "Explicit caching",
        "Prompt parts that you mark are kept, and cost less when read again.",
    ),
    (
        "web-search",
        "Web search",
        "Searches the web by itself; searches are billed apart from tokens.",
    ),
    ("image-generation", "Image generation", "Makes images."),
    ("structured-output", "Structured output", "Answers in a JSON schema that you give."),
    ("audio-input", "Audio input", "Listens to audio that is sent with the prompt."),
    ("audio-output", "Audio output", "Answers in audio."),
    ("video-input", "Video input", "Watches video that is sent with the prompt."),
    ("video-generation", "Video generation", "Makes video."),
    ("computer-use", "Computer use", "Is trained to work a screen, a mouse and a keyboard."),
]


def seed(apps, schema_editor):
    capability = apps.get_model("catalog", "Capability")
    for position, (slug, name, explanation) in enumerate(CAPABILITIES, start=1):
        capability.objects.get_or_create(
            slug=slug, defaults={"name": name, "explanation": explanation, "position": position}
        )
    apps.get_model("catalog", "Source").objects.get_or_create(
        slug="editor", defaults={"name": "An editor", "trust": EDITOR}
    )


class Migration(migrations.Migration):
    dependencies = [("catalog", "0001_initial")]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
