"""What somebody is to the gateway, or to an account."""

from gateway.domain.described import Described


class Role(Described):
    """The mightiest first."""

    OPERATOR = "operator", "Runs the gateway: may do everything, for every account."
    SUPPORT = "support", "The operator's staff: reads everything, cuts and blocks, refunds up to a limit."
    ADMINISTRATOR = "administrator", "Runs one account: its numbers, its people, its caps against fraud."
    READER = "reader", "Reads what one account has and does."

    @property
    def is_of_account(self) -> bool:
        """Whether who has it belongs to an account, and sees no other."""
        return self in (Role.ADMINISTRATOR, Role.READER)

    def may_give(self, other: "Role") -> bool:
        """Whether who has this role may give somebody the other: never one that is mightier."""
        order = list(Role)
        return order.index(self) <= order.index(other)
