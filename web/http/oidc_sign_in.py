"""Sign-in by an OIDC provider: its token is checked as those of programs are."""

from typing import Any

from allauth.socialaccount.models import SocialApp, SocialLogin, SocialToken
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.http import HttpRequest

from accounts.oidc_tokens import NotBelieved, claims_of


class CheckedOidcAdapter(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]
    """allauth trusts a token that came over TLS; an issuer's address may be without it."""

    def complete_login(
        self, request: HttpRequest, app: SocialApp, token: SocialToken, **kwargs: Any
    ) -> SocialLogin:
        issuer = str(self.openid_config["issuer"])
        if issuer.rstrip("/") != app.settings["server_url"]:
            raise OAuth2Error("The issuer calls itself otherwise in its document.")
        try:
            claims = claims_of(str(kwargs["response"].get("id_token")), issuer, app.client_id)
        except NotBelieved as error:
            raise OAuth2Error(str(error)) from None
        data = {"id_token": claims}
        if "userinfo_endpoint" in self.openid_config:
            data["userinfo"] = self._fetch_user_info(token.token)
            if data["userinfo"].get("sub") != claims["sub"]:  # OpenID Connect Core 5.3.2
                raise OAuth2Error("The issuer answered about somebody else.")
        return self.get_provider().sociallogin_from_response(request, data)
