"""Addresses below /account/ that sign in and out. Of allauth's pages, those that are wanted."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from allauth.socialaccount import views as socialaccount
from allauth.usersessions import views as usersessions
from django.urls import path

from web.views.invitation import invitation
from web.views.sign_in import (
    SignIn,
    SignOut,
    private,
    provider_callback,
    provider_sign_in,
    sign_up,
)

SIGN_IN, SIGN_OUT = private(SignIn.as_view()), private(SignOut.as_view())

urlpatterns = [
    path("sign-in/", SIGN_IN, name="sign_in"),
    path("sign-out/", SIGN_OUT, name="sign_out"),
    # The names that allauth knows them by.
    path("sign-in/", SIGN_IN, name="account_login"),
    path("sign-out/", SIGN_OUT, name="account_logout"),
    path("sign-up/", sign_up, name="account_signup"),
    path("sign-up/", sign_up, name="socialaccount_signup"),
    path("invitation/<str:secret>/", private(invitation), name="invitation"),
    path("inactive/", private(account.account_inactive), name="account_inactive"),
    path("confirm/", private(account.reauthenticate), name="account_reauthenticate"),
    # Providers; their addresses to come back to are registered with them.
    *(
        path(f"by/{provider}/", private(provider_sign_in), names, name=f"{provider}_login")
        for provider, names in (
            ("github", {"provider_id": "github"}),
            ("google", {"provider_id": "google"}),
        )
    ),
    *(
        path(f"by/{provider}/back/", private(provider_callback), names, name=f"{provider}_callback")
        for provider, names in (
            ("github", {"provider_id": "github"}),
            ("google", {"provider_id": "google"}),
        )
    ),
    path("by/<slug:provider_id>/", private(provider_sign_in), name="openid_connect_login"),
    path("by/<slug:provider_id>/back/", private(provider_callback), name="openid_connect_callback"),
    path("connections/", private(socialaccount.connections), name="socialaccount_connections"),
    path(
        "cancelled/", private(socialaccount.login_cancelled), name="socialaccount_login_cancelled"
    ),
    path("failed/", private(socialaccount.login_error), name="socialaccount_login_error"),
    # Second factors.
    path("security/", private(mfa.index), name="mfa_index"),
    path("security/code/", private(mfa.authenticate), name="mfa_authenticate"),
    path("security/confirm/", private(mfa.reauthenticate), name="mfa_reauthenticate"),
    path("security/app/", private(totp.activate_totp), name="mfa_activate_totp"),
    path("security/app/remove/", private(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path(
        "security/recovery/",
        private(recovery_codes.view_recovery_codes),
        name="mfa_view_recovery_codes",
    ),
    path(
        "security/recovery/new/",
        private(recovery_codes.generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "security/recovery/codes.txt",
        private(recovery_codes.download_recovery_codes),
        name="mfa_download_recovery_codes",
    ),
    path("security/keys/", private(webauthn.list_webauthn), name="mfa_list_webauthn"),
    path("security/keys/new/", private(webauthn.add_webauthn), name="mfa_add_webauthn"),
    path(
        "security/keys/<int:pk>/remove/",
        private(webauthn.remove_webauthn),
        name="mfa_remove_webauthn",
    ),
    path("security/keys/<int:pk>/", private(webauthn.edit_webauthn), name="mfa_edit_webauthn"),
    path(
        "security/keys/confirm/",
        private(webauthn.reauthenticate_webauthn),
        name="mfa_reauthenticate_webauthn",
    ),
    path("sign-in/passkey/", private(webauthn.login_webauthn), name="mfa_login_webauthn"),
    path("sessions/", private(usersessions.list_usersessions), name="usersessions_list"),
]
