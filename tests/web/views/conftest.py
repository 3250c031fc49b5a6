from tests.called import payer, person, server  # noqa: F401
