"""By what an amount was multiplied: rounded, in words, and whether it is a slip of units. Pure."""

from decimal import Decimal

# Significant digits to which factors are the same: upstreams round their amounts.
_DIGITS = 4


def factor_between(before: Decimal, after: Decimal) -> Decimal:
    """Zero where nothing is left."""
    ratio = after / before
    return round(ratio, _DIGITS - 1 - ratio.adjusted()) if ratio else ratio


def factor_words(factor: Decimal) -> str:
    """A factor in words, for "what it was" to follow: "1,000 ×", "1/1,000 of"."""
    inverse = factor_between(factor, Decimal(1))
    if factor < 1 and inverse == inverse.to_integral_value():
        return f"1/{int(inverse):,} of"
    return f"{factor.normalize():,f} ×"


def is_unit_slip(factor: Decimal) -> bool:
    """Whether a factor is a power of ten: another unit, and hardly another price."""
    larger = max(factor, factor_between(factor, Decimal(1))) if factor else factor
    return larger > 1 and larger.normalize().as_tuple().digits == (1,)
