"""Sign-in in a browser: passkeys of a virtual authenticator, and no page that the policy blocks."""

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import User
from environs import Env
from selenium.webdriver.common.by import By
from selenium.webdriver.common.virtual_authenticator import VirtualAuthenticatorOptions
from selenium.webdriver.support.ui import WebDriverWait

from config.sign_in import read_providers
from tests.accounts.issuer import serving_issuer

pytestmark = pytest.mark.django_db(transaction=True)

PAGES = (
    *("security/", "security/keys/", "security/keys/new/", "security/app/", "security/recovery/"),
    *("security/recovery/new/", "sessions/", "connections/", "confirm/", "security/confirm/"),
    *("security/keys/confirm/", "sign-up/", "inactive/", "cancelled/"),
)


@pytest.fixture
def address(live_server):
    """A name: browsers take passkeys for no number."""
    return live_server.url.replace("127.0.0.1", "localhost")


@pytest.fixture
def authenticator(browser):
    options = VirtualAuthenticatorOptions()
    options.has_resident_key = options.has_user_verification = options.is_user_verified = True
    options.transport = VirtualAuthenticatorOptions.Transport.INTERNAL.value
    browser.add_virtual_authenticator(options)
    yield
    browser.remove_virtual_authenticator()


@pytest.fixture
def ada():
    return User.objects.create_superuser("ada", "ada@example.com", "right")


def until(browser, path):
    WebDriverWait(browser, 20).until(lambda _: browser.current_url.partition("?")[0].endswith(path))


def sign_in(browser, address):
    browser.get(f"{address}/account/sign-in/")
    browser.find_element(By.ID, "id_username").send_keys("ada")
    browser.find_element(By.ID, "id_password").send_keys("right")
    browser.find_element(By.CSS_SELECTOR, "form.account .button").click()
    until(browser, "/account/")


def confirm(browser):
    until(browser, "/account/confirm/")
    browser.find_element(By.NAME, "password").send_keys("right")
    browser.find_element(By.CSS_SELECTOR, "main form .button").click()


def no_errors(browser):
    seen = [line["message"] for line in browser.get_log("browser") if line["level"] == "SEVERE"]
    assert not seen, (browser.current_url, seen)


def add_passkey(browser, address):
    browser.get(f"{address}/account/security/keys/new/")
    confirm(browser)
    until(browser, "/account/security/keys/new/")
    browser.find_element(By.ID, "id_passwordless").click()
    browser.find_element(By.ID, "mfa_webauthn_add").click()
    until(browser, "/account/security/recovery/")


def test_a_passkey_is_registered_and_signs_in(browser, address, authenticator, ada):
    sign_in(browser, address)
    add_passkey(browser, address)
    assert Authenticator.objects.get(type="webauthn").wrap().is_passwordless
    browser.find_element(By.CSS_SELECTOR, ".signed-in button").click()
    WebDriverWait(browser, 20).until(
        lambda _: not browser.find_elements(By.CLASS_NAME, "signed-in")
    )
    browser.get(f"{address}/account/sign-in/?next=/admin/")
    browser.find_element(By.ID, "passkey_login").click()
    until(browser, "/admin/")
    assert "What waits" in browser.page_source
    no_errors(browser)


def test_a_password_needs_the_passkey_after_it(browser, address, authenticator, ada):
    sign_in(browser, address)
    add_passkey(browser, address)
    browser.delete_all_cookies()
    browser.get(f"{address}/account/sign-in/")
    browser.find_element(By.ID, "id_username").send_keys("ada")
    browser.find_element(By.ID, "id_password").send_keys("right")
    browser.find_element(By.CSS_SELECTOR, "form.account .button").click()
    until(browser, "/account/security/code/")
    browser.find_element(By.ID, "mfa_webauthn_authenticate").click()
    until(browser, "/account/")
    no_errors(browser)


def test_a_browser_without_a_passkey_is_told_so(browser, address, ada):
    browser.get(f"{address}/account/sign-in/")
    browser.execute_script(
        "navigator.credentials.get = () => Promise.reject(new DOMException('', 'NotAllowedError'))"
    )
    browser.find_element(By.ID, "passkey_login").click()
    failed = browser.find_element(By.ID, "passkey-failed")
    WebDriverWait(browser, 30).until(lambda _: failed.is_displayed())
    assert "given no passkey" in failed.text


def test_no_page_breaks_the_policy(browser, address, authenticator, ada):
    browser.get(f"{address}/account/sign-in/")
    no_errors(browser)
    sign_in(browser, address)
    add_passkey(browser, address)
    for page in PAGES:
        browser.get(f"{address}/account/{page}")
        assert browser.find_element(By.TAG_NAME, "h1").text
        assert browser.find_elements(By.CLASS_NAME, "topbar"), page
        no_errors(browser)


def test_the_way_through_another_site_is_not_blocked(browser, address, settings, monkeypatch):
    monkeypatch.setenv("RATECARD_OIDC_CLIENT_ID", "ratecard")
    monkeypatch.setenv("RATECARD_OIDC_CLIENT_SECRET", "s3cret")
    with serving_issuer() as issuer:
        settings.SOCIALACCOUNT_PROVIDERS = read_providers(Env(), issuer.address, "")
        settings.SIGNUP_DOMAINS = ["example.com"]
        issuer.person = {"sub": "1", "email": "eve@example.com", "email_verified": True}
        browser.get(f"{address}/account/sign-in/?next=/providers/")
        browser.find_element(By.XPATH, "//button[contains(., 'Continue with')]").click()
        until(browser, "/providers/")
    assert User.objects.get().email == "eve@example.com"
    no_errors(browser)
