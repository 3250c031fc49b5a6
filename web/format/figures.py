"""Figures as people read them; data-amount and hover texts hold the exact ones. Pure."""

from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal

CENTS = 2
SIGNIFICANT = 3
# The remainder of a conversion from another unit, as a share of the price.
DUST = Decimal("0.001")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
FULL_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def money(amount: Decimal, currency: str = "USD") -> str:
    """Three significant figures, never fewer than cents: $1.10, $0.275, $1,150.00. Half to even.

    A price above zero never reads $0.00.
    """
    return _sign(currency) + _cents(f"{_rounded(amount):,f}")


def rate(amount: Decimal, currency: str = "USD") -> str:
    """A published price as `money`, and marked where conversion left dust: $1.99997 is ≈ $2.00."""
    short = money(amount, currency)
    return f"≈ {short}" if has_dust(amount) else short


def has_dust(amount: Decimal) -> bool:
    """Whether an amount is a short decimal but for the remainder of a conversion of units.

    The rounded figure is then off by less than 0.1 %, and by less than a twentieth of its last
    digit (trailing zeros aside): $0.62503 has dust on $0.625, $2.6875 is no $2.69.
    """
    rounded = _rounded(amount)
    last_digit = Decimal(1).scaleb(int(rounded.normalize().as_tuple().exponent))
    return 0 < abs(amount - rounded) < min(amount * DUST, last_digit / 20)


def _rounded(amount: Decimal) -> Decimal:
    places = max(CENTS, SIGNIFICANT - 1 - amount.adjusted()) if amount else CENTS
    return amount.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN)


def money_exact(amount: Decimal, currency: str = "USD") -> str:
    """Every digit, never fewer than cents: $0.40, $2.6875."""
    return _sign(currency) + _cents(f"{amount:,f}")


def _sign(currency: str) -> str:
    return "$" if currency == "USD" else f"{currency} "


def plain(amount: Decimal) -> str:
    """The exact amount for programs: no exponent, no trailing zeros."""
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _cents(text: str) -> str:
    whole, _, fraction = text.partition(".")
    return f"{whole}.{fraction.rstrip('0'):0<{CENTS}}"


def tokens(count: int) -> str:
    """A number of tokens in thousands or millions of 1,000: 512, 8.2K, 131K, 1M, 1.05M.

    One decimal below ten thousand, two above a million, none between. Rounds half to even.
    """
    if count < 1000:
        return str(count)
    if count < 999_500:
        return f"{_shortened(count, 1000, 1 if count < 9_950 else 0)}K"
    return f"{_shortened(count, 1_000_000, 2)}M"


def _shortened(count: int, unit: int, places: int) -> str:
    rounded = (Decimal(count) / unit).quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN)
    return plain(rounded) if rounded < 1000 else f"{rounded:,.0f}"


def thousands(count: int) -> str:
    return f"{count:,}"


def partial_date(iso: str) -> str:
    """An ISO date as precise as it is: Apr 16, 2025, May 2024, 2024, or ""."""
    year, _, rest = iso.partition("-")
    month, _, day = rest.partition("-")
    if not month:
        return year
    name = MONTHS[int(month) - 1]
    return f"{name} {int(day)}, {year}" if day else f"{name} {year}"


def instant(at: datetime) -> str:
    """Nov 30, 2026, 09:30 UTC."""
    utc = at.astimezone(UTC)
    return f"{partial_date(utc.date().isoformat())}, {utc:%H:%M} UTC"


def day_in_full(iso: str) -> str:
    """1 December 2026: as sentences write a day to come."""
    year, month, day = iso.split("-")
    return f"{int(day)} {FULL_MONTHS[int(month) - 1]} {year}"


def short_day(iso: str) -> str:
    """1 Dec, of a day within the next months."""
    _, month, day = iso.split("-")
    return f"{int(day)} {MONTHS[int(month) - 1]}"
