"""Joins what the settings say of a context's tokens into the rules that `Tokens` follows."""

from console.credentials.secret import Secret
from console.credentials.tokens import TokenRules
from console.settings.schema import Context, Settings


def token_rules(settings: Settings, name: str, context: Context, given: Secret | None = None) -> TokenRules:
    """The context need not be among the settings yet. `given` goes before every other token."""
    default = settings.contexts.get(settings.default_name, context)
    known = settings.contexts.get(name) == context
    return TokenRules(
        api_url=context.api_url,
        owners=context.owners,
        token_from=context.token_from,
        default_api_url=default.api_url,
        command_for=settings.command_for(name) if known else context.api_url,
        distrust=settings.reading.distrust,
        given=given,
    )
