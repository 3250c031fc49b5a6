"""Parts of a page that depend on a few values alone: each is rendered once and kept."""

from collections.abc import Hashable, Mapping

from django import template
from django.template.base import FilterExpression, Parser, Token, token_kwargs
from django.template.context import Context
from django.utils.safestring import SafeString

register = template.Library()
MOST_VALUES = 32


@register.tag
def kept(parser: Parser, token: Token) -> "KeptPart":
    """`{% kept section=section %}…{% endkept %}`: what is within sees these names and no other."""
    words = token.split_contents()[1:]
    names = token_kwargs(words, parser)
    if words:
        raise template.TemplateSyntaxError(f"kept takes name=value, not {' '.join(words)}")
    nodes = parser.parse(("endkept",))
    parser.delete_first_token()
    return KeptPart(names, nodes)


class KeptPart(template.Node):
    def __init__(self, names: Mapping[str, FilterExpression], nodelist: template.NodeList) -> None:
        self.names = names
        self.nodelist = nodelist
        self._rendered: dict[tuple[Hashable, ...], SafeString] = {}

    def render(self, context: Context) -> SafeString:
        values = {name: expression.resolve(context) for name, expression in self.names.items()}
        key = tuple(values.values())
        html = self._rendered.get(key)
        if html is None:
            if len(self._rendered) >= MOST_VALUES:
                self._rendered.clear()
            html = self._rendered[key] = self.nodelist.render(context.new(values))
        return html
