"""What a provider does with what is sent to an endpoint: the words of the data policy. Pure."""

from catalog.vocabulary import Vocabulary

# Between the sentence of a policy's note and why it is in doubt.
IN_DOUBT = " In doubt: "


class Training(Vocabulary):
    NO = "no"
    OPT_OUT = "opt_out", "opt-out"
    OPT_IN = "opt_in", "opt-in"
    YES = "yes"
    UNKNOWN = "unknown"


class Retention(Vocabulary):
    NONE = "none"
    IN_MEMORY = "in_memory", "in memory"
    DAYS = "days"
    INDEFINITE = "indefinite"
    UNKNOWN = "unknown"


class ZDR(Vocabulary):
    DEFAULT = "default"
    ON_REQUEST = "on_request", "on request"
    CONTRACT = "contract"
    WITH_EXCEPTIONS = "with_exceptions", "with exceptions"
    NO = "no"
    UNKNOWN = "unknown"


class PolicyBasis(Vocabulary):
    PROVIDER_DEFAULT = "provider_default", "the provider's default"
    GATEWAY_AGREEMENT = "gateway_agreement", "a gateway's agreement"
    OWN_CONTRACT = "own_contract", "your own contract"
