"""What becomes of a call whose user withholds the account's number: a setting of the account (R43)."""

from enum import StrEnum


class WhenWithheld(StrEnum):
    """The call shows nobody, or it is refused; the number is never shown against the user's will."""

    ANONYMOUS = "anonymous"
    REFUSED = "refused"
