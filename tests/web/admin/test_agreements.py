"""Agreed prices in the admin: terms as fields, one reason, no overlap."""

from decimal import Decimal

import pytest
from django.contrib.auth.models import Group, User

from agreements.models import PrivateRate
from tests.factories import make_model, sell

pytestmark = pytest.mark.django_db

ADD = "/admin/agreements/privaterate/add/"


@pytest.fixture
def editor(client):
    user = User.objects.create_user("edith", password="a long pass phrase", is_staff=True)
    user.groups.add(Group.objects.get(name="Editor"))
    client.force_login(user)
    return user


@pytest.fixture
def endpoint(db):
    return sell(make_model(), input="1.10", output="4.40")


def fields(sold, **more):
    stated = {
        "endpoint": sold.id,
        "meter": "input",
        "state": "priced",
        "amount": "0.7",
        "currency": "USD",
        "why": "Contract 12",
    }
    return {**stated, **more}


def test_an_editor_states_an_agreed_price_with_terms(client, editor, endpoint):
    more = {
        "tier": "batch",
        "band": "200000",
        "operator": "gte",
        "applies": "whole_request",
        "windows": "01:00-04:00, 06:00-10:00",
        "weekdays": ["1", "2"],
        "timezone": "Asia/Shanghai",
        "options": "size=1024x1024",
    }
    assert client.post(ADD, fields(endpoint, **more)).status_code == 302
    rate = PrivateRate.objects.get()
    assert (rate.amount, rate.by, rate.why) == (Decimal("0.7"), editor, "Contract 12")
    assert rate.terms["tier"] == "batch"
    assert rate.terms["band"]["operator"] == "gte"
    assert rate.terms["schedules"][0]["weekdays"] == [1, 2]
    assert rate.terms["options"] == {"size": "1024x1024"}
    # The form shows what it took.
    page = client.get(f"/admin/agreements/privaterate/{rate.id}/change/").content.decode()
    assert 'value="01:00-04:00, 06:00-10:00"' in page
    assert 'value="200000"' in page


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"windows": "1 to 4"}, "Hours are written as 01:00-04:00"),
        ({"weekdays": ["1"]}, "Days go with hours"),
        ({"options": "large"}, "written as name=value"),
        ({"amount": "0"}, "A price is above zero"),
        ({"amount": "1e13"}, "no more than 12 digits before the decimal point"),
        ({"endpoint": ""}, "Choose one endpoint"),
        ({"why": ""}, "This field is required"),
    ],
)
def test_what_does_not_read_is_told(client, editor, endpoint, more, sentence):
    response = client.post(ADD, fields(endpoint, **more))
    assert response.status_code == 200
    assert sentence in response.content.decode()
    assert not PrivateRate.objects.exists()


def test_a_second_price_for_the_same_time_is_told(client, editor, endpoint):
    client.post(ADD, fields(endpoint))
    response = client.post(ADD, fields(endpoint, amount="0.6"))
    assert "Another agreed price of this meter holds in that time" in response.content.decode()
    assert PrivateRate.objects.count() == 1


def test_roles_have_their_permissions(db):
    roles = {group.name: group for group in Group.objects.all()}
    allowed = {
        name: set(role.permissions.values_list("codename", flat=True))
        for name, role in roles.items()
    }
    assert allowed["Viewer"] == {
        *("view_privateprovider", "view_privateendpoint", "view_privaterate"),
    }
    assert {"change_rate", "add_alias", "change_privaterate"} <= allowed["Editor"]
    assert "add_user" not in allowed["Editor"]
    assert allowed["Editor"] < allowed["Administrator"]
    assert "add_user" in allowed["Administrator"]
