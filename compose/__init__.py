"""A visitor of a running site, for checks of Ratecard as it is installed."""
