"""What becomes of a mail that is not sent: three kinds, each with another consequence."""

from gateway.domain.errors import GatewayError


class MailServerAway(GatewayError):
    """The SMTP server cannot be used now; no mail is to blame for it."""

    code = "mail_server_away"


class MailDeferred(GatewayError):
    """This mail was not taken, or it is not known whether it was: try it again later."""

    code = "mail_deferred"


class MailRefused(GatewayError):
    """This mail will never be taken (5xx)."""

    code = "mail_refused"
