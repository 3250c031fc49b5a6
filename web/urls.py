from django.conf import settings
from django.urls import include, path, register_converter
from django.urls.converters import StringConverter
from django.views.generic import RedirectView

from web.views import (
    account,
    changes,
    chat,
    choices,
    compare,
    coverage,
    creators,
    edit_link,
    estimate,
    explore,
    health,
    live,
    logos,
    models,
    otlp,
    pasted,
    playground,
    providers,
    robots,
    sources,
    spending,
    suggest,
    teams,
    usage,
)
from web.views import model as model_page
from web.views.errors import read_only

ICON = f"{settings.STATIC_URL}favicon.svg"


class SpellingConverter(StringConverter):
    """A possible id of a model: no id holds control characters, and PostgreSQL takes no NUL."""

    regex = r"[^\x00-\x1f\x7f]+"


class PartConverter(StringConverter):
    """A spelling up to a slash."""

    regex = r"[^/\x00-\x1f\x7f]+"


register_converter(SpellingConverter, "spelling")
register_converter(PartConverter, "part")

urlpatterns = [
    path("", models.model_list, name="home"),
    path("models/", models.model_list, name="models"),
    path("models.csv", models.models_csv, name="models_csv"),
    path("models/<part:creator>/<part:name>/", model_page.model_page, name="model"),
    path(
        "models/<part:creator>/<part:name>/providers.csv",
        model_page.providers_csv,
        name="providers_csv",
    ),
    path(
        "models/<part:creator>/<part:name>/endpoints/<part:provider>/",
        model_page.endpoint_page,
        name="endpoint",
    ),
    path("models/<spelling:spelling>/", models.model_by_spelling, name="spelling"),
    path("providers/", providers.provider_list, name="providers"),
    path("providers/<part:slug>/", providers.provider_page, name="provider"),
    path("creators/", read_only(RedirectView.as_view(pattern_name="models"))),
    path("creators/<part:slug>/", creators.creator_page, name="creator"),
    path("playground/", playground.playground, name="playground"),
    path("playground/form/", playground.form, name="playground_form"),
    path("playground/most/", playground.most, name="playground_most"),
    path("live/", live.live_figures, name="live"),
    path("estimate/", estimate.estimate_page, name="estimate"),
    path("estimate/usage/", usage.usage_upload, name="usage"),
    path("estimate/usage/<slug:token>/", usage.usage_log, name="usage_log"),
    path("estimate/usage/<slug:token>/cancel/", usage.usage_cancel, name="usage_cancel"),
    path("estimate/usage/<slug:token>/owners.csv", usage.usage_owners, name="usage_owners"),
    path("estimate/usage/<slug:token>/result.json", usage.usage_json, name="usage_json"),
    path("estimate.csv", estimate.estimate_file, name="estimate_csv"),
    path("estimate/prompt/", pasted.prompt, name="paste_prompt"),
    path("estimate/usage-json/", pasted.usage_json, name="paste_usage"),
    path("compare/", compare.compare, name="compare"),
    path("changes/", changes.changes, name="changes"),
    path("changes/feed.atom", changes.changes_atom, name="changes_atom"),
    path("changes/feed.json", changes.changes_json, name="changes_json"),
    path("choices/creators/", choices.creator_choices, name="creator_choices"),
    path("choices/providers/", choices.provider_choices, name="provider_choices"),
    path("explore/", explore.explore, name="explore"),
    path("explore.svg", explore.explore_svg, name="explore_svg"),
    path("coverage/", coverage.coverage, name="coverage"),
    path("sources/", sources.sources, name="sources"),
    path("suggest/", suggest.suggest, name="suggest"),
    path("coverage.csv", coverage.coverage_file, name="coverage_csv"),
    path("logos/<slug:digest>.svg", logos.logos, name="logos"),
    path("sitemap.xml", robots.sitemap, name="sitemap"),
    path("sitemap-<slug:section>.xml", robots.sitemap_part, name="sitemap_part"),
    path("robots.txt", robots.robots, name="robots"),
    # Asked for by browsers on pages that name no icon, such as the admin's.
    path("favicon.ico", read_only(RedirectView.as_view(url=ICON, permanent=True))),
    path("account/", include("web.sign_in_urls")),
    path("account/", spending.account, name="account"),
    path("account/spending.csv", spending.spending_file, name="spending_csv"),
    path("account/keys/", spending.new_key, name="new_key"),
    path("account/keys/<int:id_>/revoke/", spending.end_key, name="revoke_key"),
    path("account/teams/<slug:slug>/", teams.team, name="team"),
    path("account/teams/<slug:slug>/invitations/", teams.invite_member, name="invite_member"),
    path("account/teams/<slug:slug>/keys/", teams.new_team_key, name="new_team_key"),
    path(
        "account/teams/<slug:slug>/keys/<int:id_>/revoke/",
        teams.end_team_key,
        name="revoke_team_key",
    ),
    path("account/teams/<slug:slug>/members/<int:id_>/", teams.change_member, name="member"),
    path(
        "account/teams/<slug:slug>/members/<int:id_>/remove/",
        teams.remove_member,
        name="remove_member",
    ),
    path("account/prices/", account.agreed, name="agreed"),
    path("edit-link/", edit_link.edit_link, name="edit_link"),
    path("v1/chat/completions", chat.chat_completions, name="chat_completions"),
    path("v1/models", chat.served_models, name="served_models"),
    # Some exporters are configured with a slash at the end.
    path("v1/traces", otlp.traces, name="otlp_traces"),
    path("v1/traces/", otlp.traces),
    path("v1/metrics", otlp.metrics, name="otlp_metrics"),
    path("v1/metrics/", otlp.metrics),
    path("v1/logs", otlp.logs, name="otlp_logs"),
    path("v1/logs/", otlp.logs),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
