-- Opening and closing calls are functions, so that both ways to them say it once: with facts that were gathered in the
-- transaction, whose accounts are locked, and with facts that the process remembers. Those are made true here: the
-- accounts are locked first, then a second look is taken, and a call that is not as it was remembered is left alone. One
-- round trip, which commits by itself. Quick.

CREATE FUNCTION accounts_lock(account_ids bigint[], lock_wait text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('lock_timeout', lock_wait, true);
    PERFORM FROM account WHERE id = ANY(account_ids) ORDER BY id FOR NO KEY UPDATE;
END
$$;

CREATE FUNCTION calls_open(
    calls json, decided_at timestamptz, account_ids bigint[], owed_limits boolean, rates_version bigint, lock_wait text
) RETURNS TABLE (ordinal integer, call_id bigint)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    IF account_ids IS NOT NULL THEN
        PERFORM accounts_lock(account_ids, lock_wait);
        IF rates_version <> (SELECT coalesce(max(id), 0) FROM rate_version) THEN
            RETURN;
        END IF;
    END IF;
    RETURN QUERY
    WITH told AS MATERIALIZED (
        SELECT
            i.*, call_key(i.connection, i.provider_call_id) AS key,
            account.available - sum(i.hold) OVER (PARTITION BY i.account_id ORDER BY i.ordinal) + i.hold AS left_to_it,
            line.is_so
        FROM json_to_recordset($1) AS i (
            ordinal integer, connection text, provider_call_id text, account_id bigint, line_id bigint, rate_id bigint,
            parent_id bigint, direction text, caller text, callee text, line text, caller_id text, state text, rule text,
            reason text, record_code smallint, sip_code smallint, available numeric, granted_s integer, reply text,
            started_at timestamptz, provider_started_at timestamptz, flags text, hold numeric, held_s integer,
            control_url text, must_end_at timestamptz, cut_due_at timestamptz, extend_due_at timestamptz,
            reconcile_due_at timestamptz, needed numeric, currency text, country text, category text
        )
        LEFT JOIN LATERAL (
            SELECT balance + credit_limit - held + CASE WHEN $4 THEN 0 ELSE owed END AS available
            FROM account
            WHERE $3 IS NOT NULL AND account.id = i.account_id AND account.state = 'open' AND account.caps IS NULL
                AND NOT account.free_inbound_needs_balance AND account.currency = i.currency
            LIMIT 1
        ) AS account ON true
        LEFT JOIN LATERAL (
            SELECT true AS is_so
            FROM line
            WHERE $3 IS NOT NULL AND line.id = i.line_id AND line.account_id = i.account_id AND line.state = 'active'
                AND line.country = i.country AND line.category = i.category
            LIMIT 1
        ) AS line ON true
    ),
    looked_at AS MATERIALIZED (
        SELECT
            *,
            $3 IS NULL OR bool_and(
                is_so IS NOT NULL AND left_to_it IS NOT NULL AND left_to_it >= coalesce(needed, left_to_it)
            ) OVER (PARTITION BY account_id ORDER BY ordinal) AS is_sound
        FROM told
    ),
    input AS MATERIALIZED (SELECT * FROM looked_at WHERE is_sound),
    known AS (
        INSERT INTO known_call (key, reuse, call_id)
        SELECT key, 0, nextval('call_id_seq')
        FROM input
        ORDER BY key
        ON CONFLICT (key, reuse) DO NOTHING
        RETURNING key, call_id
    ),
    numbered AS MATERIALIZED (
        SELECT known.call_id, input.*
        FROM known
        JOIN input ON input.key = known.key
    ),
    opened AS (
        INSERT INTO call (
            id, has_key, connection, provider_call_id, account_id, line_id, rate_id, parent_id, direction, caller,
            callee, line, caller_id, state, rule, reason, record_code, sip_code,
            available, granted_s, reply, started_at, provider_started_at, flags, flagged_at
        )
        OVERRIDING SYSTEM VALUE
        SELECT
            call_id, true, connection, provider_call_id, account_id, line_id, rate_id, parent_id, direction, caller,
            callee, line, caller_id, state, rule, reason, record_code, sip_code,
            CASE WHEN $3 IS NULL OR available IS NULL THEN available ELSE left_to_it END, granted_s,
            decode(reply, 'base64'), started_at, provider_started_at,
            string_to_array(flags, ','), CASE WHEN flags <> '' THEN $2 END
        FROM numbered
    ),
    live AS (
        INSERT INTO live_call (
            call_id, account_id, hold, held_s, control_url, must_end_at, cut_due_at, extend_due_at, reconcile_due_at,
            forwarded_to
        )
        SELECT
            call_id, account_id, hold, held_s, control_url, must_end_at, cut_due_at, extend_due_at, reconcile_due_at,
            CASE WHEN direction = 'forward' THEN callee END
        FROM numbered
        WHERE state = 'open'
    ),
    held AS (
        UPDATE account
        SET held = held + (SELECT sum(hold) FROM numbered WHERE numbered.account_id = account.id)
        WHERE id = ANY(ARRAY(SELECT account_id FROM numbered WHERE hold > 0))
    )
    SELECT ordinal, call_id FROM numbered;
END
$$;

CREATE FUNCTION calls_close(
    calls json, closed_at timestamptz, call_ids bigint[], first_id bigint, last_id bigint, account_ids bigint[],
    lock_wait text
) RETURNS TABLE (ordinal integer)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    IF account_ids IS NOT NULL THEN
        PERFORM accounts_lock(account_ids, lock_wait);
    END IF;
    RETURN QUERY
    WITH input AS MATERIALIZED (
        SELECT *
        FROM json_to_recordset($1) AS i (
            ordinal integer, call_id bigint, answered_at timestamptz, ended_at timestamptz, reported_s integer,
            billed_s integer, charge numeric, cause text, cost numeric, cost_currency text, flags text, note text,
            was_granted_s integer, was_answered_at timestamptz, was_hold numeric, was_rate_id bigint
        )
    ),
    known AS MATERIALIZED (
        SELECT id, granted_s, answered_at, rate_id
        FROM call
        WHERE id = ANY($3) AND id BETWEEN $4 AND $5
    ),
    taken AS (
        DELETE FROM live_call
        WHERE call_id = ANY(ARRAY(
            SELECT input.call_id
            FROM input
            JOIN known AS call ON call.id = input.call_id
            LEFT JOIN LATERAL (
                SELECT hold
                FROM live_call
                WHERE input.was_hold IS NOT NULL AND live_call.call_id = input.call_id AND live_call.over_at IS NULL
                LIMIT 1
            ) AS live ON true
            WHERE call.granted_s = input.was_granted_s AND call.answered_at IS NOT DISTINCT FROM input.was_answered_at
                AND (
                    input.was_hold IS NULL
                    OR (live.hold = input.was_hold AND call.rate_id IS NOT DISTINCT FROM input.was_rate_id)
                )
        ))
        RETURNING call_id, account_id, hold, CASE WHEN over_at IS NULL THEN 0 ELSE hold END AS owed
    ),
    gone AS MATERIALIZED (
        SELECT taken.account_id, taken.hold, taken.owed, input.*
        FROM taken
        JOIN input ON input.call_id = taken.call_id
    ),
    closed AS (
        UPDATE call
        SET state = 'ended',
            (answered_at, ended_at, reported_s, billed_s, charge, cause, cost, cost_currency, flags, flagged_at) = (
                SELECT
                    gone.answered_at, gone.ended_at, gone.reported_s, gone.billed_s, gone.charge, gone.cause, gone.cost,
                    gone.cost_currency,
                    CASE WHEN gone.flags = '' THEN call.flags ELSE call.flags || ARRAY(
                        SELECT flag
                        FROM unnest(string_to_array(gone.flags, ',')) WITH ORDINALITY AS told (flag, place)
                        WHERE flag <> ALL(call.flags)
                        ORDER BY place
                    ) END,
                    CASE WHEN gone.flags = '' THEN call.flagged_at ELSE $2 END
                FROM gone
                WHERE gone.call_id = call.id
            )
        WHERE id = ANY(ARRAY(SELECT call_id FROM gone)) AND id BETWEEN $4 AND $5
    ),
    booked AS (
        INSERT INTO ledger_entry (account_id, kind, amount, balance_after, key, call_id, charged_call_id, booked_at, note)
        SELECT
            gone.account_id, 'call', -gone.charge,
            account.balance - sum(gone.charge) OVER (PARTITION BY gone.account_id ORDER BY gone.ordinal),
            'call:' || gone.call_id, gone.call_id, gone.call_id, $2, gone.note
        FROM gone
        CROSS JOIN LATERAL (SELECT balance FROM account WHERE account.id = gone.account_id LIMIT 1) AS account
        WHERE gone.charge > 0
        ORDER BY gone.account_id, gone.ordinal
    ),
    moved AS (
        UPDATE account
        SET (balance, held, owed, low_balance_due_at, spent_on, spent) = (
            SELECT
                account.balance - sum(gone.charge), account.held - sum(gone.hold), account.owed - sum(gone.owed),
                CASE
                    WHEN account.balance - sum(gone.charge) < account.low_level
                    THEN least(account.low_balance_due_at, $2)
                    ELSE account.low_balance_due_at
                END,
                CASE
                    WHEN account.caps IS NULL THEN account.spent_on
                    ELSE counting_day(account.spent_on, ($2 AT TIME ZONE account.time_zone)::date)
                END,
                CASE
                    WHEN account.caps IS NULL THEN account.spent
                    ELSE sum(gone.charge) + spent_today(
                        account.spent, account.spent_on, ($2 AT TIME ZONE account.time_zone)::date
                    )
                END
            FROM gone
            WHERE gone.account_id = account.id
        )
        WHERE id = ANY(ARRAY(SELECT account_id FROM gone WHERE charge > 0 OR hold > 0))
    )
    SELECT ordinal FROM gone;
END
$$;
