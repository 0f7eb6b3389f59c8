"""Write figures as ad platforms expect them in table cells."""

import math
from decimal import Decimal

import pandas as pd


def format_degrees(angle: float) -> Decimal:
    """Return an angle in degrees with six decimals (0.1 m), as platforms write it."""
    return Decimal(f"{angle:.6f}")


def format_figure(figure: float, decimals: int = 2) -> Decimal | str:
    """Return a figure without trailing zeros, or an empty cell for a missing one."""
    if pd.isna(figure):
        return ""
    text = f"{figure:.{decimals}f}"
    return Decimal(text.rstrip("0").rstrip(".") if "." in text else text)


def floor_cents(amount_usd: float) -> Decimal:
    """Round a dollar amount down to whole cents."""
    return Decimal(math.floor(round(amount_usd * 100, 6))) / 100
