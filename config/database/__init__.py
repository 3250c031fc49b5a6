"""Django's PostgreSQL backend, which knows at once that its server is gone and when it is back."""
