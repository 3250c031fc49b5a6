"""Odd ids, filters, fields, choices and bodies in the admin: never an error of the server."""

from typing import Any
from urllib.parse import quote

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client

from catalog.models import Creator, Provider
from tests.factories import make_endpoint, make_model, make_rate
from tests.web.conftest import plain_static_files, static_folder  # noqa: F401

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings(
        "ignore:The default scheme:django.utils.deprecation.RemovedInDjango60Warning"
    ),
]

VALUES = ("", "\0", "\u202e", "9" * 400, "9223372036854775808", "1 OR 1=1", "False", "1,2", "{}")
PARAMETERS = (
    *("q", "p", "o", "all", "e", "_to_field", "_popup", "_changelist_filters", "id", "id__in"),
    *("id__range", "pk", "id__isnull", "id__year", "id__date", "id__regex", "nothing", "id__id"),
)


@pytest.fixture
def client() -> Client:
    make_rate(make_endpoint(make_model()))
    client = Client(raise_request_exception=False)
    client.force_login(User.objects.create_superuser("ada"))
    return client


PLACES = sorted(
    f"/admin/{table._meta.app_label}/{table._meta.model_name}/" for table in admin.site._registry
)


@pytest.mark.parametrize("place", PLACES)
def test_no_id_or_parameter_is_an_error_of_the_server(place: str, client: Client) -> None:
    for value in VALUES:
        for page in ("change", "delete", "history"):
            response = client.get(f"{place}{quote(value)}/{page}/")
            assert response.status_code < 500, (page, value)
    for n, name in enumerate(PARAMETERS):
        for value in VALUES[n % 3 :: 3]:
            response = client.get(place, {name: value})
            assert response.status_code < 500, (name, value)


@pytest.mark.parametrize(
    ("address", "parameters"),
    [
        ("/admin/auth/group/", {"name__range": "False"}),
        ("/admin/catalog/provider/", {"name__regex": "("}),
        ("/admin/catalog/provider/", {"name__range": "w"}),
        ("/admin/catalog/provider/", {"creator__isnull": "maybe"}),
        ("/admin/catalog/provider/1/change/", {"_to_field": "claims"}),
        ("/admin/catalog/provider/1/change/", {"_to_field": ""}),
        ("/admin/catalog/provider/", {"q": "\ud800".encode("utf-8", "surrogatepass")}),
        ("/admin/autocomplete/", {"app_label": "catalog", "model_name": "x", "field_name": "y"}),
        ("/admin/autocomplete/", {"term": "\0"}),
        ("/admin/r/1/x/", {}),
        ("/admin/r/999/1/", {}),
    ],
)
def test_no_address_of_a_fuzzer_is_an_error_of_the_server(
    address: str, parameters: dict[str, Any], client: Client
) -> None:
    assert client.get(address, parameters).status_code < 500


@pytest.mark.parametrize("value", VALUES)
def test_no_posted_value_is_an_error_of_the_server(value: str, client: Client) -> None:
    fields = ("creator", "provider", "model", "endpoint", "terms", "amount", "slug", "name", "why")
    for place in PLACES:
        for address in (f"{place}add/", f"{place}1/change/"):
            response = client.post(address, dict.fromkeys(fields, value))
            assert response.status_code < 500, address
        for action in ("delete_selected", "publish", "withdraw_selected"):
            chosen = {"action": action, "_selected_action": value, "index": value}
            assert client.post(place, chosen).status_code < 500, (place, action)


@pytest.mark.parametrize(
    "kind",
    [
        "application/x-www-form-urlencoded; charset=utf-16",
        "application/x-www-form-urlencoded; charset=no-such",
        "multipart/form-data",
        "application/json",
    ],
)
def test_no_body_is_an_error_of_the_server(kind: str, client: Client) -> None:
    for body in (b"\xff\xfe\0" * 9, b"a=1", b""):
        response = client.generic("POST", "/admin/catalog/provider/add/", body, content_type=kind)
        assert response.status_code < 500


def test_an_odd_request_says_so_and_changes_nothing(client: Client) -> None:
    provider = Provider.objects.get()
    address = f"/admin/catalog/provider/{provider.id}/change/"
    response = client.post(f"{address}?q=\0", {"name": "Other", "why": "typed"})
    assert response.status_code == 400
    assert response.content.decode().startswith("This request does not read")
    response = client.post(address, {"name": "Other\0", "why": "typed"})
    assert "Null characters are not allowed." in response.content.decode()
    response = client.post(address, {"name": "Other", "kind": "nope", "creator": "\u202e"})
    assert response.status_code == 400
    assert Provider.objects.get().name == provider.name


def test_a_failure_of_a_save_stays_an_error(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: Any, **options: Any) -> None:
        raise RuntimeError("a defect")

    monkeypatch.setattr(Creator, "save", fail)
    response = client.post("/admin/catalog/creator/add/", {"slug": "acme", "name": "Acme"})
    assert response.status_code == 500


@pytest.mark.parametrize(("length", "status"), [(4_000, 200), (4_001, 400)])
def test_a_query_that_every_link_of_a_list_would_repeat_is_refused(
    length: int, status: int, client: Client
) -> None:
    query = "q=".ljust(length, "a")
    assert client.get(f"/admin/catalog/provider/?{query}").status_code == status
