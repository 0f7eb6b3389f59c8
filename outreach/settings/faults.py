"""Explain in plain words what a setting has to be."""

from typing import Any

#: What a value must be, by pydantic's type of fault; braces hold facts of the setting.
_WORDS = {
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_parsing": "must be a number",
    "finite_number": "must be a number",
    "greater_than": "must be more than {gt:g}",
    "greater_than_equal": "must be {ge:g} or more",
    "less_than_equal": "must be {le:g} or less",
    "time_parsing": "must be a time of day such as 15:00",
    "time_delta_parsing": "must be a time of day such as 15:00",
    "too_short": "must have at least {min_length} characters",
    "string_too_short": "must have at least {min_length} characters",
    "string_pattern_mismatch": "must be {form}",
}
#: Forms of text, by a piece of their pattern; the first one that is found counts.
_FORMS = {
    "s3://": "s3://bucket or s3://bucket/folder, the bucket in lowercase letters and digits",
    "https?://": "an address such as https://example.gov",
    "A-Za-z0-9-": "the name of a header, such as X-Forwarded-User",
    r"\w:/.-": "the name of a claim, such as email or realm_access.roles",
}


def explain_setting(name: str, fault: Any) -> str:
    """Say what a setting has to be; its value may be a secret and is not shown.

    Parameters
    ----------
    name
        As the environment has it, such as ``OUTREACH_RETRIES``.
    fault
        From :meth:`pydantic.ValidationError.errors`.
    """
    facts = dict(fault.get("ctx", {}))
    pattern = str(facts.get("pattern", ""))
    facts["form"] = next((form for piece, form in _FORMS.items() if piece in pattern), "")
    words = _WORDS.get(fault["type"], "")
    if not words or (fault["type"] == "string_pattern_mismatch" and not facts["form"]):
        return f"The setting {name} has a value that it cannot have."
    return f"The setting {name} {words.format(**facts)}."
