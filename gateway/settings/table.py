"""The table of settings: what is read at the start, and what the reference says of it."""

from collections.abc import Mapping
from typing import Final, Literal

from gateway.settings import rules, values
from gateway.settings.setting import Setting
from gateway.settings.top_up_values import LINE_LENGTH_MAX, top_up_line, top_up_url

# How many processes a machine can be asked for by mistake.
PROCESSES_MAX: Final = 64
_LOG: Final[Mapping[str, Literal["json", "console"]]] = {"json": "json", "console": "console"}


DATABASE_URL: Final = Setting(
    name="database_url",
    convert=values.database_url,
    default=None,
    meaning=(
        "PostgreSQL 15 or newer, as `postgresql://user:password@host:5432/gateway`; several hosts of one database as"
        " `postgresql://user:password@one:5432,two:5432/gateway`, of which the one is used that can be written to."
    ),
    default_words="unset, which means the embedded server",
    is_secret=True,
)
DATABASE_READ_URL: Final = Setting(
    name="database_read_url",
    convert=values.database_read_url,
    default=None,
    meaning=(
        "A standby that commands which only show or check something are answered from; never a decision. One that is"
        " away, or more than 10 s behind, is passed over with a warning."
    ),
    default_words="unset, so everything is asked of `GATEWAY_DATABASE_URL`",
    is_secret=True,
)
DATA: Final = Setting(
    name="data",
    convert=values.path,
    default=None,
    meaning="The directory of the embedded database and of the spool.",
    default_words="`/var/lib/gateway` as root, else `$XDG_STATE_HOME/gateway` or `~/.local/state/gateway`",
)
HOST: Final = Setting(name="host", convert=values.host, default="127.0.0.1", meaning="The address it listens on.")
PORT: Final = Setting(
    name="port", convert=values.whole(0, 65_535), default=8080, meaning="The port it listens on; 0 takes any."
)
API: Final = Setting(
    name="api",
    convert=values.truth,
    default=True,
    meaning="Whether the API is served, at `/v1`: true or false, as with `serve --no-api`.",
)
API_RATE: Final = Setting(
    name="api_rate",
    convert=values.whole(1, 100_000),
    default=50,
    meaning="How many requests a second the API takes of one token; twice as many at once.",
)
ADMIN_URL: Final = Setting(
    name="admin_url",
    convert=values.base_url,
    default=None,
    meaning="The address that people open: links to sign in begin with it.",
    default_words="`GATEWAY_PUBLIC_URL`, or `http://ADMIN_HOST:ADMIN_PORT` where there is that port",
)
ADMIN_HOST: Final = Setting(
    name="admin_host",
    convert=values.host,
    default="127.0.0.1",
    meaning="The address of `GATEWAY_ADMIN_PORT`.",
)
ADMIN_PORT: Final = Setting(
    name="admin_port",
    convert=values.whole(1, 65_535),
    default=None,
    meaning="A port of their own for the API and the docs, which providers do not reach.",
    default_words="unset, so they are where webhooks come",
)
INSECURE: Final = Setting(
    name="insecure",
    convert=values.truth,
    default=False,
    meaning=(
        "Whether people may sign in over plain HTTP on another address than this machine's own, where anybody on the"
        " way can read along: true or false."
    ),
)
METRICS_TOKEN: Final = Setting(
    name="metrics_token",
    convert=values.token,
    default=None,
    meaning="The bearer token that opens `/metrics` and the details of `/readyz`.",
    default_words="unset, so only requests of the machine itself see them, where `GATEWAY_HOST` is a loopback address",
    is_secret=True,
)
ENCRYPTION_KEYS: Final = Setting(
    name="encryption_keys",
    convert=values.keys,
    default=(),
    meaning=(
        "What tokens of CRMs are encrypted by in the database: keys of 32 characters or more, as `openssl rand -hex 32`"
        " draws them, with a comma between them. The first writes, all read. An hour after a new one was put before it,"
        " the old one may go."
    ),
    default_words="none, so it is the `refresh_token` of each connection",
    is_secret=True,
)
METRICS_HOST: Final = Setting(
    name="metrics_host",
    convert=values.host,
    default="127.0.0.1",
    meaning="The address of `GATEWAY_METRICS_PORT`.",
)
METRICS_PORT: Final = Setting(
    name="metrics_port",
    convert=values.whole(1, 65_535),
    default=None,
    meaning="A port of their own for `/metrics`, `/readyz` and `/livez`, where nobody is asked for a token.",
    default_words="unset, so there is none",
)
PUBLIC_URL: Final = Setting(
    name="public_url",
    convert=values.base_url,
    default=None,
    meaning="The address that providers call, and sign.",
    default_words="`http://HOST:PORT`",
)
SMTP_URL: Final = Setting(
    name="smtp_url",
    convert=values.smtp_url,
    default=None,
    meaning=(
        "The mail server: `smtp://user:password@host:587?tls=starttls`, `smtps://…` or `smtp://host?tls=none`;"
        " `&ca=FILE` for a certificate of your own."
    ),
    default_words="unset, so mails wait in the outbox",
    is_secret=True,
)
MAIL_FROM: Final = Setting(
    name="mail_from",
    convert=values.sender,
    default=None,
    meaning="The sender of mails, as `Gateway <gateway@example.com>`.",
    default_words="none; required with `GATEWAY_SMTP_URL`",
)
MAIL_REPLY_TO: Final = Setting(
    name="mail_reply_to",
    convert=values.sender,
    default=None,
    meaning="Where replies to mails go, as `Billing <billing@example.com>`.",
    default_words="unset, so to the sender",
)
TOP_UP_URL: Final = Setting(
    name="top_up_url",
    convert=top_up_url,
    default=None,
    meaning=(
        "The address at which administrators top up, which every mail to them says; `{account_id}` in it stands for the"
        " id of the account. For one language: `url` in the table `[top_up.<language>]` of the file."
    ),
    default_words="unset; with neither this nor a line, mails say to contact the operator",
)
TOP_UP_LINE: Final = Setting(
    name="top_up_line",
    convert=top_up_line,
    default=None,
    meaning=(
        f"A line of your own below that address, as how to pay by bank transfer; at most {LINE_LENGTH_MAX} characters,"
        " `{account_id}` as above. For one language: `line` in the table `[top_up.<language>]` of the file."
    ),
    default_words="unset",
)
OPERATOR_EMAIL: Final = Setting(
    name="operator_email",
    convert=values.mailbox,
    default=None,
    meaning="Who is told of what only the operator can mend, as calls that cannot be cut.",
    default_words="unset, so nobody",
)
LOG: Final = Setting(
    name="log",
    convert=values.choice(_LOG),
    default=None,
    meaning="How the log looks on standard error: `json` or `console`.",
    default_words="`console` on a terminal, else `json`",
)
PROCESSES: Final = Setting(
    name="processes",
    convert=values.whole(1, PROCESSES_MAX),
    default=1,
    meaning=f"How many processes serve on one address, {PROCESSES_MAX} at most.",
)
PG_BINDIR: Final = Setting(
    name="pg_bindir",
    convert=values.path,
    default=None,
    meaning="Where the programs of the embedded server are.",
    default_words="those that come along, or found",
)
PG_OS_USER: Final = Setting(
    name="pg_os_user",
    convert=values.text,
    default=None,
    meaning="The system's account that the embedded server runs as, where the gateway runs as root.",
    default_words="`postgres`, else `nobody`",
)
RUN_AS: Final = Setting(
    name="run_as",
    convert=values.text,
    default=None,
    meaning="The system's account that a gateway which root starts goes on as, once it listens; `root`: it stays root.",
    default_words="that of the embedded server, with another database `nobody`",
)

SETTINGS: Final[tuple[Setting[object, object], ...]] = (
    DATABASE_URL,
    DATABASE_READ_URL,
    DATA,
    HOST,
    PORT,
    ENCRYPTION_KEYS,
    API,
    INSECURE,
    API_RATE,
    ADMIN_URL,
    ADMIN_HOST,
    ADMIN_PORT,
    METRICS_TOKEN,
    METRICS_HOST,
    METRICS_PORT,
    PUBLIC_URL,
    PROCESSES,
    LOG,
    SMTP_URL,
    MAIL_FROM,
    MAIL_REPLY_TO,
    TOP_UP_URL,
    TOP_UP_LINE,
    OPERATOR_EMAIL,
    PG_BINDIR,
    PG_OS_USER,
    RUN_AS,
    *rules.RULES,
)
