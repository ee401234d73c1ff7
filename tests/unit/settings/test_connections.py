"""R33: the connections of the configuration file, their secrets above all."""

from functools import partial

import pytest

from gateway.domain.connection import Connection
from tests.support.configured import ACCOUNT_SID, KEY, OTHER_KEY, load, problems_of, write_config


@pytest.fixture
def config(tmp_path):
    """Writes a configuration file."""
    return partial(write_config, tmp_path)


def test_a_connection_is_read_with_its_secrets_from_wherever_they_are(config, tmp_path):
    (tmp_path / "token").write_text("from-file\n")
    file = config(f"""
        [connections.pbx]
        kind = "native"
        secrets = [{{ env = "GATEWAY_PBX_SECRET" }}, "{OTHER_KEY}"]
        control_url = "http://127.0.0.1:9090/control"

        [connections.switch]
        kind = "native"
        auth = "bearer"
        secrets = ["plain"]

        [connections.twilio-main]
        kind = "twilio"
        account_sid = {{ env = "SID" }}
        secrets = [{{ file = "token" }}]

        [connections.off]
        kind = "voximplant"
        account_id = 12
        inbound_user = "office"
    """)

    connections = load({"GATEWAY_PBX_SECRET": KEY, "SID": ACCOUNT_SID}, file).connections

    assert connections == {
        "pbx": Connection(
            name="pbx", kind="native", secrets=(KEY, OTHER_KEY), control_url="http://127.0.0.1:9090/control"
        ),
        "switch": Connection(name="switch", kind="native", auth="bearer", secrets=("plain",)),
        "twilio-main": Connection(
            name="twilio-main", kind="twilio", secrets=("from-file",), options={"account_sid": ACCOUNT_SID}
        ),
        "off": Connection(name="off", kind="voximplant", options={"account_id": "12", "inbound_user": "office"}),
    }


def test_neither_secrets_nor_urls_with_passwords_are_in_the_representation(config):
    file = config(f'[connections.pbx]\nkind = "native"\nsecrets = ["{KEY}"]')

    shown = repr(load({"GATEWAY_DATABASE_URL": "postgresql://me:topsecret@db/x"}, file))

    assert KEY not in shown
    assert "topsecret" not in shown


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ('kind = "native"\nsecrets = ["whsec_c2hvcnQ="]', "secrets[1] in FILE: must be whsec_ and base64 of 24 to 64"),
        ('kind = "native"\nsecrets = ["plain"]', "secrets[1] in FILE: must be whsec_"),
        ('kind = "native"\nsecrets = ["whsec_???"]', "secrets[1] in FILE: must be whsec_"),
        ('kind = "native"\nsecrets = "plain"', "secrets in FILE: must be a list"),
        (f'kind = "native"\nsecrets = ["{KEY}", "{KEY}", "{KEY}"]', "secrets in FILE: holds 3: there are at most two"),
        ('kind = "native"\nauth = "bearer"\nsecrets = ["a b"]', "secrets[1] in FILE: must be text of printable ASCII"),
        ('kind = "native"\nauth = "bearer"\nsecrets = [12]', "secrets[1] in FILE: must be text of printable ASCII"),
        ('kind = "native"\nauth = "bearer"\nsecrets = [true]', "secrets[1] in FILE: must be text or"),
        ('kind = "native"\nsecrets = [{ env = "NOWHERE" }]', "the environment variable NOWHERE is not set"),
        ('kind = "native"\nauth = "basic"', "auth in FILE: must be signature or bearer"),
        (f'kind = "twilio"\naccount_sid = "{ACCOUNT_SID}"\nauth = "bearer"', "auth in FILE: must be signature"),
        ('kind = "native"\ncontrol_url = "ftp://host"', "control_url in FILE: must be a URL like https://"),
        ('kind = "native"\nreports_answers = "no"', "reports_answers in FILE: must be true or false"),
        ('kind = "native"\naccounts = []', 'accounts in FILE: must be a list of the ids of accounts, like ["1", "7"]'),
        ('kind = "native"\naccounts = "1"', "accounts in FILE: must be a list"),
        ('kind = "native"\naccounts = ["one"]', "accounts in FILE: must be a list"),
        ('kind = "native"\naccounts = ["0"]', "accounts in FILE: must be a list"),
        ('kind = "native"\naccounts = [true]', "accounts in FILE: must be a list"),
        ('kind = "native"\nsecret = "x"', "secret in FILE: is no setting of a connection of the kind native"),
        ('kind = "twilio"', "account_sid in FILE: is missing"),
        ('kind = "twilio"\naccount_sid = ""', "account_sid in FILE: must be AC and 32"),
        ('auth = "bearer"', "kind in FILE: is missing: it is one of asterisk, "),
    ],
)
def test_what_is_wrong_with_a_connection_is_told_by_its_key(lines, said, config):
    file = config(f"[connections.pbx]\n{lines}")

    [problem] = problems_of(toml=file)

    assert said.replace("FILE", str(file)) in problem


def test_r10_a_connection_is_bound_to_accounts_by_their_ids(config):
    file = config('[connections.pbx]\nkind = "native"\naccounts = ["1", 7]')

    assert load({}, file).connections["pbx"].accounts == {1, 7}


def test_r33_a_secret_that_is_given_as_the_way_of_proof_is_not_told(config):
    [problem] = problems_of(toml=config('[connections.pbx]\nkind = "native"\nauth = "Bearer s3cret"'))

    assert problem.endswith("must be signature or bearer")


def test_a_connection_that_is_no_table_is_told(config):
    [problem] = problems_of(toml=config("[connections]\npbx = 3"))

    assert "connections.pbx in " in problem
