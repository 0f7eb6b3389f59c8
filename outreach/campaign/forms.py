"""Define the forms of text and numbers that a campaign accepts."""

from typing import Annotated

from pydantic import Field, StringConstraints

_STATE = r"^[0-9]{2}$"
_COUNTY = r"^[0-9]{3}$"
_PLACE = r"^[0-9]{5}$"
_GEOID = r"^[0-9]{11}$"
_NAME = r"^[^\x00-\x1f\x7f]*$"
_CHANNEL = r"^[a-z][a-z0-9_]{0,29}$"
_INDICATOR = r"^[a-z][a-z0-9_]{0,39}$"
_PLAIN = r"^[^\x00-\x1f\x7f{}]*$"
_LANGUAGE = r"^[a-z]{2,3}(-[A-Z][a-z]{3})?$"

#: What each pattern accepts, as a message to a planner says it.
PATTERN_WORDS = {
    _STATE: 'two digits in quotes, such as "17"',
    _COUNTY: 'three digits in quotes, such as "031"',
    _PLACE: 'five digits in quotes, such as "14000"',
    _GEOID: 'eleven digits in quotes, such as "17031010100"',
    _NAME: "one line of text without control characters",
    _CHANNEL: 'a short name in lowercase letters, digits, and "_", such as "meta" or "local_radio"',
    _INDICATOR: 'up to 40 lowercase letters, digits, and "_", such as "asthma"',
    _PLAIN: "one line of text without control characters and braces",
    _LANGUAGE: 'an ISO language code, such as "en", "es", or "zh-Hans"',
}

StateFips = Annotated[str, StringConstraints(pattern=_STATE)]
CountyFips = Annotated[str, StringConstraints(pattern=_COUNTY)]
PlaceFips = Annotated[str, StringConstraints(pattern=_PLACE)]
Geoid = Annotated[str, StringConstraints(pattern=_GEOID)]
Name = Annotated[
    str,
    StringConstraints(min_length=1, max_length=200, strip_whitespace=True, pattern=_NAME),
]
PlainText = Annotated[
    str,
    StringConstraints(min_length=1, max_length=200, strip_whitespace=True, pattern=_PLAIN),
]
IndicatorName = Annotated[str, StringConstraints(pattern=_INDICATOR)]
ChannelName = Annotated[str, StringConstraints(pattern=_CHANNEL)]
Language = Annotated[str, StringConstraints(pattern=_LANGUAGE)]

#: Values that the file writes as numbers or switches; text and the wrong kind are refused.
Number = Annotated[float, Field(strict=True)]
Whole = Annotated[int, Field(strict=True)]
Switch = Annotated[bool, Field(strict=True)]
