"""Hold the settings of how people reach the portal and sign in."""

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings


class SignOnSettings(BaseSettings):
    """How people reach the portal, and who says who they are."""

    portal_url: str = Field(
        default="",
        pattern=r"^(https?://[^\s\\/?#]+/?)?$",
        description="address under which people reach the portal through a proxy",
    )
    sign_on_header: str = Field(
        default="",
        pattern=r"^[A-Za-z0-9-]*$",
        description="header in which a trusted proxy names who has signed in with it",
    )
    trusted_proxies: str = Field(
        default="", description="addresses of those proxies, separated by commas"
    )
    oidc_issuer: str = Field(
        default="",
        pattern=r"^(https?://[^\s\\?#]+)?$",
        description="address of the OpenID Connect provider that people sign in with",
    )
    oidc_client_id: str = Field(default="", description="the portal's name at that provider")
    oidc_client_secret: SecretStr | None = Field(
        default=None, description="the portal's secret at that provider"
    )
    oidc_name_claim: str = Field(
        default="email",
        pattern=r"^[\w:/.-]+$",
        description="claim of the provider that names a person",
    )
    oidc_role_claim: str = Field(
        default="",
        pattern=r"^[\w:/.-]*$",
        description="claim with roles or groups; without it roles come from 'outreach users'",
    )
    oidc_roles: str = Field(
        default="",
        description="role for each value of that claim, such as planner=census-planners",
    )
