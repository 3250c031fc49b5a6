import pytest
from django.template import Context, Template, TemplateSyntaxError

from web.templatetags.kept import MOST_VALUES


def test_a_part_is_rendered_once_for_each_value_of_its_names():
    rendered = []

    class Counted:
        def __init__(self, name):
            self.name = name

        def __str__(self):
            rendered.append(self.name)
            return self.name

    template = Template("{% load kept %}{% kept by=on.name of=on %}{{ of }}{% endkept %}")
    first, second = Counted("a"), Counted("b")
    pages = [template.render(Context({"on": on})) for on in (first, second, first)]
    assert pages == ["a", "b", "a"]
    assert rendered == ["a", "b"]
    for n in range(MOST_VALUES):
        template.render(Context({"on": Counted(str(n))}))
    assert template.render(Context({"on": first})) == "a"


def test_a_part_sees_nothing_but_its_names():
    template = Template("{% load kept %}{% kept a=a %}{{ a }}{{ b }}{% endkept %}")
    assert template.render(Context({"a": "<", "b": "secret"})) == "&lt;"


def test_a_part_takes_names_with_values_only():
    with pytest.raises(TemplateSyntaxError):
        Template("{% load kept %}{% kept section %}{% endkept %}")
