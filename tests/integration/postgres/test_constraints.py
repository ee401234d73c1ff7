"""What must never be true of the data cannot be: each constraint of the schema is violated once, by one statement."""

import asyncpg
import pytest

from gateway.postgres.types import PgConnection, Pool
from tests.support import world

# A world that breaks nothing; `$name` in a statement below is one of its ids.
WORLD = """
    INSERT INTO call (
        connection, provider_call_id, account_id, direction, caller, callee, line, state, rule, reason, record_code,
        sip_code, granted_s, started_at, answered_at, ended_at, reported_s, billed_s, charge, cause
    )
    VALUES
        ('pbx', 'open', {account}, 'outbound', '', '', '', 'open', 'R14', NULL, 200, 200, 60, $1, $1, NULL, NULL, NULL,
            NULL, NULL),
        ('pbx', 'ended', {account}, 'outbound', '', '', '', 'ended', 'R14', NULL, 200, 200, 60, $1, $1, $1, 60, 60, 1,
            'normal'),
        ('pbx', 'refused', {account}, 'outbound', '', '', '', 'refused', 'R14', 'no_money', 402, 402, 0, $1, NULL,
            NULL, NULL, NULL, NULL, NULL),
        ('pbx', 'orphan', NULL, NULL, '', '', '', 'orphan', 'R21', NULL, 200, 200, 0, $1, NULL, $1, 60, NULL, NULL,
            'normal')
    RETURNING id
"""

CALL = "INSERT INTO call (connection, provider_call_id, caller, callee, line, state, rule, record_code, sip_code, granted_s, started_at, direction)"  # noqa: E501
ENTRY = "INSERT INTO ledger_entry (account_id, kind, amount, balance_after, key, call_id, booked_at)"
CHARGE = ENTRY.replace("booked_at", "booked_at, charged_call_id")
LINE = "INSERT INTO line (account_id, kind, name, state, country, category, created_at)"
RENTED = "UPDATE line SET rent = 4, due_on = '2026-07-01', anchor_day = 1, calendar_due_at = now()"
LIVE = "INSERT INTO live_call (call_id, account_id, hold, held_s, must_end_at, reconcile_due_at)"
DOUBTED = "INSERT INTO doubted_end (call_id, heard_at, due_at)"
MAIL = "INSERT INTO mail (account_id, kind, key, recipient, language, facts, created_at, queued_at, state, due_at, sent_at)"  # noqa: E501
PORTAL = "INSERT INTO crm_portal (connection, account_id, seen_call_id) VALUES ('b24', $account, 0)"
CRM_CALL = f"{PORTAL}; INSERT INTO crm_call (connection, call_id, state, created_at, due_at, crm_call_id)"
PERSON = "INSERT INTO person (email, name, language, time_zone, created_at)"
ANNA = f"{PERSON} VALUES ('anna@example.com', 'Anna', 'en', 'UTC', now())"
MEMBERSHIP = f"{ANNA}; INSERT INTO membership (person_id, account_id, role, created_at)"
TOKEN = "INSERT INTO token (hash, prefix, name, role, account_id, scopes, created_by, created_at)"
LOGIN = "INSERT INTO login (hash, person_id, created_at, expires_at)"
SESSION = f"{ANNA}; INSERT INTO session (hash, person_id, created_at, seen_at, expires_at, address, agent)"
PASSKEY = f"{ANNA}; INSERT INTO passkey (id, person_id, public_key, sign_count, name, created_at)"
CHALLENGE = "INSERT INTO passkey_challenge"
AUDIT = "INSERT INTO audit (at, actor_kind, actor_id, action, object)"
LARGE = "INSERT INTO large_sum (account_id, kind, amount, external_id, note, asked_by, asked_at, state, decided_by, decided_at, entry_id)"  # noqa: E501
WAITS = "now(), 'waiting', NULL, NULL, NULL"
REPLY = "INSERT INTO idempotency (actor, key, route, body_hash, status, reply, created_at)"
HASH = "decode(repeat('ab', 32), 'hex')"
THE_PERSON = "(SELECT max(id) FROM person)"
RATE = """INSERT INTO rate (
    version_id, kind, currency, country, category, prefix, per_minute, connection_fee, first_interval_s, increment_s,
    valid_from
)"""

VIOLATIONS = {
    "amount_check": "SELECT 'NaN'::amount",
    "currency_code_check": "UPDATE account SET currency = 'usd'",
    # account
    "account_name_check": "UPDATE account SET name = ''",
    "account_email_check": "UPDATE account SET email = 'nobody'",
    "account_main_number_check": "UPDATE account SET main_number = '15550100001'",
    "account_credit_limit_check": "UPDATE account SET credit_limit = -1",
    "account_held_check": "UPDATE account SET held = -0.000001",
    "account_owed_check": "UPDATE account SET owed = held + 0.000001",
    "account_unavailable_allow_s_check": "UPDATE account SET unavailable_allow_s = 3601",
    "account_spent_check": "UPDATE account SET spent = -0.000001",
    "account_when_withheld_check": "UPDATE account SET when_withheld = 'shouted'",
    "account_state_check": "UPDATE account SET state = 'asleep'",
    "account_blocked_check": "UPDATE account SET state = 'blocked'",
    "account_closed_check": "UPDATE account SET state = 'closed', closed_at = now()",
    "account_proof_account_id_fkey": "INSERT INTO account_proof (account_id) VALUES (0)",
    "account_archive_account_id_fkey": "INSERT INTO account_archive VALUES (0, '2026-03-01', 1, 1, 1)",
    # line
    "line_account_id_fkey": f"{LINE} VALUES (0, 'connector', 'office', 'active', '', '', now())",
    "line_kind_check": f"{LINE} VALUES ($account, 'pigeon', 'office', 'active', '', '', now())",
    "line_name_check": f"{LINE} VALUES ($account, 'connector', '', 'active', '', '', now())",
    "line_state_check": f"{LINE} VALUES ($account, 'connector', 'office', 'lost', '', '', now())",
    "line_country_check": f"{LINE} VALUES ($account, 'connector', 'office', 'active', 'us', '', now())",
    "line_category_check": f"{LINE} VALUES ($account, 'connector', 'office', 'active', '', 'premium', now())",
    "line_check": f"{LINE} VALUES ($account, 'number', '+15550100002', 'active', '', 'mobile', now())",
    "line_check1": f"{LINE} VALUES ($account, 'connector', '+15550100002', 'active', '', '', now())",
    "line_name_in_use": f"{LINE} VALUES ($account, 'number', '+15550100001', 'active', 'US', 'mobile', now())",
    "line_rent_check": RENTED.replace("rent = 4", "rent = -1"),
    "line_anchor_day_check": RENTED.replace("anchor_day = 1", "anchor_day = 32"),
    "line_check2": "UPDATE line SET rent = 4, calendar_due_at = now()",
    "line_check3": f"{RENTED}, reserved_until = now()",
    "line_check4": f"{RENTED}, state = 'suspended'",
    "line_check5": RENTED.replace("now()", "NULL"),
    "line_check6": "UPDATE line SET calendar_due_at = now()",
    "line_kept": "DELETE FROM line",
    # rate
    "rate_version_id_fkey": f"{RATE} VALUES (0, 'outbound', 'USD', '', '', '49', 1, 0, 60, 60, now())",
    "rate_kind_check": f"{RATE} VALUES ($version, 'sideways', 'USD', '', '', '', 1, 0, 60, 60, now())",
    "rate_country_check": f"{RATE} VALUES ($version, 'rent', 'USD', 'de', '', '', 1, 0, 60, 60, now())",
    "rate_category_check": f"{RATE} VALUES ($version, 'rent', 'USD', '', 'golden', '', 1, 0, 60, 60, now())",
    "rate_prefix_check": f"{RATE} VALUES ($version, 'outbound', 'USD', '', '', '+49', 1, 0, 60, 60, now())",
    "rate_per_minute_check": f"{RATE} VALUES ($version, 'rent', 'USD', '', '', '', -1, 0, 60, 60, now())",
    "rate_connection_fee_check": f"{RATE} VALUES ($version, 'rent', 'USD', '', '', '', 1, -1, 60, 60, now())",
    "rate_first_interval_s_check": f"{RATE} VALUES ($version, 'rent', 'USD', '', '', '', 1, 0, 0, 60, now())",
    "rate_increment_s_check": f"{RATE} VALUES ($version, 'rent', 'USD', '', '', '', 1, 0, 60, 3601, now())",
    "rate_check": "UPDATE rate SET valid_until = valid_from - '1 s'::interval",
    "rate_check1": f"{RATE} VALUES ($version, 'rent', 'USD', '', '', '49', 1, 0, 60, 60, now())",
    "rate_outbound_open": f"{RATE} VALUES ($version, 'outbound', 'USD', 'GB', '', '44', 1, 0, 60, 60, now())",
    "rate_short_check": f"{RATE} VALUES ($version, 'outbound', 'USD', '', 'short', '118', 1, 0, 60, 60, now())",
    "rate_short_open": f"{RATE} SELECT $version, 'outbound', 'USD', 'DE', 'short', '118', 1, 0, 60, 60, now() FROM generate_series(1, 2)",  # noqa: E501, S608
    "rate_callers_open": "INSERT INTO rate (version_id, kind, currency, prefix, per_minute, connection_fee, first_interval_s, increment_s, valid_from, caller_prefixes) SELECT $version, 'outbound', 'USD', '44', 1, 0, 60, 60, now(), '30 31' FROM generate_series(1, 2)",  # noqa: E501
    "rate_caller_prefixes_check": "UPDATE rate SET caller_prefixes = 'local' WHERE kind = 'outbound'",
    "rate_number_open": f"{RATE} SELECT $version, 'rent', 'USD', 'US', 'mobile', '', 1, 0, 60, 60, now() FROM generate_series(1, 2)",  # noqa: E501, S608
    "rate_kept": "DELETE FROM rate",
    # call
    "call_account_id_fkey": "UPDATE call SET account_id = 0",
    "call_connection_check": "UPDATE call SET connection = '' WHERE id = $open",
    "call_provider_call_id_check": "UPDATE call SET provider_call_id = repeat('x', 129) WHERE id = $open",
    "call_reuse_check": "UPDATE call SET reuse = -1 WHERE id = $open",
    "call_direction_check": "UPDATE call SET direction = 'sideways'",
    "call_state_check": "UPDATE call SET state = 'paused' WHERE id = $open",
    "call_granted_s_check": "UPDATE call SET granted_s = 3601 WHERE id = $open",
    "call_reported_s_check": "UPDATE call SET reported_s = -1 WHERE id = $ended",
    "call_charge_check": "UPDATE call SET charge = -1 WHERE id = $ended",
    "call_cut_reason_check": "UPDATE call SET cut_reason = 'mood'",
    "call_check": "UPDATE call SET billed_s = granted_s + 1 WHERE id = $ended",
    "call_check1": "UPDATE call SET reason = NULL WHERE id = $refused",
    "call_check2": "UPDATE call SET ended_at = now() WHERE id = $open",
    "call_check3": "UPDATE call SET charge = NULL WHERE id = $ended",
    "call_check4": "UPDATE call SET granted_s = 60 WHERE id = $refused",
    "call_check5": "UPDATE call SET direction = NULL WHERE id = $open",
    "call_check6": "UPDATE call SET answered_at = started_at - '1 s'::interval WHERE id = $open",
    "call_kept": "DELETE FROM call",
    "call_first_once": "UPDATE call SET provider_call_id = 'open' WHERE id = $ended",
    # live_call
    "anonymised_is_the_one_check": "INSERT INTO anonymised (is_the_one, call_id) VALUES (false, 0)",
    "known_call_key_check": "INSERT INTO known_call VALUES ('short', 0, 1)",
    # call_month
    "call_month_check": "UPDATE call_month SET until_id = first_id",
    "call_month_check1": "UPDATE call_month SET file = 'calls.gz'",
    "call_month_first_id_key": "INSERT INTO call_month VALUES ('2026-03-01', 0, 1)",
    "call_month_until_id_key": "INSERT INTO call_month SELECT '2026-03-01', first_id + 1, until_id FROM call_month",
    "live_call_call_id_fkey": f"{LIVE} VALUES (0, NULL, 0, 0, now(), now())",
    "live_call_pkey": f"{LIVE} SELECT $open, NULL, 0, 0, now(), now() FROM generate_series(1, 2)",  # noqa: S608
    "live_call_hold_check": f"{LIVE} VALUES ($open, $account, -1, 0, now(), now())",
    "live_call_held_s_check": f"{LIVE} VALUES ($open, $account, 1, -1, now(), now())",
    "live_call_check": f"{LIVE} VALUES ($open, NULL, 1, 60, now(), now())",
    # doubted_end
    "doubted_end_call_id_fkey": f"{DOUBTED} VALUES (0, now(), now())",
    # ledger_entry
    "ledger_entry_account_id_fkey": f"{ENTRY} VALUES (0, 'adjustment', 1, 1, 'a', NULL, now())",
    "ledger_entry_kind_check": f"{ENTRY} VALUES ($account, 'gift', 1, 1, 'a', NULL, now())",
    "ledger_entry_amount_check": f"{ENTRY} VALUES ($account, 'adjustment', 0, 1, 'a', NULL, now())",
    "ledger_entry_once": f"{ENTRY} SELECT $account, 'top_up', 1, 1, 'a', NULL, now() FROM generate_series(1, 2)",  # noqa: S608
    "ledger_entry_call_check": f"{ENTRY} VALUES ($account, 'call', -1, 1, 'a', NULL, now())",
    "ledger_entry_charged_check": f"{CHARGE} VALUES ($account, 'refund', 1, 1, 'a', $ended, now(), $ended)",
    "ledger_entry_check1": f"{ENTRY} VALUES ($account, 'rent', 1, 1, 'a', NULL, now())",
    "ledger_entry_check2": f"{ENTRY} VALUES ($account, 'top_up', -1, 1, 'a', NULL, now())",
    "ledger_entry_check3": f"{ENTRY} VALUES ($account, 'rent', -1, 1, 'a', NULL, now())",
    "ledger_entry_append_only": "UPDATE ledger_entry SET amount = amount + 1",
    "ledger_entry_no_truncate": "TRUNCATE ledger_entry",
    # mail
    "mail_account_id_fkey": f"{MAIL} VALUES (0, 'x', 'a', 'a@b', 'en', '{{}}', now(), now(), 'queued', now(), NULL)",
    "mail_once": f"{MAIL} SELECT NULL, 'x', 'a', 'a@b', 'en', '{{}}', now(), now(), 'queued', now(), NULL FROM generate_series(1, 2)",  # noqa: E501, S608
    "mail_state_check": f"{MAIL} VALUES (NULL, 'x', 'a', 'a@b', 'en', '{{}}', now(), now(), 'lost', NULL, NULL)",
    "mail_check": f"{MAIL} VALUES (NULL, 'x', 'a', 'a@b', 'en', '{{}}', now(), now(), 'queued', NULL, NULL)",
    "mail_check1": f"{MAIL} VALUES (NULL, 'x', 'a', 'a@b', 'en', '{{}}', now(), now(), 'sent', NULL, NULL)",
    "mail_kept": f"{MAIL} VALUES (NULL, 'x', 'a', 'a@b', 'en', '{{}}', now(), now(), 'sent', NULL, now()); DELETE FROM mail",  # noqa: E501, S608
    # crm_portal, crm_call, crm_click
    "crm_portal_connection_check": PORTAL.replace("'b24'", "''"),
    "crm_portal_account_id_fkey": PORTAL.replace("$account", "0"),
    "crm_portal_check": f"{PORTAL}; UPDATE crm_portal SET access_token = 'a'",  # noqa: S608
    "crm_call_connection_fkey": f"{CRM_CALL} VALUES ('b25', $open, 'queued', now(), now(), NULL)",
    "crm_call_first_call_id_fkey": f"{CRM_CALL} VALUES ('b24', 0, 'queued', now(), now(), NULL)",
    "crm_call_state_check": f"{CRM_CALL} VALUES ('b24', $open, 'lost', now(), NULL, NULL)",
    "crm_call_check": f"{CRM_CALL} VALUES ('b24', $open, 'queued', now(), NULL, NULL)",
    "crm_call_check1": f"{CRM_CALL} VALUES ('b24', $open, 'registered', now(), now(), NULL)",
    "crm_click_connection_fkey": "INSERT INTO crm_click VALUES ('b24', 'externalCall.1', '12', '+4420', now())",
    # provider_account, provider_line
    "provider_account_balance_check": ("INSERT INTO provider_account VALUES ('x', now(), NULL, now(), now(), '{}', 1)"),
    "provider_account_connection_check": "INSERT INTO provider_account VALUES ('', now(), NULL, now(), now())",
    "connection_hooks_refused_check": (
        "INSERT INTO connection_hooks (connection, configured_at, refused_at) VALUES ('pbx', now(), now())"
    ),
    "hook_bytes_check": (
        "INSERT INTO hook (connection, at, kind, outcome, method, path, content_type, bytes, body, status, reply_type,"
        " reply, ms) VALUES ('pbx', now(), '', '', '', '', '', -1, '', 200, '', '', 0)"
    ),
    "connection_secret_fingerprint_check": "INSERT INTO connection_secret VALUES ('pbx', 'the secret', now())",
    "provider_line_connection_fkey": "INSERT INTO provider_line VALUES ('vox', '+15550100001', now())",
    # person, membership
    "person_email_check": f"{PERSON} VALUES ('nobody', '', 'en', 'UTC', now())",
    "person_name_check": f"{PERSON} VALUES ('a@b.example', repeat('a', 201), 'en', 'UTC', now())",
    "membership_person_id_fkey": f"{MEMBERSHIP} VALUES (0, NULL, 'operator', now())",
    "membership_account_id_fkey": f"{MEMBERSHIP} VALUES ({THE_PERSON}, 0, 'reader', now())",
    "membership_role_check": f"{MEMBERSHIP} VALUES ({THE_PERSON}, $account, 'king', now())",
    "membership_side_check": f"{MEMBERSHIP} VALUES ({THE_PERSON}, $account, 'operator', now())",
    "membership_once": (
        f"{MEMBERSHIP} VALUES ({THE_PERSON}, NULL, 'operator', now()), ({THE_PERSON}, NULL, 'support', now())"
    ),
    # token
    "token_hash_once": (
        f"{TOKEN} VALUES ({HASH}, 'gw_o_aaaa', '', 'operator', NULL, NULL, 'cli:a', now()),"
        f" ({HASH}, 'gw_o_aaaa', '', 'operator', NULL, NULL, 'cli:a', now())"
    ),
    "token_hash_check": f"{TOKEN} VALUES ('', 'gw_o_aaaa', '', 'operator', NULL, NULL, 'cli:a', now())",
    "token_prefix_check": f"{TOKEN} VALUES ({HASH}, 'gw_', '', 'operator', NULL, NULL, 'cli:a', now())",
    "token_name_check": (
        f"{TOKEN} VALUES ({HASH}, 'gw_o_aaaa', repeat('a', 201), 'operator', NULL, NULL, 'cli:a', now())"
    ),
    "token_role_check": f"{TOKEN} VALUES ({HASH}, 'gw_o_aaaa', '', 'king', $account, NULL, 'cli:a', now())",
    "token_account_id_fkey": f"{TOKEN} VALUES ({HASH}, 'gw_o_aaaa', '', 'reader', 0, NULL, 'cli:a', now())",
    "token_scopes_check": f"{TOKEN} VALUES ({HASH}, 'gw_o_aaaa', '', 'operator', NULL, '{{}}', 'cli:a', now())",
    "token_side_check": f"{TOKEN} VALUES ({HASH}, 'gw_o_aaaa', '', 'reader', NULL, NULL, 'cli:a', now())",
    # login, session
    "login_hash_check": f"{ANNA}; {LOGIN} VALUES ('', {THE_PERSON}, now(), now())",
    "login_person_id_fkey": f"{LOGIN} VALUES ({HASH}, 0, now(), now())",
    "session_hash_once": (
        f"{SESSION} VALUES ({HASH}, {THE_PERSON}, now(), now(), now(), '', ''),"
        f" ({HASH}, {THE_PERSON}, now(), now(), now(), '', '')"
    ),
    "session_hash_check": f"{SESSION} VALUES ('', {THE_PERSON}, now(), now(), now(), '', '')",
    "session_person_id_fkey": f"{SESSION} VALUES ({HASH}, 0, now(), now(), now(), '', '')",
    "session_agent_check": f"{SESSION} VALUES ({HASH}, {THE_PERSON}, now(), now(), now(), '', repeat('a', 301))",
    # usage_point
    "usage_point_is_the_one_check": "INSERT INTO usage_point VALUES (false, 0)",
    # sign_in_try, passkey_challenge
    "sign_in_try_what_check": "INSERT INTO sign_in_try VALUES ('', now())",
    "passkey_challenge_check": "INSERT INTO passkey_challenge VALUES ('', NULL, now())",
    "passkey_challenge_session_id_fkey": f"{CHALLENGE} VALUES ({HASH}, 0, now())",
    # passkey, totp
    "passkey_person_id_fkey": f"{PASSKEY} VALUES ('a', 0, 'key', 0, '', now())",
    "passkey_sign_count_check": f"{PASSKEY} VALUES ('a', {THE_PERSON}, 'key', -1, '', now())",
    "passkey_name_check": f"{PASSKEY} VALUES ('a', {THE_PERSON}, 'key', 0, repeat('a', 201), now())",
    "totp_person_id_fkey": "INSERT INTO totp (person_id, secret) VALUES (0, '')",
    # large_sum
    "large_sum_account_id_fkey": f"{LARGE} VALUES (0, 'refund', 1, 'a', NULL, 'cli:a', {WAITS})",
    "large_sum_kind_check": f"{LARGE} VALUES ($account, 'call', 1, 'a', NULL, 'cli:a', {WAITS})",
    "large_sum_amount_check": f"{LARGE} VALUES ($account, 'refund', 0, 'a', NULL, 'cli:a', {WAITS})",
    "large_sum_external_id_check": f"{LARGE} VALUES ($account, 'refund', 1, '', NULL, 'cli:a', {WAITS})",
    "large_sum_note_check": f"{LARGE} VALUES ($account, 'refund', 1, 'a', '', 'cli:a', {WAITS})",
    "large_sum_asked_by_check": f"{LARGE} VALUES ($account, 'refund', 1, 'a', NULL, '', {WAITS})",
    "large_sum_state_check": (
        f"{LARGE} VALUES ($account, 'refund', 1, 'a', NULL, 'cli:a', now(), 'lost', 'cli:b', now(), NULL)"
    ),
    "large_sum_decided_by_check": (
        f"{LARGE} VALUES ($account, 'refund', 1, 'a', NULL, 'cli:a', now(), 'refused', '', now(), NULL)"
    ),
    "large_sum_decided_check": (
        f"{LARGE} VALUES ($account, 'refund', 1, 'a', NULL, 'cli:a', now(), 'refused', NULL, NULL, NULL)"
    ),
    "large_sum_booked_check": (
        f"{LARGE} VALUES ($account, 'refund', 1, 'a', NULL, 'cli:a', now(), 'refused', 'cli:b', now(), 1)"
    ),
    "large_sum_needs_two": (
        f"{LARGE} VALUES ($account, 'refund', 1, 'a', NULL, 'cli:a', now(), 'approved', 'cli:a', now(), 1)"
    ),
    "large_sum_waiting": (
        f"{LARGE} VALUES ($account, 'refund', 1, 'a', NULL, 'cli:a', {WAITS}),"
        f" ($account, 'refund', 2, 'a', NULL, 'cli:b', {WAITS})"
    ),
    # audit, idempotency
    "audit_actor_kind_check": f"{AUDIT} VALUES (now(), 'ghost', 'a', 'me.read', '')",
    "audit_actor_id_check": f"{AUDIT} VALUES (now(), 'cli', '', 'me.read', '')",
    "audit_append_only": f"{AUDIT} VALUES (now(), 'cli', 'a', 'me.read', ''); DELETE FROM audit",  # noqa: S608 - constants of this file
    "audit_no_truncate": "TRUNCATE audit",
    "event_unchanged": (
        "INSERT INTO event (kind, object, at, noted_at, data) VALUES ('call.refused', 'call:1', now(), now(), '{}');"
        " UPDATE event SET kind = 'call.finished'"
    ),
    "idempotency_key_check": f"{REPLY} VALUES ('cli:a', '', '', {HASH}, 200, '', now())",
    "idempotency_body_hash_check": f"{REPLY} VALUES ('cli:a', 'a', '', '', 200, '', now())",
}

# All that the catalogue knows, but for the keys that the database numbers by itself, what a part of a table has from
# the whole, and the parts for ids of no month.
IN_THE_SCHEMA = """
    SELECT conname AS name
    FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace AND contype IN ('c', 'f', 'u', 'x')
        AND conparentid = 0 AND coninhcount = 0 AND conrelid::regclass::text NOT LIKE '%_default'
        OR conname = 'live_call_pkey'
    UNION ALL
    SELECT relname FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
    WHERE indisunique AND indpred IS NOT NULL AND relnamespace = 'public'::regnamespace
    UNION ALL
    -- Only one that comes before a change can refuse it; that by which a call is known leaves alone.
    SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgtype & 2 > 0 AND tgname <> 'call_known'
"""


async def _make_world(conn: PgConnection) -> dict[str, int]:
    account = await world.account(conn)
    await world.number(conn, account, "+15550100001")
    rate = await world.rate(conn, "44")
    version = await conn.fetchval("SELECT version_id FROM rate WHERE id = $1", rate)
    calls = [row["id"] for row in await conn.fetch(WORLD.format(account=account), world.NOON)]
    return {"account": account, "version": version, "rate": rate} | dict(
        zip(("open", "ended", "refused", "orphan"), calls, strict=True)
    )


@pytest.mark.parametrize("name", VIOLATIONS)
async def test_a_constraint_holds(pool: Pool, name: str) -> None:
    async with pool.acquire() as conn:
        statement = VIOLATIONS[name]
        for key, number in (await _make_world(conn)).items():
            statement = statement.replace(f"${key}", str(number))

        with pytest.raises(asyncpg.IntegrityConstraintViolationError) as raised:
            await conn.execute(statement)

        # A trigger has no name of its own in its error; it says what it did not allow.
        assert raised.value.constraint_name == name or " is not allowed" in str(raised.value)


async def test_no_constraint_is_left_out(pool: Pool) -> None:
    names = {row["name"] for row in await pool.fetch(IN_THE_SCHEMA)}

    assert names == set(VIOLATIONS)


async def test_a_ledger_entry_cannot_be_deleted(pool: Pool) -> None:
    async with pool.acquire() as conn:
        await world.account(conn)

        with pytest.raises(asyncpg.RestrictViolationError, match="DELETE of ledger_entry_kept is not allowed"):
            await conn.execute("DELETE FROM ledger_entry")


@pytest.mark.parametrize("table", ["call", "call_first"])
async def test_r16_a_call_that_is_known_is_left_alone(pool: Pool, table: str) -> None:
    async with pool.acquire() as conn:
        await _make_world(conn)
        await conn.execute("UPDATE known_call SET call_id = NULL")
        statement = f"{CALL} VALUES ('pbx', 'open', '', '', '', 'open', 'R14', 200, 200, 60, now(), 'inbound')"

        done = await conn.execute(statement.replace("INTO call", f"INTO {table}"))

        assert done == "INSERT 0 0"
