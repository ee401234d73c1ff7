-- Made from sql/migrations by `python -m tests.support.schema_dump`; do not edit.

-- DOMAIN amount

CREATE DOMAIN public.amount AS numeric(20,6)
	CONSTRAINT amount_check CHECK ((VALUE <> 'NaN'::numeric));

-- DOMAIN currency_code

CREATE DOMAIN public.currency_code AS text
	CONSTRAINT currency_code_check CHECK ((VALUE ~ '^[A-Z]{3}$'::text));

-- FUNCTION accounts_lock(bigint[], text)

CREATE FUNCTION public.accounts_lock(account_ids bigint[], lock_wait text) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
    PERFORM set_config('lock_timeout', lock_wait, true);
    PERFORM FROM account WHERE id = ANY(account_ids) ORDER BY id FOR NO KEY UPDATE;
END
$$;

-- FUNCTION add_month(date)

CREATE FUNCTION public.add_month(date) RETURNS void
    LANGUAGE plpgsql
    AS $_$
DECLARE
    month text := to_char($1, 'YYYY_MM');
    begins bigint;
BEGIN
    PERFORM make_parts(month);
    INSERT INTO call_month (starts_on, first_id, until_id)
    SELECT $1, max(until_id), max(until_id) + 10000000000
    FROM call_month
    RETURNING first_id INTO begins;
    LOCK TABLE account, live_call, doubted_end IN SHARE ROW EXCLUSIVE MODE;
    EXECUTE format(
        'ALTER TABLE call ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)',
        'call_' || month, begins, begins + 10000000000
    );
    EXECUTE format(
        'ALTER TABLE crm_call ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)',
        'crm_call_' || month, begins, begins + 10000000000
    );
    EXECUTE format(
        'ALTER TABLE ledger_entry ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)',
        'ledger_entry_' || month, begins, begins + 10000000000
    );
    EXECUTE format(
        'ALTER TABLE call_number ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)',
        'call_number_' || month, begins, begins + 10000000000
    );
END
$_$;

-- FUNCTION anonymised_party(text)

CREATE FUNCTION public.anonymised_party(text) RETURNS text
    LANGUAGE sql IMMUTABLE
    AS $_$
    SELECT CASE
        WHEN $1 IN ('', 'anonymous') OR $1 ~ '^[0-9]{1,6}$' THEN $1
        WHEN $1 ~ '^[+][0-9]{7,15}$' THEN left($1, greatest(length($1) - 6, 3)) || '******'
        ELSE '******'
    END
$_$;

-- FUNCTION begin_months(bigint)

CREATE FUNCTION public.begin_months(bigint) RETURNS void
    LANGUAGE plpgsql
    AS $_$
DECLARE
    part text;
    until_id bigint := $1 + 10000000000;
BEGIN
    FOR part IN SELECT to_char(starts_on, 'YYYY_MM') FROM call_month WHERE starts_on > '-infinity' LOOP
        PERFORM detach_month(part), drop_month(part);
    END LOOP;
    DELETE FROM call_month WHERE starts_on > '-infinity';
    PERFORM detach_month('first');
    ALTER TABLE ledger_entry DETACH PARTITION ledger_entry_kept;
    UPDATE call_month SET first_id = $1, until_id = $1 + 10000000000;
    EXECUTE format('ALTER TABLE call ATTACH PARTITION call_first FOR VALUES FROM (MINVALUE) TO (%s)', until_id);
    EXECUTE format('ALTER TABLE crm_call ATTACH PARTITION crm_call_first FOR VALUES FROM (MINVALUE) TO (%s)', until_id);
    EXECUTE format(
        'ALTER TABLE ledger_entry ATTACH PARTITION ledger_entry_kept FOR VALUES FROM (MINVALUE) TO (%s)', until_id
    );
    EXECUTE format(
        'ALTER TABLE call_number ATTACH PARTITION call_number_first FOR VALUES FROM (MINVALUE) TO (%s)', until_id
    );
END
$_$;

-- FUNCTION call_events(bigint)

CREATE FUNCTION public.call_events(bigint) RETURNS TABLE(kind text, account_id bigint, call_id bigint, at timestamp with time zone, data jsonb)
    LANGUAGE sql STABLE
    AS $_$
    SELECT told.kind, call.account_id, call.id, coalesce(call.ended_at, call.started_at), jsonb_build_object(
        'call_id', call.id, 'connection', call.connection, 'provider_call_id', call.provider_call_id,
        'line', call.line, 'direction', call.direction, 'caller', call.caller, 'callee', call.callee,
        'state', call.state, 'rule', call.rule, 'reason', call.reason, 'started_at', call.started_at,
        'answered_at', call.answered_at, 'ended_at', call.ended_at, 'billed_s', call.billed_s,
        'charge', call.charge::numeric::text,
        'currency', (SELECT currency FROM account WHERE account.id = call.account_id)
    )
    FROM call
    CROSS JOIN LATERAL (
        SELECT 'call.finished' AS kind WHERE call.state = 'ended'
        UNION ALL
        SELECT 'call.refused' WHERE call.state = 'refused'
        UNION ALL
        SELECT 'cap.hit' WHERE call.reason = 'capped'
    ) AS told
    WHERE call.id = $1
$_$;

-- TABLE call

CREATE TABLE public.call (
    id bigint NOT NULL,
    connection text NOT NULL,
    provider_call_id text NOT NULL,
    account_id bigint,
    line_id bigint,
    rate_id bigint,
    parent_id bigint,
    direction text,
    caller text NOT NULL,
    callee text NOT NULL,
    line text NOT NULL,
    caller_id text DEFAULT ''::text NOT NULL,
    state text NOT NULL,
    rule text NOT NULL,
    reason text,
    record_code smallint NOT NULL,
    sip_code smallint NOT NULL,
    available numeric(22,6),
    granted_s integer NOT NULL,
    reply bytea,
    started_at timestamp with time zone NOT NULL,
    answered_at timestamp with time zone,
    ended_at timestamp with time zone,
    reported_s integer,
    billed_s integer,
    charge public.amount,
    cause text,
    cut_reason text,
    cost numeric,
    cost_currency public.currency_code,
    flags text[] DEFAULT '{}'::text[] NOT NULL,
    reuse integer DEFAULT 0 NOT NULL,
    provider_started_at timestamp with time zone,
    provider_answered_at timestamp with time zone,
    flagged_at timestamp with time zone,
    anonymised_at timestamp with time zone,
    has_key boolean DEFAULT false NOT NULL,
    CONSTRAINT call_charge_check CHECK (((charge)::numeric >= (0)::numeric)),
    CONSTRAINT call_check CHECK (((billed_s >= 0) AND (billed_s <= granted_s))),
    CONSTRAINT call_check1 CHECK (((state = 'refused'::text) = (reason IS NOT NULL))),
    CONSTRAINT call_check2 CHECK (((state = ANY (ARRAY['ended'::text, 'orphan'::text])) = (ended_at IS NOT NULL))),
    CONSTRAINT call_check3 CHECK (((state = 'ended'::text) = (charge IS NOT NULL))),
    CONSTRAINT call_check4 CHECK (((state <> 'refused'::text) OR (granted_s = 0))),
    CONSTRAINT call_check5 CHECK (((state = 'orphan'::text) OR (direction IS NOT NULL))),
    CONSTRAINT call_check6 CHECK (((answered_at >= started_at) AND (ended_at >= answered_at))),
    CONSTRAINT call_connection_check CHECK ((connection <> ''::text)),
    CONSTRAINT call_cut_reason_check CHECK ((cut_reason = ANY (ARRAY['limit'::text, 'credit'::text, 'operator'::text]))),
    CONSTRAINT call_direction_check CHECK ((direction = ANY (ARRAY['inbound'::text, 'outbound'::text, 'forward'::text]))),
    CONSTRAINT call_granted_s_check CHECK (((granted_s >= 0) AND (granted_s <= 3600))),
    CONSTRAINT call_provider_call_id_check CHECK (((length(provider_call_id) >= 1) AND (length(provider_call_id) <= 128))),
    CONSTRAINT call_reported_s_check CHECK ((reported_s >= 0)),
    CONSTRAINT call_reuse_check CHECK ((reuse >= 0)),
    CONSTRAINT call_state_check CHECK ((state = ANY (ARRAY['open'::text, 'refused'::text, 'ended'::text, 'orphan'::text])))
)
PARTITION BY RANGE (id);

-- FUNCTION call_fits(public.call, text, text, text, text, text, text, text, timestamp with time zone, timestamp with time zone, numeric, text)

CREATE FUNCTION public.call_fits(public.call, text, text, text, text, text, text, text, timestamp with time zone, timestamp with time zone, numeric, text) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    AS $_$
    SELECT
        ($2 IS NULL OR $1.line = $2)
        AND (
            $3 IS NULL
            OR $3 = ANY(ARRAY[$1.caller, $1.callee, $1.line, $1.caller_id])
            OR (
                $1.anonymised_at IS NOT NULL
                AND anonymised_party($3) = ANY(ARRAY[$1.caller, $1.callee, $1.caller_id])
            )
        )
        AND ($4 IS NULL OR $1.state = $4)
        AND ($5 IS NULL OR $1.reason = $5)
        AND ($6 IS NULL OR $6 = ANY($1.flags))
        AND ($7 IS NULL OR $1.direction = $7)
        AND ($8 IS NULL OR $1.connection = $8)
        AND ($9 IS NULL OR $1.started_at >= $9)
        AND ($10 IS NULL OR $1.started_at < $10)
        AND ($11 IS NULL OR $1.charge >= $11)
        AND (
            $12 IS NULL OR starts_with(CASE $1.direction WHEN 'inbound' THEN $1.caller ELSE $1.callee END, $12)
        )
$_$;

-- FUNCTION call_key(text, text)

CREATE FUNCTION public.call_key(text, text) RETURNS bytea
    LANGUAGE sql STABLE
    AS $_$
    SELECT substr(sha256(convert_to($1 || E'\n' || $2, 'UTF8')), 1, 16)
$_$;

-- FUNCTION call_refunded(bigint)

CREATE FUNCTION public.call_refunded(bigint) RETURNS numeric
    LANGUAGE sql STABLE
    AS $_$
    SELECT coalesce(sum(amount), 0) FROM ledger_entry_kept WHERE call_id = $1 AND kind = 'refund'
$_$;

-- FUNCTION caller_digits(text, text)

CREATE FUNCTION public.caller_digits(text, text) RETURNS integer
    LANGUAGE sql IMMUTABLE
    AS $_$
    SELECT CASE
        WHEN $1 = '' THEN 0
        ELSE length(substring($2 FROM '^[+](' || replace($1, ' ', '|') || ')'))
    END
$_$;

-- FUNCTION calls_close(json, timestamp with time zone, bigint[], bigint, bigint, bigint[], text)

CREATE FUNCTION public.calls_close(calls json, closed_at timestamp with time zone, call_ids bigint[], first_id bigint, last_id bigint, account_ids bigint[], lock_wait text) RETURNS TABLE(ordinal integer)
    LANGUAGE plpgsql
    AS $_$
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
$_$;

-- FUNCTION calls_of(bigint[], bigint, bigint)

CREATE FUNCTION public.calls_of(bigint[], bigint, bigint) RETURNS SETOF public.call
    LANGUAGE plpgsql STABLE STRICT ROWS 20
    AS $_$
BEGIN
    RETURN QUERY SELECT call.* FROM call WHERE call.id = ANY($1) AND call.id BETWEEN $2 AND $3;
END
$_$;

-- FUNCTION calls_of_month(text, bigint, integer)

CREATE FUNCTION public.calls_of_month(text, bigint, integer) RETURNS TABLE(call_id bigint, line text, has_entry boolean)
    LANGUAGE plpgsql STABLE
    AS $_$
BEGIN
    RETURN QUERY EXECUTE format(
        'SELECT
            call.id, json_build_object(''call'', call, ''entry'', to_jsonb(entry) - ''charged_call_id'')::text,
            entry.id IS NOT NULL
        FROM %I AS call
        LEFT JOIN %I AS entry ON entry.charged_call_id = call.id
        WHERE call.id > $1
        ORDER BY call.id
        LIMIT $2',
        'call_' || $1, 'ledger_entry_' || $1
    ) USING $2, $3;
END
$_$;

-- FUNCTION calls_of_stretch(bigint, bigint, bigint, bigint, boolean, integer, text)

CREATE FUNCTION public.calls_of_stretch(bigint, bigint, bigint, bigint, boolean, integer, text) RETURNS SETOF public.call
    LANGUAGE sql STABLE
    AS $_$
    SELECT looked_at.*
    FROM (
        (
            SELECT *
            FROM call
            WHERE account_id = $1
                AND id < least($2, $4)
                AND id >= CASE WHEN $7 IS NULL THEN $3 ELSE greatest($3, (SELECT call_id + 1 FROM usage_point)) END
            ORDER BY id DESC
            LIMIT $6
        )
        UNION ALL
        (
            SELECT *
            FROM call
            WHERE $1 IS NULL
                AND NOT $5
                AND id < least($2, $4)
                AND id >= CASE WHEN $7 IS NULL THEN $3 ELSE greatest($3, (SELECT call_id + 1 FROM usage_point)) END
            ORDER BY id DESC
            LIMIT $6
        )
        UNION ALL
        (
            SELECT call.*
            FROM numbered_calls($2, $3, $4, $6, $7) AS numbered
            CROSS JOIN LATERAL (SELECT * FROM call WHERE call.id = numbered.call_id LIMIT 1) AS call
            WHERE $7 IS NOT NULL AND NOT ($5 AND $1 IS NULL)
        )
        UNION ALL
        (
            SELECT *
            FROM call
            WHERE flags <> '{}'
                AND id < $2
                AND id >= CASE WHEN $5 AND $1 IS NULL THEN $3 ELSE $4 END
            ORDER BY id DESC
            LIMIT $6
        )
    ) AS looked_at
    WHERE $1 IS NULL OR account_id = $1
$_$;

-- FUNCTION calls_open(json, timestamp with time zone, bigint[], boolean, bigint, text)

CREATE FUNCTION public.calls_open(calls json, decided_at timestamp with time zone, account_ids bigint[], owed_limits boolean, rates_version bigint, lock_wait text) RETURNS TABLE(ordinal integer, call_id bigint)
    LANGUAGE plpgsql
    AS $_$
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
$_$;

-- FUNCTION counting_day(date, date)

CREATE FUNCTION public.counting_day(date, date) RETURNS date
    LANGUAGE sql IMMUTABLE
    AS $_$
    SELECT CASE WHEN $1 = $2 + 1 THEN $1 ELSE $2 END
$_$;

-- FUNCTION country_of_numbers(bigint)

CREATE FUNCTION public.country_of_numbers(bigint) RETURNS SETOF text
    LANGUAGE sql STABLE
    AS $_$
    SELECT number.country
    FROM (
        SELECT line.country
        FROM line
        WHERE line.account_id = $1
            AND line.kind = 'number'
            AND line.state <> 'disconnected'
            AND line.country <> '001'
        LIMIT 1000
    ) AS number
    GROUP BY number.country
    ORDER BY count(*) DESC, number.country
    LIMIT 1
$_$;

-- FUNCTION detach_month(text)

CREATE FUNCTION public.detach_month(text) RETURNS void
    LANGUAGE plpgsql
    AS $_$
BEGIN
    LOCK TABLE account, live_call, doubted_end IN SHARE ROW EXCLUSIVE MODE;
    LOCK TABLE crm_call, call, ledger_entry, call_number IN ACCESS EXCLUSIVE MODE;
    EXECUTE format('ALTER TABLE crm_call DETACH PARTITION %I', 'crm_call_' || $1);
    EXECUTE format('ALTER TABLE call DETACH PARTITION %I', 'call_' || $1);
    EXECUTE format('ALTER TABLE call_number DETACH PARTITION %I', 'call_number_' || $1);
    IF $1 <> 'first' THEN
        EXECUTE format('ALTER TABLE ledger_entry DETACH PARTITION %I', 'ledger_entry_' || $1);
    END IF;
END
$_$;

-- FUNCTION drop_month(text)

CREATE FUNCTION public.drop_month(text) RETURNS void
    LANGUAGE plpgsql
    AS $_$
BEGIN
    EXECUTE format('DROP TABLE %I, %I, %I', 'crm_call_' || $1, 'call_' || $1, 'ledger_entry_' || $1);
    EXECUTE format('DROP TABLE IF EXISTS %I', 'call_number_' || $1);
END
$_$;

-- FUNCTION gather_month(text)

CREATE FUNCTION public.gather_month(text) RETURNS void
    LANGUAGE plpgsql
    AS $_$
DECLARE
    month call_month := (
        SELECT call_month
        FROM call_month
        WHERE CASE WHEN starts_on > '-infinity' THEN to_char(starts_on, 'YYYY_MM') ELSE 'first' END = $1
    );
BEGIN
    EXECUTE format('CREATE TABLE IF NOT EXISTS %I (LIKE ledger_entry, PRIMARY KEY (charged_call_id))', 'ledger_entry_' || $1);
    EXECUTE format('LOCK TABLE %I IN SHARE MODE', 'ledger_entry_' || $1);
    EXECUTE format(
        'WITH moved AS (
            DELETE FROM ledger_entry_kept
            WHERE kind = ''call'' AND call_id >= %s AND call_id < %s
            RETURNING id, account_id, kind, amount, balance_after, key, call_id, external_id, note, booked_at
        )
        INSERT INTO %I (
            id, account_id, kind, amount, balance_after, key, call_id, external_id, note, booked_at, charged_call_id
        )
        OVERRIDING SYSTEM VALUE
        SELECT *, call_id FROM moved',
        month.first_id, month.until_id, 'ledger_entry_' || $1
    );
    EXECUTE format(
        'INSERT INTO account_archive (account_id, starts_on, entry_id, balance, archived)
        SELECT account_id, %L, max(id), (array_agg(balance_after::numeric ORDER BY id DESC))[1], sum(amount)
        FROM %I
        GROUP BY account_id',
        month.starts_on, 'ledger_entry_' || $1
    );
END
$_$;

-- TABLE rate

CREATE TABLE public.rate (
    id bigint NOT NULL,
    version_id bigint CONSTRAINT rate_version_id_not_null1 NOT NULL,
    kind text NOT NULL,
    currency public.currency_code NOT NULL,
    country text DEFAULT ''::text NOT NULL,
    category text DEFAULT ''::text NOT NULL,
    prefix text DEFAULT ''::text NOT NULL,
    per_minute public.amount NOT NULL,
    connection_fee public.amount NOT NULL,
    first_interval_s integer NOT NULL,
    increment_s integer NOT NULL,
    valid_from timestamp with time zone NOT NULL,
    valid_until timestamp with time zone,
    caller_prefixes text DEFAULT ''::text NOT NULL,
    CONSTRAINT rate_caller_prefixes_check CHECK (((caller_prefixes ~ '^([0-9]{1,15}( [0-9]{1,15})*)?$'::text) AND ((caller_prefixes = ''::text) OR ((kind = 'outbound'::text) AND (category <> 'short'::text))))),
    CONSTRAINT rate_category_check CHECK ((category = ANY (ARRAY[''::text, 'geographic'::text, 'mobile'::text, 'toll_free'::text, 'national'::text, 'connector'::text, 'short'::text]))),
    CONSTRAINT rate_check CHECK ((valid_until >= valid_from)),
    CONSTRAINT rate_check1 CHECK (((kind = 'outbound'::text) = (prefix <> ''::text))),
    CONSTRAINT rate_connection_fee_check CHECK (((connection_fee)::numeric >= (0)::numeric)),
    CONSTRAINT rate_country_check CHECK ((country ~ '^([A-Z]{2}|001)?$'::text)),
    CONSTRAINT rate_first_interval_s_check CHECK (((first_interval_s >= 1) AND (first_interval_s <= 3600))),
    CONSTRAINT rate_increment_s_check CHECK (((increment_s >= 1) AND (increment_s <= 3600))),
    CONSTRAINT rate_kind_check CHECK ((kind = ANY (ARRAY['outbound'::text, 'inbound'::text, 'rent'::text]))),
    CONSTRAINT rate_per_minute_check CHECK (((per_minute)::numeric >= (0)::numeric)),
    CONSTRAINT rate_prefix_check CHECK ((prefix ~ '^[0-9]{0,15}$'::text)),
    CONSTRAINT rate_short_check CHECK (((category <> 'short'::text) OR ((kind = 'outbound'::text) AND (country <> ''::text) AND (length(prefix) <= 6))))
);

-- FUNCTION is_valid_after(public.rate, timestamp with time zone)

CREATE FUNCTION public.is_valid_after(public.rate, timestamp with time zone) RETURNS boolean
    LANGUAGE sql STABLE
    AS $_$
    SELECT $1.valid_until IS NULL OR ($1.valid_until > $2 AND $1.valid_until > $1.valid_from)
$_$;

-- FUNCTION know_call()

CREATE FUNCTION public.know_call() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO known_call (key, reuse, call_id)
    VALUES (call_key(NEW.connection, NEW.provider_call_id), NEW.reuse, NEW.id)
    ON CONFLICT (key, reuse) DO NOTHING;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    RETURN NEW;
END
$$;

-- FUNCTION make_parts(text)

CREATE FUNCTION public.make_parts(text) RETURNS void
    LANGUAGE plpgsql
    AS $_$
BEGIN
    EXECUTE format(
        'CREATE TABLE %I (LIKE call INCLUDING DEFAULTS INCLUDING CONSTRAINTS) WITH (fillfactor = 70)', 'call_' || $1
    );
    EXECUTE format('ALTER TABLE %I ADD PRIMARY KEY (id)', 'call_' || $1);
    EXECUTE format(
        'CREATE TABLE %I (
            LIKE crm_call INCLUDING DEFAULTS INCLUDING CONSTRAINTS, FOREIGN KEY (call_id) REFERENCES %I
        ) WITH (fillfactor = 70)',
        'crm_call_' || $1, 'call_' || $1
    );
    EXECUTE format(
        'CREATE TABLE %I (
            LIKE ledger_entry INCLUDING DEFAULTS INCLUDING CONSTRAINTS,
            PRIMARY KEY (charged_call_id),
            UNIQUE (account_id, id),
            CHECK (kind = ''call'' AND charged_call_id = call_id AND key = ''call:'' || call_id)
        )',
        'ledger_entry_' || $1
    );
    EXECUTE format(
        'CREATE TRIGGER ledger_entry_no_truncate BEFORE TRUNCATE ON %I
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()',
        'ledger_entry_' || $1
    );
    EXECUTE format('CREATE TABLE %I (LIKE call_number, PRIMARY KEY (number, call_id))', 'call_number_' || $1);
END
$_$;

-- FUNCTION note_usage_changed()

CREATE FUNCTION public.note_usage_changed() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO usage_changed (
        call_id, connection, account_id, line_id, direction, caller, callee, line, state, reason, cause, started_at,
        answered_at, billed_s, charge, refunded, cost, cost_currency
    )
    VALUES (
        OLD.id, OLD.connection, OLD.account_id, OLD.line_id, OLD.direction, OLD.caller, OLD.callee, OLD.line, OLD.state,
        OLD.reason, OLD.cause, OLD.started_at, OLD.answered_at, OLD.billed_s, OLD.charge, call_refunded(OLD.id),
        OLD.cost, OLD.cost_currency
    );
    RETURN NULL;
END
$$;

-- FUNCTION number_calls()

CREATE FUNCTION public.number_calls() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO call_number (number, call_id)
    SELECT DISTINCT party, call.id
    FROM call
    CROSS JOIN LATERAL unnest(ARRAY[caller, callee, line, caller_id]) AS party
    WHERE call.id = ANY(ARRAY(SELECT call_id FROM gone))
        AND call.id BETWEEN (SELECT min(call_id) FROM gone) AND (SELECT max(call_id) FROM gone)
        AND party <> ''
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;

-- FUNCTION number_next_calls()

CREATE FUNCTION public.number_next_calls() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO call_number (number, call_id)
    SELECT DISTINCT party, call.id
    FROM call
    CROSS JOIN LATERAL unnest(ARRAY[caller, callee, line, caller_id]) AS party
    WHERE call.id > OLD.call_id
        AND call.id <= NEW.call_id
        AND party <> ''
        AND NOT EXISTS (SELECT FROM usage_awaited WHERE usage_awaited.call_id = call.id)
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;

-- FUNCTION numbered_calls(bigint, bigint, bigint, integer, text)

CREATE FUNCTION public.numbered_calls(bigint, bigint, bigint, integer, text) RETURNS TABLE(call_id bigint)
    LANGUAGE sql STABLE
    AS $_$
    (
        SELECT call_id
        FROM call_number
        WHERE number = $5 AND call_id < least($1, $3) AND call_id >= $2
        ORDER BY call_id DESC
        LIMIT $4
    )
    UNION
    (
        SELECT call_id
        FROM call_number
        WHERE number = anonymised_party($5) AND call_id < least($1, $3) AND call_id >= $2
        ORDER BY call_id DESC
        LIMIT $4
    )
    UNION
    (
        SELECT call_id
        FROM usage_awaited
        WHERE $5 IS NOT NULL AND call_id < least($1, $3) AND call_id >= $2
        ORDER BY call_id DESC
        LIMIT $4
    )
    UNION
    (
        SELECT call_id
        FROM usage_changed
        WHERE $5 IS NOT NULL
            AND call_id < least($1, $3)
            AND call_id >= $2
            AND call_id <= (SELECT call_id FROM usage_point)
        ORDER BY call_id DESC
        LIMIT $4
    )
$_$;

-- FUNCTION outbound_rates(text, text, text, timestamp with time zone, timestamp with time zone)

CREATE FUNCTION public.outbound_rates(text, text, text, timestamp with time zone, timestamp with time zone) RETURNS SETOF public.rate
    LANGUAGE sql STABLE
    AS $_$
    SELECT rate.*
    FROM rate
    WHERE rate.kind = 'outbound'
        AND rate.currency = $1
        AND CASE WHEN starts_with($2, '+') THEN rate.category <> 'short'
            ELSE rate.category = 'short' AND rate.country = $3 END
        AND rate.prefix = ANY(CASE WHEN starts_with($2, '+') THEN ARRAY[
            substr($2, 2, 1), substr($2, 2, 2), substr($2, 2, 3), substr($2, 2, 4), substr($2, 2, 5),
            substr($2, 2, 6), substr($2, 2, 7), substr($2, 2, 8), substr($2, 2, 9), substr($2, 2, 10),
            substr($2, 2, 11), substr($2, 2, 12), substr($2, 2, 13), substr($2, 2, 14), substr($2, 2, 15)
        ] ELSE ARRAY[
            substr($2, 1, 1), substr($2, 1, 2), substr($2, 1, 3), substr($2, 1, 4), substr($2, 1, 5),
            substr($2, 1, 6)
        ] END)
        AND rate.valid_from <= $5
        AND (rate.valid_until IS NULL OR rate.valid_until > $4)
$_$;

-- FUNCTION rates_for(text, text, text, text, text, timestamp with time zone, timestamp with time zone, text)

CREATE FUNCTION public.rates_for(text, text, text, text, text, timestamp with time zone, timestamp with time zone, text) RETURNS SETOF public.rate
    LANGUAGE sql STABLE
    AS $_$
    SELECT fitting.*
    FROM (
        SELECT rate.*
        FROM outbound_rates($2, $3, $4, $6, $7) AS rate
        WHERE $1 = 'outbound'
            AND CASE
                WHEN $8 IS NOT NULL THEN caller_digits(rate.caller_prefixes, $8) IS NOT NULL
                ELSE NOT EXISTS (
                    SELECT 1
                    FROM outbound_rates($2, $3, $4, $6, $7) AS other
                    WHERE (other.caller_prefixes = '' AND length(other.prefix) > length(rate.prefix))
                        OR (
                            other.caller_prefixes = rate.caller_prefixes
                            AND other.prefix = rate.prefix
                            AND (other.valid_from, other.id) > (rate.valid_from, rate.id)
                        )
                )
            END
        UNION ALL
        SELECT rate.*
        FROM rate
        WHERE $1 <> 'outbound'
            AND rate.kind <> 'outbound'
            AND rate.kind = $1
            AND rate.currency = $2
            AND rate.country = ANY(ARRAY[$4, ''])
            AND rate.category = ANY(ARRAY[$5, CASE WHEN $5 = 'connector' THEN $5 ELSE '' END])
            AND rate.valid_from <= $7
            AND (rate.valid_until IS NULL OR rate.valid_until > $6)
    ) AS fitting
    ORDER BY
        CASE WHEN $8 IS NULL AND fitting.kind = 'outbound' THEN fitting.per_minute END DESC NULLS LAST,
        CASE
            WHEN fitting.kind = 'outbound' THEN length(fitting.prefix)
            ELSE (fitting.country <> '')::integer * 2 + (fitting.category <> '')::integer
        END DESC,
        caller_digits(fitting.caller_prefixes, $8) DESC NULLS LAST,
        CASE WHEN fitting.caller_prefixes <> '' THEN fitting.per_minute END DESC NULLS LAST,
        fitting.valid_from DESC,
        fitting.id DESC
$_$;

-- FUNCTION refuse_change()

CREATE FUNCTION public.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION '% of % is not allowed', TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;

-- FUNCTION refuse_change_but_archive()

CREATE FUNCTION public.refuse_change_but_archive() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('gateway.is_archiving', true) = 'on' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION '% of % is not allowed', TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;

-- FUNCTION spent_today(numeric, date, date)

CREATE FUNCTION public.spent_today(numeric, date, date) RETURNS numeric
    LANGUAGE sql IMMUTABLE
    AS $_$
    SELECT CASE WHEN $2 = counting_day($2, $3) THEN $1 ELSE 0 END
$_$;

-- FUNCTION watch_account()

CREATE FUNCTION public.watch_account() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO account_proof (account_id) VALUES (NEW.id);
    RETURN NULL;
END
$$;

-- TABLE account

CREATE TABLE public.account (
    id bigint NOT NULL,
    name text NOT NULL,
    currency public.currency_code NOT NULL,
    email text NOT NULL,
    time_zone text NOT NULL,
    language text NOT NULL,
    main_number text,
    credit_limit public.amount DEFAULT 0 NOT NULL,
    balance public.amount DEFAULT 0 NOT NULL,
    held public.amount DEFAULT 0 NOT NULL,
    free_inbound_needs_balance boolean DEFAULT false NOT NULL,
    unavailable_allow_s integer DEFAULT 0 NOT NULL,
    created_at timestamp with time zone NOT NULL,
    mails_off text[] DEFAULT '{}'::text[] NOT NULL,
    low_armed boolean DEFAULT true NOT NULL,
    low_mailed_at timestamp with time zone,
    low_level public.amount,
    low_balance_due_at timestamp with time zone DEFAULT '1970-01-01 00:00:00+00'::timestamp with time zone CONSTRAINT account_low_check_at_not_null NOT NULL,
    caps jsonb,
    spent_on date,
    spent public.amount DEFAULT 0 NOT NULL,
    owed public.amount DEFAULT 0 NOT NULL,
    when_withheld text DEFAULT 'anonymous'::text NOT NULL,
    state text DEFAULT 'open'::text NOT NULL,
    blocked_reason text,
    closed_at timestamp with time zone,
    CONSTRAINT account_credit_limit_check CHECK (((credit_limit)::numeric >= (0)::numeric)),
    CONSTRAINT account_email_check CHECK ((email ~~ '_%@_%'::text)),
    CONSTRAINT account_held_check CHECK (((held)::numeric >= (0)::numeric)),
    CONSTRAINT account_main_number_check CHECK ((main_number ~ '^\+[1-9][0-9]{6,14}$'::text)),
    CONSTRAINT account_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200))),
    CONSTRAINT account_spent_check CHECK (((spent)::numeric >= (0)::numeric)),
    CONSTRAINT account_unavailable_allow_s_check CHECK (((unavailable_allow_s >= 0) AND (unavailable_allow_s <= 3600))),
    CONSTRAINT account_when_withheld_check CHECK ((when_withheld = ANY (ARRAY['anonymous'::text, 'refused'::text])))
)
WITH (fillfactor='50');

-- TABLE account_archive

CREATE TABLE public.account_archive (
    account_id bigint NOT NULL,
    starts_on date NOT NULL,
    entry_id bigint NOT NULL,
    balance public.amount NOT NULL,
    archived public.amount NOT NULL
);

-- SEQUENCE account_id_seq

ALTER TABLE public.account ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.account_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

-- TABLE call_month

CREATE TABLE public.call_month (
    starts_on date NOT NULL,
    first_id bigint NOT NULL,
    until_id bigint NOT NULL,
    archived_at timestamp with time zone,
    file text,
    CONSTRAINT call_month_check CHECK ((first_id < until_id)),
    CONSTRAINT call_month_check1 CHECK (((file IS NULL) OR (archived_at IS NOT NULL)))
);

-- VIEW account_opening

CREATE VIEW public.account_opening AS
 SELECT account_id,
    max(entry_id) AS entry_id,
    (array_agg((balance)::numeric ORDER BY account_archive.entry_id DESC))[1] AS balance,
    sum((archived)::numeric) AS archived
   FROM public.account_archive
  WHERE (NOT (EXISTS ( SELECT
           FROM public.call_month
          WHERE ((call_month.starts_on = account_archive.starts_on) AND (call_month.archived_at IS NULL)))))
  GROUP BY account_id;

-- TABLE account_proof

CREATE TABLE public.account_proof (
    account_id bigint NOT NULL,
    entry_id bigint DEFAULT 0 NOT NULL,
    balance public.amount DEFAULT 0 NOT NULL,
    call_id bigint DEFAULT 0 NOT NULL,
    proved_at timestamp with time zone,
    is_right boolean DEFAULT true NOT NULL,
    due_at timestamp with time zone DEFAULT '1970-01-01 00:00:00+00'::timestamp with time zone NOT NULL,
    whole_due_at timestamp with time zone DEFAULT '1970-01-01 00:00:00+00'::timestamp with time zone NOT NULL
)
WITH (fillfactor='50');

-- TABLE anonymised

CREATE TABLE public.anonymised (
    is_the_one boolean DEFAULT true NOT NULL,
    call_id bigint NOT NULL,
    CONSTRAINT anonymised_is_the_one_check CHECK (is_the_one)
);

-- TABLE known_call

CREATE TABLE public.known_call (
    key bytea NOT NULL,
    reuse integer NOT NULL,
    call_id bigint,
    CONSTRAINT known_call_key_check CHECK ((length(key) = 16))
);

-- VIEW archived_call

CREATE VIEW public.archived_call AS
 SELECT key
   FROM public.known_call
  WHERE (reuse = 0);

-- TABLE audit

CREATE TABLE public.audit (
    id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    actor_kind text NOT NULL,
    actor_id text NOT NULL,
    address text,
    request_id text,
    action text NOT NULL,
    account_id bigint,
    object text NOT NULL,
    before jsonb,
    after jsonb,
    note text,
    CONSTRAINT audit_actor_id_check CHECK (((length(actor_id) >= 1) AND (length(actor_id) <= 200))),
    CONSTRAINT audit_actor_kind_check CHECK ((actor_kind = ANY (ARRAY['cli'::text, 'token'::text, 'person'::text, 'gateway'::text])))
);

-- SEQUENCE audit_id_seq

ALTER TABLE public.audit ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.audit_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

-- TABLE call_default

CREATE TABLE public.call_default (
    id bigint CONSTRAINT call_id_not_null NOT NULL,
    connection text CONSTRAINT call_connection_not_null NOT NULL,
    provider_call_id text CONSTRAINT call_provider_call_id_not_null NOT NULL,
    account_id bigint,
    line_id bigint,
    rate_id bigint,
    parent_id bigint,
    direction text,
    caller text CONSTRAINT call_caller_not_null NOT NULL,
    callee text CONSTRAINT call_callee_not_null NOT NULL,
    line text CONSTRAINT call_line_not_null NOT NULL,
    caller_id text DEFAULT ''::text CONSTRAINT call_caller_id_not_null NOT NULL,
    state text CONSTRAINT call_state_not_null NOT NULL,
    rule text CONSTRAINT call_rule_not_null NOT NULL,
    reason text,
    record_code smallint CONSTRAINT call_record_code_not_null NOT NULL,
    sip_code smallint CONSTRAINT call_sip_code_not_null NOT NULL,
    available numeric(22,6),
    granted_s integer CONSTRAINT call_granted_s_not_null NOT NULL,
    reply bytea,
    started_at timestamp with time zone CONSTRAINT call_started_at_not_null NOT NULL,
    answered_at timestamp with time zone,
    ended_at timestamp with time zone,
    reported_s integer,
    billed_s integer,
    charge public.amount,
    cause text,
    cut_reason text,
    cost numeric,
    cost_currency public.currency_code,
    flags text[] DEFAULT '{}'::text[] CONSTRAINT call_flags_not_null NOT NULL,
    reuse integer DEFAULT 0 CONSTRAINT call_reuse_not_null NOT NULL,
    provider_started_at timestamp with time zone,
    provider_answered_at timestamp with time zone,
    flagged_at timestamp with time zone,
    anonymised_at timestamp with time zone,
    has_key boolean DEFAULT false CONSTRAINT call_has_key_not_null NOT NULL,
    CONSTRAINT call_charge_check CHECK (((charge)::numeric >= (0)::numeric)),
    CONSTRAINT call_check CHECK (((billed_s >= 0) AND (billed_s <= granted_s))),
    CONSTRAINT call_check1 CHECK (((state = 'refused'::text) = (reason IS NOT NULL))),
    CONSTRAINT call_check2 CHECK (((state = ANY (ARRAY['ended'::text, 'orphan'::text])) = (ended_at IS NOT NULL))),
    CONSTRAINT call_check3 CHECK (((state = 'ended'::text) = (charge IS NOT NULL))),
    CONSTRAINT call_check4 CHECK (((state <> 'refused'::text) OR (granted_s = 0))),
    CONSTRAINT call_check5 CHECK (((state = 'orphan'::text) OR (direction IS NOT NULL))),
    CONSTRAINT call_check6 CHECK (((answered_at >= started_at) AND (ended_at >= answered_at))),
    CONSTRAINT call_connection_check CHECK ((connection <> ''::text)),
    CONSTRAINT call_cut_reason_check CHECK ((cut_reason = ANY (ARRAY['limit'::text, 'credit'::text, 'operator'::text]))),
    CONSTRAINT call_direction_check CHECK ((direction = ANY (ARRAY['inbound'::text, 'outbound'::text, 'forward'::text]))),
    CONSTRAINT call_granted_s_check CHECK (((granted_s >= 0) AND (granted_s <= 3600))),
    CONSTRAINT call_provider_call_id_check CHECK (((length(provider_call_id) >= 1) AND (length(provider_call_id) <= 128))),
    CONSTRAINT call_reported_s_check CHECK ((reported_s >= 0)),
    CONSTRAINT call_reuse_check CHECK ((reuse >= 0)),
    CONSTRAINT call_state_check CHECK ((state = ANY (ARRAY['open'::text, 'refused'::text, 'ended'::text, 'orphan'::text])))
)
WITH (fillfactor='70');

-- TABLE call_first

CREATE TABLE public.call_first (
    id bigint CONSTRAINT call_id_not_null NOT NULL,
    connection text CONSTRAINT call_connection_not_null NOT NULL,
    provider_call_id text CONSTRAINT call_provider_call_id_not_null NOT NULL,
    account_id bigint,
    line_id bigint,
    rate_id bigint,
    parent_id bigint,
    direction text,
    caller text CONSTRAINT call_caller_not_null NOT NULL,
    callee text CONSTRAINT call_callee_not_null NOT NULL,
    line text CONSTRAINT call_line_not_null NOT NULL,
    caller_id text DEFAULT ''::text CONSTRAINT call_caller_id_not_null NOT NULL,
    state text CONSTRAINT call_state_not_null NOT NULL,
    rule text CONSTRAINT call_rule_not_null NOT NULL,
    reason text,
    record_code smallint CONSTRAINT call_record_code_not_null NOT NULL,
    sip_code smallint CONSTRAINT call_sip_code_not_null NOT NULL,
    available numeric(22,6),
    granted_s integer CONSTRAINT call_granted_s_not_null NOT NULL,
    reply bytea,
    started_at timestamp with time zone CONSTRAINT call_started_at_not_null NOT NULL,
    answered_at timestamp with time zone,
    ended_at timestamp with time zone,
    reported_s integer,
    billed_s integer,
    charge public.amount,
    cause text,
    cut_reason text,
    cost numeric,
    cost_currency public.currency_code,
    flags text[] DEFAULT '{}'::text[] CONSTRAINT call_flags_not_null NOT NULL,
    reuse integer DEFAULT 0 CONSTRAINT call_reuse_not_null NOT NULL,
    provider_started_at timestamp with time zone,
    provider_answered_at timestamp with time zone,
    flagged_at timestamp with time zone,
    anonymised_at timestamp with time zone,
    has_key boolean DEFAULT false CONSTRAINT call_has_key_not_null NOT NULL,
    CONSTRAINT call_charge_check CHECK (((charge)::numeric >= (0)::numeric)),
    CONSTRAINT call_check CHECK (((billed_s >= 0) AND (billed_s <= granted_s))),
    CONSTRAINT call_check1 CHECK (((state = 'refused'::text) = (reason IS NOT NULL))),
    CONSTRAINT call_check2 CHECK (((state = ANY (ARRAY['ended'::text, 'orphan'::text])) = (ended_at IS NOT NULL))),
    CONSTRAINT call_check3 CHECK (((state = 'ended'::text) = (charge IS NOT NULL))),
    CONSTRAINT call_check4 CHECK (((state <> 'refused'::text) OR (granted_s = 0))),
    CONSTRAINT call_check5 CHECK (((state = 'orphan'::text) OR (direction IS NOT NULL))),
    CONSTRAINT call_check6 CHECK (((answered_at >= started_at) AND (ended_at >= answered_at))),
    CONSTRAINT call_connection_check CHECK ((connection <> ''::text)),
    CONSTRAINT call_cut_reason_check CHECK ((cut_reason = ANY (ARRAY['limit'::text, 'credit'::text, 'operator'::text]))),
    CONSTRAINT call_direction_check CHECK ((direction = ANY (ARRAY['inbound'::text, 'outbound'::text, 'forward'::text]))),
    CONSTRAINT call_granted_s_check CHECK (((granted_s >= 0) AND (granted_s <= 3600))),
    CONSTRAINT call_provider_call_id_check CHECK (((length(provider_call_id) >= 1) AND (length(provider_call_id) <= 128))),
    CONSTRAINT call_reported_s_check CHECK ((reported_s >= 0)),
    CONSTRAINT call_reuse_check CHECK ((reuse >= 0)),
    CONSTRAINT call_state_check CHECK ((state = ANY (ARRAY['open'::text, 'refused'::text, 'ended'::text, 'orphan'::text])))
)
WITH (fillfactor='70');

-- SEQUENCE call_id_seq

ALTER TABLE public.call ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.call_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

-- TABLE call_number

CREATE TABLE public.call_number (
    number text NOT NULL COLLATE pg_catalog."C",
    call_id bigint NOT NULL
)
PARTITION BY RANGE (call_id);

-- TABLE call_number_default

CREATE TABLE public.call_number_default (
    number text CONSTRAINT call_number_number_not_null NOT NULL COLLATE pg_catalog."C",
    call_id bigint CONSTRAINT call_number_call_id_not_null NOT NULL
);

-- TABLE call_number_first

CREATE TABLE public.call_number_first (
    number text CONSTRAINT call_number_number_not_null NOT NULL COLLATE pg_catalog."C",
    call_id bigint CONSTRAINT call_number_call_id_not_null NOT NULL
);

-- TABLE connection_hooks

CREATE TABLE public.connection_hooks (
    connection text NOT NULL,
    configured_at timestamp with time zone NOT NULL,
    accepted_at timestamp with time zone,
    refused_at timestamp with time zone,
    refused_status integer,
    refused_why text,
    CONSTRAINT connection_hooks_refused_check CHECK ((((refused_at IS NULL) = (refused_status IS NULL)) AND ((refused_at IS NULL) = (refused_why IS NULL))))
);

-- TABLE connection_secret

CREATE TABLE public.connection_secret (
    connection text NOT NULL,
    fingerprint text NOT NULL,
    used_at timestamp with time zone NOT NULL,
    CONSTRAINT connection_secret_fingerprint_check CHECK ((fingerprint ~ '^[0-9a-f]{6}$'::text))
);

-- TABLE crm_call

CREATE TABLE public.crm_call (
    connection text NOT NULL,
    call_id bigint NOT NULL,
    state text NOT NULL,
    crm_call_id text,
    crm_user_id text,
    created_at timestamp with time zone NOT NULL,
    due_at timestamp with time zone,
    tries integer DEFAULT 0 NOT NULL,
    last_reply text,
    CONSTRAINT crm_call_check CHECK (((state = ANY (ARRAY['queued'::text, 'registered'::text])) = (due_at IS NOT NULL))),
    CONSTRAINT crm_call_check1 CHECK (((state <> ALL (ARRAY['registered'::text, 'finished'::text])) OR (crm_call_id IS NOT NULL))),
    CONSTRAINT crm_call_state_check CHECK ((state = ANY (ARRAY['queued'::text, 'registered'::text, 'finished'::text, 'given_up'::text])))
)
PARTITION BY RANGE (call_id);

-- TABLE crm_call_default

CREATE TABLE public.crm_call_default (
    connection text CONSTRAINT crm_call_connection_not_null NOT NULL,
    call_id bigint CONSTRAINT crm_call_call_id_not_null NOT NULL,
    state text CONSTRAINT crm_call_state_not_null NOT NULL,
    crm_call_id text,
    crm_user_id text,
    created_at timestamp with time zone CONSTRAINT crm_call_created_at_not_null NOT NULL,
    due_at timestamp with time zone,
    tries integer DEFAULT 0 CONSTRAINT crm_call_tries_not_null NOT NULL,
    last_reply text,
    CONSTRAINT crm_call_check CHECK (((state = ANY (ARRAY['queued'::text, 'registered'::text])) = (due_at IS NOT NULL))),
    CONSTRAINT crm_call_check1 CHECK (((state <> ALL (ARRAY['registered'::text, 'finished'::text])) OR (crm_call_id IS NOT NULL))),
    CONSTRAINT crm_call_state_check CHECK ((state = ANY (ARRAY['queued'::text, 'registered'::text, 'finished'::text, 'given_up'::text])))
)
WITH (fillfactor='70');

-- TABLE crm_call_first

CREATE TABLE public.crm_call_first (
    connection text CONSTRAINT crm_call_connection_not_null NOT NULL,
    call_id bigint CONSTRAINT crm_call_call_id_not_null NOT NULL,
    state text CONSTRAINT crm_call_state_not_null NOT NULL,
    crm_call_id text,
    crm_user_id text,
    created_at timestamp with time zone CONSTRAINT crm_call_created_at_not_null NOT NULL,
    due_at timestamp with time zone,
    tries integer DEFAULT 0 CONSTRAINT crm_call_tries_not_null NOT NULL,
    last_reply text,
    CONSTRAINT crm_call_check CHECK (((state = ANY (ARRAY['queued'::text, 'registered'::text])) = (due_at IS NOT NULL))),
    CONSTRAINT crm_call_check1 CHECK (((state <> ALL (ARRAY['registered'::text, 'finished'::text])) OR (crm_call_id IS NOT NULL))),
    CONSTRAINT crm_call_state_check CHECK ((state = ANY (ARRAY['queued'::text, 'registered'::text, 'finished'::text, 'given_up'::text])))
)
WITH (fillfactor='70');

-- TABLE crm_click

CREATE TABLE public.crm_click (
    connection text NOT NULL,
    crm_call_id text NOT NULL,
    crm_user_id text NOT NULL,
    callee text NOT NULL,
    clicked_at timestamp with time zone NOT NULL
);

-- TABLE crm_portal

CREATE TABLE public.crm_portal (
    connection text NOT NULL,
    account_id bigint NOT NULL,
    seen_call_id bigint NOT NULL,
    token_seed text,
    access_token text,
    refresh_token text,
    token_until timestamp with time zone,
    rest_until timestamp with time zone DEFAULT '1970-01-01 00:00:00+00'::timestamp with time zone NOT NULL,
    CONSTRAINT crm_portal_check CHECK (((access_token IS NULL) = (token_until IS NULL))),
    CONSTRAINT crm_portal_connection_check CHECK ((connection <> ''::text))
);

-- TABLE doubted_end

CREATE TABLE public.doubted_end (
    call_id bigint NOT NULL,
    control_url text,
    heard_at timestamp with time zone NOT NULL,
    was_up boolean DEFAULT false NOT NULL,
    tries smallint DEFAULT 0 NOT NULL,
    due_at timestamp with time zone NOT NULL
);

-- TABLE event

CREATE TABLE public.event (
    id bigint NOT NULL,
    kind text NOT NULL,
    account_id bigint,
    object text NOT NULL,
    at timestamp with time zone NOT NULL,
    noted_at timestamp with time zone NOT NULL,
    data jsonb NOT NULL
);

-- TABLE event_connection

CREATE TABLE public.event_connection (
    connection text NOT NULL,
    is_failing boolean NOT NULL
);

-- SEQUENCE event_id_seq

ALTER TABLE public.event ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.event_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

-- TABLE event_line

CREATE TABLE public.event_line (
    line_id bigint NOT NULL,
    state text NOT NULL
);

-- TABLE event_open_call

CREATE TABLE public.event_open_call (
    call_id bigint NOT NULL
);

-- TABLE event_source

CREATE TABLE public.event_source (
    name text NOT NULL,
    after_id bigint NOT NULL,
    until_id bigint NOT NULL,
    horizon bigint NOT NULL
);

-- TABLE hook

CREATE TABLE public.hook (
    id bigint NOT NULL,
    connection text NOT NULL,
    at timestamp with time zone NOT NULL,
    kind text NOT NULL,
    outcome text NOT NULL,
    provider_call_id text,
    method text NOT NULL,
    path text NOT NULL,
    content_type text NOT NULL,
    bytes integer NOT NULL,
    body text NOT NULL,
    status smallint NOT NULL,
    reply_type text NOT NULL,
    reply text NOT NULL,
    ms numeric(12,2) NOT NULL,
    why text,
    CONSTRAINT hook_bytes_check CHECK ((bytes >= 0))
);

-- SEQUENCE hook_id_seq

ALTER TABLE public.hook ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.hook_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

-- TABLE idempotency

CREATE TABLE public.idempotency (
    actor text NOT NULL,
    key text NOT NULL,
    route text NOT NULL,
    body_hash bytea NOT NULL,
    status smallint NOT NULL,
    reply bytea NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT idempotency_body_hash_check CHECK ((length(body_hash) = 32)),
    CONSTRAINT idempotency_key_check CHECK (((length(key) >= 1) AND (length(key) <= 255)))
);

-- TABLE large_sum

CREATE TABLE public.large_sum (
    id bigint NOT NULL,
    account_id bigint NOT NULL,
    kind text NOT NULL,
    amount public.amount NOT NULL,
    external_id text NOT NULL,
    note text,
    call_id bigint,
    asked_by text NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    state text DEFAULT 'waiting'::text NOT NULL,
    decided_by text,
    decided_at timestamp with time zone,
    entry_id bigint,
    CONSTRAINT large_sum_amount_check CHECK (((amount)::numeric <> (0)::numeric)),
    CONSTRAINT large_sum_asked_by_check CHECK (((length(asked_by) >= 1) AND (length(asked_by) <= 250))),
    CONSTRAINT large_sum_booked_check CHECK (((state = 'approved'::text) = (entry_id IS NOT NULL))),
    CONSTRAINT large_sum_decided_by_check CHECK (((length(decided_by) >= 1) AND (length(decided_by) <= 250))),
    CONSTRAINT large_sum_decided_check CHECK ((((state = 'waiting'::text) = (decided_by IS NULL)) AND ((state = 'waiting'::text) = (decided_at IS NULL)))),
    CONSTRAINT large_sum_external_id_check CHECK (((length(external_id) >= 1) AND (length(external_id) <= 200))),
    CONSTRAINT large_sum_kind_check CHECK ((kind = ANY (ARRAY['top_up'::text, 'refund'::text, 'adjustment'::text]))),
    CONSTRAINT large_sum_needs_two CHECK (((state <> 'approved'::text) OR (decided_by <> asked_by))),
    CONSTRAINT large_sum_note_check CHECK (((length(note) >= 1) AND (length(note) <= 500))),
    CONSTRAINT large_sum_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'approved'::text, 'refused'::text])))
);

-- SEQUENCE large_sum_id_seq

ALTER TABLE public.large_sum ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.large_sum_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

-- TABLE ledger_entry

CREATE TABLE public.ledger_entry (
    id bigint NOT NULL,
    account_id bigint NOT NULL,
    kind text NOT NULL,
    amount public.amount NOT NULL,
    balance_after public.amount NOT NULL,
    key text NOT NULL,
    call_id bigint,
    external_id text,
    note text,
    booked_at timestamp with time zone NOT NULL,
    line_id bigint,
    charged_call_id bigint DEFAULT 0 NOT NULL,
    CONSTRAINT ledger_entry_amount_check CHECK (((amount)::numeric <> (0)::numeric)),
    CONSTRAINT ledger_entry_call_check CHECK ((((kind <> 'call'::text) OR (call_id IS NOT NULL)) AND ((call_id IS NULL) OR (kind = ANY (ARRAY['call'::text, 'refund'::text]))))),
    CONSTRAINT ledger_entry_charged_check CHECK (((charged_call_id = 0) OR ((kind = 'call'::text) AND (charged_call_id = call_id)))),
    CONSTRAINT ledger_entry_check1 CHECK (((kind = ANY (ARRAY['call'::text, 'rent'::text, 'setup'::text, 'connector'::text])) <= ((amount)::numeric < (0)::numeric))),
    CONSTRAINT ledger_entry_check2 CHECK (((kind = ANY (ARRAY['top_up'::text, 'refund'::text])) <= ((amount)::numeric > (0)::numeric))),
    CONSTRAINT ledger_entry_check3 CHECK (((kind = ANY (ARRAY['rent'::text, 'setup'::text, 'connector'::text])) = (line_id IS NOT NULL))),
    CONSTRAINT ledger_entry_kind_check CHECK ((kind = ANY (ARRAY['call'::text, 'rent'::text, 'setup'::text, 'connector'::text, 'top_up'::text, 'refund'::text, 'adjustment'::text])))
)
PARTITION BY RANGE (charged_call_id);

-- TABLE ledger_entry_default

CREATE TABLE public.ledger_entry_default (
    id bigint CONSTRAINT ledger_entry_id_not_null NOT NULL,
    account_id bigint CONSTRAINT ledger_entry_account_id_not_null NOT NULL,
    kind text CONSTRAINT ledger_entry_kind_not_null NOT NULL,
    amount public.amount CONSTRAINT ledger_entry_amount_not_null NOT NULL,
    balance_after public.amount CONSTRAINT ledger_entry_balance_after_not_null NOT NULL,
    key text CONSTRAINT ledger_entry_key_not_null NOT NULL,
    call_id bigint,
    external_id text,
    note text,
    booked_at timestamp with time zone CONSTRAINT ledger_entry_booked_at_not_null NOT NULL,
    line_id bigint,
    charged_call_id bigint DEFAULT 0 CONSTRAINT ledger_entry_charged_call_id_not_null NOT NULL,
    CONSTRAINT ledger_entry_amount_check CHECK (((amount)::numeric <> (0)::numeric)),
    CONSTRAINT ledger_entry_call_check CHECK ((((kind <> 'call'::text) OR (call_id IS NOT NULL)) AND ((call_id IS NULL) OR (kind = ANY (ARRAY['call'::text, 'refund'::text]))))),
    CONSTRAINT ledger_entry_charged_check CHECK (((charged_call_id = 0) OR ((kind = 'call'::text) AND (charged_call_id = call_id)))),
    CONSTRAINT ledger_entry_check1 CHECK (((kind = ANY (ARRAY['call'::text, 'rent'::text, 'setup'::text, 'connector'::text])) <= ((amount)::numeric < (0)::numeric))),
    CONSTRAINT ledger_entry_check2 CHECK (((kind = ANY (ARRAY['top_up'::text, 'refund'::text])) <= ((amount)::numeric > (0)::numeric))),
    CONSTRAINT ledger_entry_check3 CHECK (((kind = ANY (ARRAY['rent'::text, 'setup'::text, 'connector'::text])) = (line_id IS NOT NULL))),
    CONSTRAINT ledger_entry_default_check CHECK (((kind = 'call'::text) AND (charged_call_id = call_id) AND (key = ('call:'::text || call_id)))),
    CONSTRAINT ledger_entry_kind_check CHECK ((kind = ANY (ARRAY['call'::text, 'rent'::text, 'setup'::text, 'connector'::text, 'top_up'::text, 'refund'::text, 'adjustment'::text])))
);

-- SEQUENCE ledger_entry_id_seq

ALTER TABLE public.ledger_entry ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.ledger_entry_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

-- TABLE ledger_entry_kept

CREATE TABLE public.ledger_entry_kept (
    id bigint CONSTRAINT ledger_entry_id_not_null NOT NULL,
    account_id bigint CONSTRAINT ledger_entry_account_id_not_null NOT NULL,
    kind text CONSTRAINT ledger_entry_kind_not_null NOT NULL,
    amount public.amount CONSTRAINT ledger_entry_amount_not_null NOT NULL,
    balance_after public.amount CONSTRAINT ledger_entry_balance_after_not_null NOT NULL,
    key text CONSTRAINT ledger_entry_key_not_null NOT NULL,
    call_id bigint,
    external_id text,
    note text,
    booked_at timestamp with time zone CONSTRAINT ledger_entry_booked_at_not_null NOT NULL,
    line_id bigint,
    charged_call_id bigint DEFAULT 0 CONSTRAINT ledger_entry_charged_call_id_not_null NOT NULL,
    CONSTRAINT ledger_entry_amount_check CHECK (((amount)::numeric <> (0)::numeric)),
    CONSTRAINT ledger_entry_call_check CHECK ((((kind <> 'call'::text) OR (call_id IS NOT NULL)) AND ((call_id IS NULL) OR (kind = ANY (ARRAY['call'::text, 'refund'::text]))))),
    CONSTRAINT ledger_entry_charged_check CHECK (((charged_call_id = 0) OR ((kind = 'call'::text) AND (charged_call_id = call_id)))),
    CONSTRAINT ledger_entry_check1 CHECK (((kind = ANY (ARRAY['call'::text, 'rent'::text, 'setup'::text, 'connector'::text])) <= ((amount)::numeric < (0)::numeric))),
    CONSTRAINT ledger_entry_check2 CHECK (((kind = ANY (ARRAY['top_up'::text, 'refund'::text])) <= ((amount)::numeric > (0)::numeric))),
    CONSTRAINT ledger_entry_check3 CHECK (((kind = ANY (ARRAY['rent'::text, 'setup'::text, 'connector'::text])) = (line_id IS NOT NULL))),
    CONSTRAINT ledger_entry_kind_check CHECK ((kind = ANY (ARRAY['call'::text, 'rent'::text, 'setup'::text, 'connector'::text, 'top_up'::text, 'refund'::text, 'adjustment'::text])))
);

-- TABLE line

CREATE TABLE public.line (
    id bigint NOT NULL,
    account_id bigint NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    state text NOT NULL,
    country text DEFAULT ''::text NOT NULL,
    category text DEFAULT ''::text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    rent public.amount,
    anchor_day smallint,
    due_on date,
    reserved_until timestamp with time zone,
    ends_at timestamp with time zone,
    calendar_due_at timestamp with time zone,
    disconnected_at timestamp with time zone,
    CONSTRAINT line_anchor_day_check CHECK (((anchor_day >= 1) AND (anchor_day <= 31))),
    CONSTRAINT line_category_check CHECK ((category = ANY (ARRAY[''::text, 'geographic'::text, 'mobile'::text, 'toll_free'::text, 'national'::text]))),
    CONSTRAINT line_check CHECK (((kind <> 'number'::text) OR ((name ~ '^\+[1-9][0-9]{6,14}$'::text) AND (country <> ''::text) AND (category <> ''::text)))),
    CONSTRAINT line_check1 CHECK (((kind <> 'connector'::text) OR (name !~ '^\+'::text))),
    CONSTRAINT line_check2 CHECK ((((rent IS NULL) = (due_on IS NULL)) AND ((rent IS NULL) = (anchor_day IS NULL)))),
    CONSTRAINT line_check3 CHECK (((reserved_until IS NULL) OR ((kind = 'number'::text) AND (rent IS NOT NULL) AND (state <> 'active'::text)))),
    CONSTRAINT line_check4 CHECK (((rent IS NULL) OR (kind = 'connector'::text) OR (state <> 'suspended'::text) OR (reserved_until IS NOT NULL))),
    CONSTRAINT line_check5 CHECK (((calendar_due_at IS NOT NULL) OR (state = 'disconnected'::text) OR ((rent IS NULL) AND (ends_at IS NULL)) OR ((kind = 'connector'::text) AND (state = 'suspended'::text) AND (ends_at IS NULL)))),
    CONSTRAINT line_check6 CHECK (((calendar_due_at IS NULL) OR ((state <> 'disconnected'::text) AND ((rent IS NOT NULL) OR (ends_at IS NOT NULL))))),
    CONSTRAINT line_country_check CHECK ((country ~ '^([A-Z]{2}|001)?$'::text)),
    CONSTRAINT line_kind_check CHECK ((kind = ANY (ARRAY['number'::text, 'connector'::text]))),
    CONSTRAINT line_name_check CHECK (((length(name) >= 1) AND (length(name) <= 128))),
    CONSTRAINT line_rent_check CHECK (((rent)::numeric >= (0)::numeric)),
    CONSTRAINT line_state_check CHECK ((state = ANY (ARRAY['active'::text, 'suspended'::text, 'disconnected'::text])))
);

-- SEQUENCE line_id_seq

ALTER TABLE public.line ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.line_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

-- TABLE live_call

CREATE TABLE public.live_call (
    call_id bigint NOT NULL,
    account_id bigint,
    hold public.amount NOT NULL,
    held_s integer NOT NULL,
    control_url text,
    must_end_at timestamp with time zone NOT NULL,
    cut_due_at timestamp with time zone,
    cut_attempts smallint DEFAULT 0 NOT NULL,
    extend_due_at timestamp with time zone,
    reconcile_due_at timestamp with time zone CONSTRAINT live_call_sweep_at_not_null NOT NULL,
    over_at timestamp with time zone,
    forwarded_to text,
    asked_again boolean DEFAULT false NOT NULL,
    CONSTRAINT live_call_check CHECK ((((hold)::numeric = (0)::numeric) OR (account_id IS NOT NULL))),
    CONSTRAINT live_call_held_s_check CHECK ((held_s >= 0)),
    CONSTRAINT live_call_hold_check CHECK (((hold)::numeric >= (0)::numeric))
)
WITH (fillfactor='50');

-- TABLE login

CREATE TABLE public.login (
    hash bytea NOT NULL,
    person_id bigint,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    CONSTRAINT login_hash_check CHECK ((length(hash) = 32))
);

-- TABLE mail

CREATE TABLE public.mail (
    id bigint NOT NULL,
    account_id bigint,
    kind text NOT NULL,
    key text NOT NULL,
    recipient text NOT NULL,
    language text NOT NULL,
    facts jsonb NOT NULL,
    message_id text,
    state text DEFAULT 'queued'::text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    queued_at timestamp with time zone NOT NULL,
    first_tried_at timestamp with time zone,
    due_at timestamp with time zone,
    tries integer DEFAULT 0 NOT NULL,
    last_reply text,
    sent_at timestamp with time zone,
    CONSTRAINT mail_check CHECK (((state = 'queued'::text) = (due_at IS NOT NULL))),
    CONSTRAINT mail_check1 CHECK (((state = 'sent'::text) = (sent_at IS NOT NULL))),
    CONSTRAINT mail_state_check CHECK ((state = ANY (ARRAY['queued'::text, 'sent'::text, 'refused'::text, 'given_up'::text])))
);

-- SEQUENCE mail_id_seq

ALTER TABLE public.mail ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.mail_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

-- TABLE membership

CREATE TABLE public.membership (
    id bigint NOT NULL,
    person_id bigint NOT NULL,
    account_id bigint,
    role text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT membership_role_check CHECK ((role = ANY (ARRAY['operator'::text, 'support'::text, 'administrator'::text, 'reader'::text]))),
    CONSTRAINT membership_side_check CHECK (((account_id IS NULL) = (role = ANY (ARRAY['operator'::text, 'support'::text]))))
);

-- SEQUENCE membership_id_seq

ALTER TABLE public.membership ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.membership_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

-- TABLE migration

CREATE TABLE public.migration (
    version integer NOT NULL,
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);

-- TABLE passkey

CREATE TABLE public.passkey (
    id bytea NOT NULL,
    person_id bigint NOT NULL,
    public_key bytea NOT NULL,
    sign_count bigint NOT NULL,
    name text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    last_used_at timestamp with time zone,
    CONSTRAINT passkey_name_check CHECK ((length(name) <= 200)),
    CONSTRAINT passkey_sign_count_check CHECK ((sign_count >= 0))
);

-- TABLE passkey_challenge

CREATE TABLE public.passkey_challenge (
    challenge bytea NOT NULL,
    session_id bigint,
    expires_at timestamp with time zone NOT NULL,
    CONSTRAINT passkey_challenge_check CHECK ((length(challenge) = 32))
);

-- TABLE person

CREATE TABLE public.person (
    id bigint NOT NULL,
    email text NOT NULL,
    name text NOT NULL,
    language text NOT NULL,
    time_zone text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    disabled_at timestamp with time zone,
    CONSTRAINT person_email_check CHECK (((email ~~ '_%@_%'::text) AND (length(email) <= 254))),
    CONSTRAINT person_name_check CHECK ((length(name) <= 200))
);

-- SEQUENCE person_id_seq

ALTER TABLE public.person ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.person_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

-- TABLE provider_account

CREATE TABLE public.provider_account (
    connection text NOT NULL,
    due_at timestamp with time zone CONSTRAINT provider_account_next_at_not_null NOT NULL,
    pulled_at timestamp with time zone,
    payments_from timestamp with time zone NOT NULL,
    payments_until timestamp with time zone NOT NULL,
    suspects text[] DEFAULT '{}'::text[] NOT NULL,
    balance public.amount,
    currency text,
    is_frozen boolean,
    balance_at timestamp with time zone,
    CONSTRAINT provider_account_balance_check CHECK ((((balance IS NULL) = (balance_at IS NULL)) AND ((currency IS NULL) = (balance_at IS NULL)) AND ((is_frozen IS NULL) = (balance_at IS NULL)))),
    CONSTRAINT provider_account_connection_check CHECK ((connection <> ''::text))
);

-- TABLE provider_line

CREATE TABLE public.provider_line (
    connection text NOT NULL,
    name text NOT NULL,
    seen_at timestamp with time zone NOT NULL
);

-- SEQUENCE rate_id_seq

ALTER TABLE public.rate ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.rate_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

-- TABLE rate_version

CREATE TABLE public.rate_version (
    id bigint NOT NULL,
    imported_at timestamp with time zone NOT NULL,
    source text NOT NULL
);

-- SEQUENCE rate_version_id_seq

ALTER TABLE public.rate_version ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.rate_version_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

-- TABLE recent_start

CREATE TABLE public.recent_start (
    call_id bigint NOT NULL,
    account_id bigint NOT NULL,
    started_at timestamp with time zone NOT NULL
);

-- TABLE session

CREATE TABLE public.session (
    id bigint NOT NULL,
    hash bytea NOT NULL,
    person_id bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    seen_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    address text NOT NULL,
    agent text NOT NULL,
    proven_until timestamp with time zone,
    revoked_at timestamp with time zone,
    CONSTRAINT session_agent_check CHECK ((length(agent) <= 300)),
    CONSTRAINT session_hash_check CHECK ((length(hash) = 32))
);

-- SEQUENCE session_id_seq

ALTER TABLE public.session ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.session_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

-- TABLE sign_in_try

CREATE TABLE public.sign_in_try (
    what text NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT sign_in_try_what_check CHECK (((length(what) >= 1) AND (length(what) <= 300)))
);

-- TABLE token

CREATE TABLE public.token (
    id bigint NOT NULL,
    hash bytea NOT NULL,
    prefix text NOT NULL,
    name text NOT NULL,
    role text NOT NULL,
    account_id bigint,
    scopes text[],
    created_by text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone,
    last_used_at timestamp with time zone,
    revoked_at timestamp with time zone,
    CONSTRAINT token_hash_check CHECK ((length(hash) = 32)),
    CONSTRAINT token_name_check CHECK ((length(name) <= 200)),
    CONSTRAINT token_prefix_check CHECK (((length(prefix) >= 4) AND (length(prefix) <= 12))),
    CONSTRAINT token_role_check CHECK ((role = ANY (ARRAY['operator'::text, 'support'::text, 'administrator'::text, 'reader'::text]))),
    CONSTRAINT token_scopes_check CHECK ((cardinality(scopes) > 0)),
    CONSTRAINT token_side_check CHECK (((account_id IS NULL) = (role = ANY (ARRAY['operator'::text, 'support'::text]))))
);

-- SEQUENCE token_id_seq

ALTER TABLE public.token ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.token_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

-- TABLE totp

CREATE TABLE public.totp (
    person_id bigint NOT NULL,
    secret text NOT NULL,
    confirmed_at timestamp with time zone,
    last_step bigint DEFAULT 0 NOT NULL
);

-- TABLE usage_awaited

CREATE TABLE public.usage_awaited (
    call_id bigint NOT NULL,
    noted_at timestamp with time zone NOT NULL
)
WITH (fillfactor='70');

-- TABLE usage_changed

CREATE TABLE public.usage_changed (
    call_id bigint NOT NULL,
    id bigint NOT NULL,
    connection text NOT NULL,
    account_id bigint,
    line_id bigint,
    direction text,
    caller text NOT NULL,
    callee text NOT NULL,
    line text NOT NULL,
    state text NOT NULL,
    reason text,
    cause text,
    started_at timestamp with time zone NOT NULL,
    answered_at timestamp with time zone,
    billed_s integer,
    charge numeric,
    refunded numeric NOT NULL,
    cost numeric,
    cost_currency text
);

-- SEQUENCE usage_changed_id_seq

ALTER TABLE public.usage_changed ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.usage_changed_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

-- TABLE usage_day

CREATE TABLE public.usage_day (
    account_id bigint NOT NULL,
    day date NOT NULL,
    country text NOT NULL,
    line text NOT NULL,
    direction text NOT NULL,
    outcome text NOT NULL,
    connection text NOT NULL,
    cost_currency text NOT NULL,
    calls bigint NOT NULL,
    answered bigint NOT NULL,
    seconds bigint NOT NULL,
    spend numeric NOT NULL,
    costed bigint NOT NULL,
    costed_spend numeric NOT NULL,
    cost numeric NOT NULL
)
WITH (fillfactor='70');

-- TABLE usage_point

CREATE TABLE public.usage_point (
    is_the_one boolean DEFAULT true NOT NULL,
    call_id bigint NOT NULL,
    CONSTRAINT usage_point_is_the_one_check CHECK (is_the_one)
);

-- TABLE ATTACH call_default

ALTER TABLE ONLY public.call ATTACH PARTITION public.call_default DEFAULT;

-- TABLE ATTACH call_first

ALTER TABLE ONLY public.call ATTACH PARTITION public.call_first FOR VALUES FROM (MINVALUE) TO ('10000000000');

-- TABLE ATTACH call_number_default

ALTER TABLE ONLY public.call_number ATTACH PARTITION public.call_number_default DEFAULT;

-- TABLE ATTACH call_number_first

ALTER TABLE ONLY public.call_number ATTACH PARTITION public.call_number_first FOR VALUES FROM (MINVALUE) TO ('10000000000');

-- TABLE ATTACH crm_call_default

ALTER TABLE ONLY public.crm_call ATTACH PARTITION public.crm_call_default DEFAULT;

-- TABLE ATTACH crm_call_first

ALTER TABLE ONLY public.crm_call ATTACH PARTITION public.crm_call_first FOR VALUES FROM (MINVALUE) TO ('10000000000');

-- TABLE ATTACH ledger_entry_default

ALTER TABLE ONLY public.ledger_entry ATTACH PARTITION public.ledger_entry_default DEFAULT;

-- TABLE ATTACH ledger_entry_kept

ALTER TABLE ONLY public.ledger_entry ATTACH PARTITION public.ledger_entry_kept FOR VALUES FROM (MINVALUE) TO ('10000000000');

-- CONSTRAINT account_archive account_archive_pkey

ALTER TABLE ONLY public.account_archive
    ADD CONSTRAINT account_archive_pkey PRIMARY KEY (account_id, starts_on);

-- CHECK CONSTRAINT account account_blocked_check

ALTER TABLE public.account
    ADD CONSTRAINT account_blocked_check CHECK ((((state = 'blocked'::text) = (blocked_reason IS NOT NULL)) AND ((length(blocked_reason) >= 1) AND (length(blocked_reason) <= 500)))) NOT VALID;

-- CHECK CONSTRAINT account account_closed_check

ALTER TABLE public.account
    ADD CONSTRAINT account_closed_check CHECK ((((state = 'closed'::text) = (closed_at IS NOT NULL)) AND ((state <> 'closed'::text) OR (low_balance_due_at = 'infinity'::timestamp with time zone)))) NOT VALID;

-- CHECK CONSTRAINT account account_owed_check

ALTER TABLE public.account
    ADD CONSTRAINT account_owed_check CHECK ((((owed)::numeric >= (0)::numeric) AND ((owed)::numeric <= (held)::numeric))) NOT VALID;

-- CONSTRAINT account account_pkey

ALTER TABLE ONLY public.account
    ADD CONSTRAINT account_pkey PRIMARY KEY (id);

-- CONSTRAINT account_proof account_proof_pkey

ALTER TABLE ONLY public.account_proof
    ADD CONSTRAINT account_proof_pkey PRIMARY KEY (account_id);

-- CHECK CONSTRAINT account account_state_check

ALTER TABLE public.account
    ADD CONSTRAINT account_state_check CHECK ((state = ANY (ARRAY['open'::text, 'blocked'::text, 'closed'::text]))) NOT VALID;

-- CONSTRAINT anonymised anonymised_pkey

ALTER TABLE ONLY public.anonymised
    ADD CONSTRAINT anonymised_pkey PRIMARY KEY (is_the_one);

-- CONSTRAINT audit audit_pkey

ALTER TABLE ONLY public.audit
    ADD CONSTRAINT audit_pkey PRIMARY KEY (id);

-- CONSTRAINT call call_once

ALTER TABLE ONLY public.call
    ADD CONSTRAINT call_once PRIMARY KEY (id);

-- CONSTRAINT call_default call_default_pkey

ALTER TABLE ONLY public.call_default
    ADD CONSTRAINT call_default_pkey PRIMARY KEY (id);

-- CONSTRAINT call_first call_first_once

ALTER TABLE ONLY public.call_first
    ADD CONSTRAINT call_first_once UNIQUE (connection, provider_call_id, reuse);

-- CONSTRAINT call_first call_first_pkey

ALTER TABLE ONLY public.call_first
    ADD CONSTRAINT call_first_pkey PRIMARY KEY (id);

-- CONSTRAINT call_month call_month_first_id_key

ALTER TABLE ONLY public.call_month
    ADD CONSTRAINT call_month_first_id_key UNIQUE (first_id);

-- CONSTRAINT call_month call_month_pkey

ALTER TABLE ONLY public.call_month
    ADD CONSTRAINT call_month_pkey PRIMARY KEY (starts_on);

-- CONSTRAINT call_month call_month_until_id_key

ALTER TABLE ONLY public.call_month
    ADD CONSTRAINT call_month_until_id_key UNIQUE (until_id);

-- CONSTRAINT call_number call_number_pkey

ALTER TABLE ONLY public.call_number
    ADD CONSTRAINT call_number_pkey PRIMARY KEY (number, call_id);

-- CONSTRAINT call_number_default call_number_default_pkey

ALTER TABLE ONLY public.call_number_default
    ADD CONSTRAINT call_number_default_pkey PRIMARY KEY (number, call_id);

-- CONSTRAINT call_number_first call_number_first_pkey

ALTER TABLE ONLY public.call_number_first
    ADD CONSTRAINT call_number_first_pkey PRIMARY KEY (number, call_id);

-- CONSTRAINT connection_hooks connection_hooks_pkey

ALTER TABLE ONLY public.connection_hooks
    ADD CONSTRAINT connection_hooks_pkey PRIMARY KEY (connection);

-- CONSTRAINT connection_secret connection_secret_pkey

ALTER TABLE ONLY public.connection_secret
    ADD CONSTRAINT connection_secret_pkey PRIMARY KEY (connection, fingerprint);

-- CONSTRAINT crm_call crm_call_pkey

ALTER TABLE ONLY public.crm_call
    ADD CONSTRAINT crm_call_pkey PRIMARY KEY (connection, call_id);

-- CONSTRAINT crm_call_default crm_call_default_pkey

ALTER TABLE ONLY public.crm_call_default
    ADD CONSTRAINT crm_call_default_pkey PRIMARY KEY (connection, call_id);

-- CONSTRAINT crm_call_first crm_call_first_pkey

ALTER TABLE ONLY public.crm_call_first
    ADD CONSTRAINT crm_call_first_pkey PRIMARY KEY (connection, call_id);

-- CONSTRAINT crm_click crm_click_pkey

ALTER TABLE ONLY public.crm_click
    ADD CONSTRAINT crm_click_pkey PRIMARY KEY (connection, crm_call_id);

-- CONSTRAINT crm_portal crm_portal_pkey

ALTER TABLE ONLY public.crm_portal
    ADD CONSTRAINT crm_portal_pkey PRIMARY KEY (connection);

-- CONSTRAINT doubted_end doubted_end_pkey

ALTER TABLE ONLY public.doubted_end
    ADD CONSTRAINT doubted_end_pkey PRIMARY KEY (call_id);

-- CONSTRAINT event_connection event_connection_pkey

ALTER TABLE ONLY public.event_connection
    ADD CONSTRAINT event_connection_pkey PRIMARY KEY (connection);

-- CONSTRAINT event_line event_line_pkey

ALTER TABLE ONLY public.event_line
    ADD CONSTRAINT event_line_pkey PRIMARY KEY (line_id);

-- CONSTRAINT event_open_call event_open_call_pkey

ALTER TABLE ONLY public.event_open_call
    ADD CONSTRAINT event_open_call_pkey PRIMARY KEY (call_id);

-- CONSTRAINT event event_pkey

ALTER TABLE ONLY public.event
    ADD CONSTRAINT event_pkey PRIMARY KEY (id);

-- CONSTRAINT event_source event_source_pkey

ALTER TABLE ONLY public.event_source
    ADD CONSTRAINT event_source_pkey PRIMARY KEY (name);

-- CONSTRAINT hook hook_pkey

ALTER TABLE ONLY public.hook
    ADD CONSTRAINT hook_pkey PRIMARY KEY (id);

-- CONSTRAINT idempotency idempotency_pkey

ALTER TABLE ONLY public.idempotency
    ADD CONSTRAINT idempotency_pkey PRIMARY KEY (actor, key);

-- CONSTRAINT known_call known_call_pkey

ALTER TABLE ONLY public.known_call
    ADD CONSTRAINT known_call_pkey PRIMARY KEY (key, reuse);

-- CONSTRAINT large_sum large_sum_pkey

ALTER TABLE ONLY public.large_sum
    ADD CONSTRAINT large_sum_pkey PRIMARY KEY (id);

-- CONSTRAINT ledger_entry_default ledger_entry_default_account_id_id_key

ALTER TABLE ONLY public.ledger_entry_default
    ADD CONSTRAINT ledger_entry_default_account_id_id_key UNIQUE (account_id, id);

-- CONSTRAINT ledger_entry_default ledger_entry_default_pkey

ALTER TABLE ONLY public.ledger_entry_default
    ADD CONSTRAINT ledger_entry_default_pkey PRIMARY KEY (charged_call_id);

-- CONSTRAINT ledger_entry_kept ledger_entry_once

ALTER TABLE ONLY public.ledger_entry_kept
    ADD CONSTRAINT ledger_entry_once UNIQUE (key);

-- CONSTRAINT ledger_entry_kept ledger_entry_pkey

ALTER TABLE ONLY public.ledger_entry_kept
    ADD CONSTRAINT ledger_entry_pkey PRIMARY KEY (id);

-- CONSTRAINT line line_pkey

ALTER TABLE ONLY public.line
    ADD CONSTRAINT line_pkey PRIMARY KEY (id);

-- CONSTRAINT live_call live_call_pkey

ALTER TABLE ONLY public.live_call
    ADD CONSTRAINT live_call_pkey PRIMARY KEY (call_id);

-- CONSTRAINT login login_pkey

ALTER TABLE ONLY public.login
    ADD CONSTRAINT login_pkey PRIMARY KEY (hash);

-- CONSTRAINT mail mail_once

ALTER TABLE ONLY public.mail
    ADD CONSTRAINT mail_once UNIQUE (key);

-- CONSTRAINT mail mail_pkey

ALTER TABLE ONLY public.mail
    ADD CONSTRAINT mail_pkey PRIMARY KEY (id);

-- CONSTRAINT membership membership_once

ALTER TABLE ONLY public.membership
    ADD CONSTRAINT membership_once UNIQUE NULLS NOT DISTINCT (person_id, account_id);

-- CONSTRAINT membership membership_pkey

ALTER TABLE ONLY public.membership
    ADD CONSTRAINT membership_pkey PRIMARY KEY (id);

-- CONSTRAINT migration migration_pkey

ALTER TABLE ONLY public.migration
    ADD CONSTRAINT migration_pkey PRIMARY KEY (version);

-- CONSTRAINT passkey_challenge passkey_challenge_pkey

ALTER TABLE ONLY public.passkey_challenge
    ADD CONSTRAINT passkey_challenge_pkey PRIMARY KEY (challenge);

-- CONSTRAINT passkey passkey_pkey

ALTER TABLE ONLY public.passkey
    ADD CONSTRAINT passkey_pkey PRIMARY KEY (id);

-- CONSTRAINT person person_pkey

ALTER TABLE ONLY public.person
    ADD CONSTRAINT person_pkey PRIMARY KEY (id);

-- CONSTRAINT provider_account provider_account_pkey

ALTER TABLE ONLY public.provider_account
    ADD CONSTRAINT provider_account_pkey PRIMARY KEY (connection);

-- CONSTRAINT provider_line provider_line_pkey

ALTER TABLE ONLY public.provider_line
    ADD CONSTRAINT provider_line_pkey PRIMARY KEY (connection, name);

-- CONSTRAINT rate rate_pkey

ALTER TABLE ONLY public.rate
    ADD CONSTRAINT rate_pkey PRIMARY KEY (id);

-- CONSTRAINT rate_version rate_version_pkey

ALTER TABLE ONLY public.rate_version
    ADD CONSTRAINT rate_version_pkey PRIMARY KEY (id);

-- CONSTRAINT recent_start recent_start_pkey

ALTER TABLE ONLY public.recent_start
    ADD CONSTRAINT recent_start_pkey PRIMARY KEY (call_id);

-- CONSTRAINT session session_hash_once

ALTER TABLE ONLY public.session
    ADD CONSTRAINT session_hash_once UNIQUE (hash);

-- CONSTRAINT session session_pkey

ALTER TABLE ONLY public.session
    ADD CONSTRAINT session_pkey PRIMARY KEY (id);

-- CONSTRAINT token token_hash_once

ALTER TABLE ONLY public.token
    ADD CONSTRAINT token_hash_once UNIQUE (hash);

-- CONSTRAINT token token_pkey

ALTER TABLE ONLY public.token
    ADD CONSTRAINT token_pkey PRIMARY KEY (id);

-- CONSTRAINT totp totp_pkey

ALTER TABLE ONLY public.totp
    ADD CONSTRAINT totp_pkey PRIMARY KEY (person_id);

-- CONSTRAINT usage_awaited usage_awaited_pkey

ALTER TABLE ONLY public.usage_awaited
    ADD CONSTRAINT usage_awaited_pkey PRIMARY KEY (call_id);

-- CONSTRAINT usage_changed usage_changed_pkey

ALTER TABLE ONLY public.usage_changed
    ADD CONSTRAINT usage_changed_pkey PRIMARY KEY (call_id, id);

-- CONSTRAINT usage_day usage_day_pkey

ALTER TABLE ONLY public.usage_day
    ADD CONSTRAINT usage_day_pkey PRIMARY KEY (account_id, day, country, line, direction, outcome, connection, cost_currency);

-- CONSTRAINT usage_point usage_point_pkey

ALTER TABLE ONLY public.usage_point
    ADD CONSTRAINT usage_point_pkey PRIMARY KEY (is_the_one);

-- INDEX account_low_balance_due

CREATE INDEX account_low_balance_due ON public.account USING btree (low_balance_due_at);

-- INDEX account_main_number

CREATE INDEX account_main_number ON public.account USING btree (main_number) WHERE (main_number IS NOT NULL);

-- INDEX account_proof_due

CREATE INDEX account_proof_due ON public.account_proof USING btree (due_at);

-- INDEX account_proof_wrong

CREATE INDEX account_proof_wrong ON public.account_proof USING btree (account_id) WHERE (NOT is_right);

-- INDEX audit_account

CREATE INDEX audit_account ON public.audit USING btree (account_id, id);

-- INDEX call_account

CREATE INDEX call_account ON ONLY public.call USING btree (account_id, id);

-- INDEX call_default_account_id_id_idx

CREATE INDEX call_default_account_id_id_idx ON public.call_default USING btree (account_id, id);

-- INDEX call_flagged_at

CREATE INDEX call_flagged_at ON ONLY public.call USING btree (flagged_at) WHERE (flagged_at IS NOT NULL);

-- INDEX call_default_flagged_at_idx

CREATE INDEX call_default_flagged_at_idx ON public.call_default USING btree (flagged_at) WHERE (flagged_at IS NOT NULL);

-- INDEX call_flagged

CREATE INDEX call_flagged ON ONLY public.call USING btree (id) WHERE (flags <> '{}'::text[]);

-- INDEX call_default_id_idx

CREATE INDEX call_default_id_idx ON public.call_default USING btree (id) WHERE (flags <> '{}'::text[]);

-- INDEX call_started

CREATE INDEX call_started ON ONLY public.call USING brin (started_at) WITH (autosummarize='on');

-- INDEX call_default_started_at_idx

CREATE INDEX call_default_started_at_idx ON public.call_default USING brin (started_at) WITH (autosummarize='on');

-- INDEX call_first_account

CREATE INDEX call_first_account ON public.call_first USING btree (account_id, id);

-- INDEX call_first_flagged

CREATE INDEX call_first_flagged ON public.call_first USING btree (id) WHERE (flags <> '{}'::text[]);

-- INDEX call_first_flagged_at

CREATE INDEX call_first_flagged_at ON public.call_first USING btree (flagged_at) WHERE (flagged_at IS NOT NULL);

-- INDEX call_first_started

CREATE INDEX call_first_started ON public.call_first USING brin (started_at) WITH (autosummarize='on');

-- INDEX crm_call_call

CREATE INDEX crm_call_call ON ONLY public.crm_call USING btree (call_id);

-- INDEX crm_call_default_call_id_idx

CREATE INDEX crm_call_default_call_id_idx ON public.crm_call_default USING btree (call_id);

-- INDEX crm_call_given_up

CREATE INDEX crm_call_given_up ON ONLY public.crm_call USING btree (call_id) WHERE (state = 'given_up'::text);

-- INDEX crm_call_default_call_id_idx1

CREATE INDEX crm_call_default_call_id_idx1 ON public.crm_call_default USING btree (call_id) WHERE (state = 'given_up'::text);

-- INDEX crm_call_due

CREATE INDEX crm_call_due ON ONLY public.crm_call USING btree (connection, due_at) WHERE (due_at IS NOT NULL);

-- INDEX crm_call_default_connection_due_at_idx

CREATE INDEX crm_call_default_connection_due_at_idx ON public.crm_call_default USING btree (connection, due_at) WHERE (due_at IS NOT NULL);

-- INDEX crm_call_first_call

CREATE INDEX crm_call_first_call ON public.crm_call_first USING btree (call_id);

-- INDEX crm_call_first_due

CREATE INDEX crm_call_first_due ON public.crm_call_first USING btree (connection, due_at) WHERE (due_at IS NOT NULL);

-- INDEX crm_call_first_given_up

CREATE INDEX crm_call_first_given_up ON public.crm_call_first USING btree (call_id) WHERE (state = 'given_up'::text);

-- INDEX crm_portal_account

CREATE INDEX crm_portal_account ON public.crm_portal USING btree (account_id);

-- INDEX doubted_end_due

CREATE INDEX doubted_end_due ON public.doubted_end USING btree (due_at);

-- INDEX event_account

CREATE INDEX event_account ON public.event USING btree (account_id, id);

-- INDEX event_noted

CREATE INDEX event_noted ON public.event USING btree (noted_at);

-- INDEX hook_at

CREATE INDEX hook_at ON public.hook USING btree (at);

-- INDEX hook_call

CREATE INDEX hook_call ON public.hook USING btree (connection, provider_call_id, id);

-- INDEX idempotency_created

CREATE INDEX idempotency_created ON public.idempotency USING btree (created_at);

-- INDEX large_sum_waiting

CREATE UNIQUE INDEX large_sum_waiting ON public.large_sum USING btree (account_id, kind, external_id) WHERE (state = 'waiting'::text);

-- INDEX ledger_entry_account

CREATE INDEX ledger_entry_account ON public.ledger_entry_kept USING btree (account_id, id);

-- INDEX ledger_entry_besides_calls

CREATE INDEX ledger_entry_besides_calls ON public.ledger_entry_kept USING btree (account_id, booked_at) INCLUDE (amount, kind) WHERE (kind <> 'call'::text);

-- INDEX ledger_entry_call_refunded

CREATE INDEX ledger_entry_call_refunded ON public.ledger_entry_kept USING btree (call_id) WHERE ((kind = 'refund'::text) AND (call_id IS NOT NULL));

-- INDEX ledger_entry_debits

CREATE INDEX ledger_entry_debits ON ONLY public.ledger_entry USING btree (account_id, booked_at) INCLUDE (amount, kind) WHERE ((amount)::numeric < (0)::numeric);

-- INDEX ledger_entry_default_account_id_booked_at_amount_kind_idx

CREATE INDEX ledger_entry_default_account_id_booked_at_amount_kind_idx ON public.ledger_entry_default USING btree (account_id, booked_at) INCLUDE (amount, kind) WHERE ((amount)::numeric < (0)::numeric);

-- INDEX ledger_entry_kept_debits

CREATE INDEX ledger_entry_kept_debits ON public.ledger_entry_kept USING btree (account_id, booked_at) INCLUDE (amount, kind) WHERE ((amount)::numeric < (0)::numeric);

-- INDEX ledger_entry_payment

CREATE INDEX ledger_entry_payment ON public.ledger_entry_kept USING btree (external_id) WHERE (kind = 'top_up'::text);

-- INDEX line_account

CREATE INDEX line_account ON public.line USING btree (account_id);

-- INDEX line_account_calendar_due

CREATE INDEX line_account_calendar_due ON public.line USING btree (account_id, calendar_due_at) WHERE (calendar_due_at IS NOT NULL);

-- INDEX line_calendar_due

CREATE INDEX line_calendar_due ON public.line USING btree (calendar_due_at) WHERE (calendar_due_at IS NOT NULL);

-- INDEX line_connector

CREATE INDEX line_connector ON public.line USING btree (name) WHERE ((kind = 'connector'::text) AND (state <> 'disconnected'::text));

-- INDEX line_name

CREATE INDEX line_name ON public.line USING btree (name);

-- INDEX line_name_in_use

CREATE UNIQUE INDEX line_name_in_use ON public.line USING btree (name) WHERE (state <> 'disconnected'::text);

-- INDEX live_call_account

CREATE INDEX live_call_account ON public.live_call USING btree (account_id);

-- INDEX live_call_cut

CREATE INDEX live_call_cut ON public.live_call USING btree (cut_due_at) WHERE (cut_due_at IS NOT NULL);

-- INDEX live_call_extend

CREATE INDEX live_call_extend ON public.live_call USING btree (extend_due_at) WHERE (extend_due_at IS NOT NULL);

-- INDEX live_call_forwarded

CREATE INDEX live_call_forwarded ON public.live_call USING btree (forwarded_to) WHERE (forwarded_to IS NOT NULL);

-- INDEX live_call_reconcile

CREATE INDEX live_call_reconcile ON public.live_call USING btree (reconcile_due_at);

-- INDEX login_expires

CREATE INDEX login_expires ON public.login USING btree (expires_at);

-- INDEX login_person

CREATE INDEX login_person ON public.login USING btree (person_id);

-- INDEX mail_account

CREATE INDEX mail_account ON public.mail USING btree (account_id, id);

-- INDEX mail_due

CREATE INDEX mail_due ON public.mail USING btree (due_at) WHERE (due_at IS NOT NULL);

-- INDEX mail_failed

CREATE INDEX mail_failed ON public.mail USING btree (id) WHERE (state = ANY (ARRAY['refused'::text, 'given_up'::text]));

-- INDEX membership_account

CREATE INDEX membership_account ON public.membership USING btree (account_id);

-- INDEX passkey_challenge_expires

CREATE INDEX passkey_challenge_expires ON public.passkey_challenge USING btree (expires_at);

-- INDEX passkey_person

CREATE INDEX passkey_person ON public.passkey USING btree (person_id);

-- INDEX person_email

CREATE UNIQUE INDEX person_email ON public.person USING btree (lower(email));

-- INDEX rate_callers_open

CREATE UNIQUE INDEX rate_callers_open ON public.rate USING btree (currency, prefix, md5(caller_prefixes)) WHERE ((kind = 'outbound'::text) AND (caller_prefixes <> ''::text) AND (valid_until IS NULL));

-- INDEX rate_lookup_number

CREATE INDEX rate_lookup_number ON public.rate USING btree (kind, currency, country, category) WHERE (kind <> 'outbound'::text);

-- INDEX rate_lookup_outbound

CREATE INDEX rate_lookup_outbound ON public.rate USING btree (currency, prefix) WHERE (kind = 'outbound'::text);

-- INDEX rate_number_open

CREATE UNIQUE INDEX rate_number_open ON public.rate USING btree (kind, currency, country, category) WHERE ((kind <> 'outbound'::text) AND (valid_until IS NULL));

-- INDEX rate_outbound_open

CREATE UNIQUE INDEX rate_outbound_open ON public.rate USING btree (currency, prefix) WHERE ((kind = 'outbound'::text) AND (category <> 'short'::text) AND (caller_prefixes = ''::text) AND (valid_until IS NULL));

-- INDEX rate_short_open

CREATE UNIQUE INDEX rate_short_open ON public.rate USING btree (currency, country, prefix) WHERE ((category = 'short'::text) AND (valid_until IS NULL));

-- INDEX recent_start_account

CREATE INDEX recent_start_account ON public.recent_start USING btree (account_id, started_at);

-- INDEX session_expires

CREATE INDEX session_expires ON public.session USING btree (expires_at);

-- INDEX session_person

CREATE INDEX session_person ON public.session USING btree (person_id);

-- INDEX sign_in_try_what

CREATE INDEX sign_in_try_what ON public.sign_in_try USING btree (what, at);

-- INDEX token_account

CREATE INDEX token_account ON public.token USING btree (account_id);

-- INDEX usage_day_day

CREATE INDEX usage_day_day ON public.usage_day USING btree (day);

-- INDEX ATTACH call_default_account_id_id_idx

ALTER INDEX public.call_account ATTACH PARTITION public.call_default_account_id_id_idx;

-- INDEX ATTACH call_default_flagged_at_idx

ALTER INDEX public.call_flagged_at ATTACH PARTITION public.call_default_flagged_at_idx;

-- INDEX ATTACH call_default_id_idx

ALTER INDEX public.call_flagged ATTACH PARTITION public.call_default_id_idx;

-- INDEX ATTACH call_default_pkey

ALTER INDEX public.call_once ATTACH PARTITION public.call_default_pkey;

-- INDEX ATTACH call_default_started_at_idx

ALTER INDEX public.call_started ATTACH PARTITION public.call_default_started_at_idx;

-- INDEX ATTACH call_first_account

ALTER INDEX public.call_account ATTACH PARTITION public.call_first_account;

-- INDEX ATTACH call_first_flagged

ALTER INDEX public.call_flagged ATTACH PARTITION public.call_first_flagged;

-- INDEX ATTACH call_first_flagged_at

ALTER INDEX public.call_flagged_at ATTACH PARTITION public.call_first_flagged_at;

-- INDEX ATTACH call_first_pkey

ALTER INDEX public.call_once ATTACH PARTITION public.call_first_pkey;

-- INDEX ATTACH call_first_started

ALTER INDEX public.call_started ATTACH PARTITION public.call_first_started;

-- INDEX ATTACH call_number_default_pkey

ALTER INDEX public.call_number_pkey ATTACH PARTITION public.call_number_default_pkey;

-- INDEX ATTACH call_number_first_pkey

ALTER INDEX public.call_number_pkey ATTACH PARTITION public.call_number_first_pkey;

-- INDEX ATTACH crm_call_default_call_id_idx

ALTER INDEX public.crm_call_call ATTACH PARTITION public.crm_call_default_call_id_idx;

-- INDEX ATTACH crm_call_default_call_id_idx1

ALTER INDEX public.crm_call_given_up ATTACH PARTITION public.crm_call_default_call_id_idx1;

-- INDEX ATTACH crm_call_default_connection_due_at_idx

ALTER INDEX public.crm_call_due ATTACH PARTITION public.crm_call_default_connection_due_at_idx;

-- INDEX ATTACH crm_call_default_pkey

ALTER INDEX public.crm_call_pkey ATTACH PARTITION public.crm_call_default_pkey;

-- INDEX ATTACH crm_call_first_call

ALTER INDEX public.crm_call_call ATTACH PARTITION public.crm_call_first_call;

-- INDEX ATTACH crm_call_first_due

ALTER INDEX public.crm_call_due ATTACH PARTITION public.crm_call_first_due;

-- INDEX ATTACH crm_call_first_given_up

ALTER INDEX public.crm_call_given_up ATTACH PARTITION public.crm_call_first_given_up;

-- INDEX ATTACH crm_call_first_pkey

ALTER INDEX public.crm_call_pkey ATTACH PARTITION public.crm_call_first_pkey;

-- INDEX ATTACH ledger_entry_default_account_id_booked_at_amount_kind_idx

ALTER INDEX public.ledger_entry_debits ATTACH PARTITION public.ledger_entry_default_account_id_booked_at_amount_kind_idx;

-- INDEX ATTACH ledger_entry_kept_debits

ALTER INDEX public.ledger_entry_debits ATTACH PARTITION public.ledger_entry_kept_debits;

-- TRIGGER account account_watched

CREATE TRIGGER account_watched AFTER INSERT ON public.account FOR EACH ROW EXECUTE FUNCTION public.watch_account();

-- TRIGGER audit audit_append_only

CREATE TRIGGER audit_append_only BEFORE DELETE OR UPDATE ON public.audit FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

-- TRIGGER audit audit_no_truncate

CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON public.audit FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

-- TRIGGER call call_changed

CREATE TRIGGER call_changed AFTER UPDATE ON public.call FOR EACH ROW WHEN (((old.state <> 'open'::text) AND ((((((((((((old.state IS DISTINCT FROM new.state) OR (old.account_id IS DISTINCT FROM new.account_id)) OR (old.line_id IS DISTINCT FROM new.line_id)) OR (old.direction IS DISTINCT FROM new.direction)) OR (old.reason IS DISTINCT FROM new.reason)) OR (old.cause IS DISTINCT FROM new.cause)) OR (old.started_at IS DISTINCT FROM new.started_at)) OR (old.answered_at IS DISTINCT FROM new.answered_at)) OR (old.billed_s IS DISTINCT FROM new.billed_s)) OR ((old.charge)::numeric IS DISTINCT FROM (new.charge)::numeric)) OR (old.cost IS DISTINCT FROM new.cost)) OR ((old.cost_currency)::text IS DISTINCT FROM (new.cost_currency)::text)))) EXECUTE FUNCTION public.note_usage_changed();

-- TRIGGER call call_kept

CREATE TRIGGER call_kept BEFORE DELETE ON public.call FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

-- TRIGGER call call_known

CREATE TRIGGER call_known BEFORE INSERT ON public.call FOR EACH ROW WHEN ((NOT new.has_key)) EXECUTE FUNCTION public.know_call();

-- TRIGGER usage_awaited calls_numbered

CREATE TRIGGER calls_numbered AFTER DELETE ON public.usage_awaited REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION public.number_calls();

-- TRIGGER usage_changed calls_numbered

CREATE TRIGGER calls_numbered AFTER DELETE ON public.usage_changed REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION public.number_calls();

-- TRIGGER usage_point calls_numbered

CREATE TRIGGER calls_numbered AFTER UPDATE ON public.usage_point FOR EACH ROW EXECUTE FUNCTION public.number_next_calls();

-- TRIGGER event event_unchanged

CREATE TRIGGER event_unchanged BEFORE UPDATE ON public.event FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

-- TRIGGER ledger_entry ledger_entry_append_only

CREATE TRIGGER ledger_entry_append_only BEFORE DELETE OR UPDATE ON public.ledger_entry FOR EACH ROW EXECUTE FUNCTION public.refuse_change_but_archive();

-- TRIGGER ledger_entry ledger_entry_no_truncate

CREATE TRIGGER ledger_entry_no_truncate BEFORE TRUNCATE ON public.ledger_entry FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

-- TRIGGER ledger_entry_default ledger_entry_no_truncate

CREATE TRIGGER ledger_entry_no_truncate BEFORE TRUNCATE ON public.ledger_entry_default FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

-- TRIGGER ledger_entry_kept ledger_entry_no_truncate

CREATE TRIGGER ledger_entry_no_truncate BEFORE TRUNCATE ON public.ledger_entry_kept FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

-- TRIGGER line line_kept

CREATE TRIGGER line_kept BEFORE DELETE ON public.line FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

-- TRIGGER mail mail_kept

CREATE TRIGGER mail_kept BEFORE DELETE ON public.mail FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

-- TRIGGER rate rate_kept

CREATE TRIGGER rate_kept BEFORE DELETE ON public.rate FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

-- FK CONSTRAINT account_archive account_archive_account_id_fkey

ALTER TABLE ONLY public.account_archive
    ADD CONSTRAINT account_archive_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

-- FK CONSTRAINT account_proof account_proof_account_id_fkey

ALTER TABLE ONLY public.account_proof
    ADD CONSTRAINT account_proof_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

-- FK CONSTRAINT call call_account_id_fkey

ALTER TABLE public.call
    ADD CONSTRAINT call_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

-- FK CONSTRAINT crm_call crm_call_connection_fkey

ALTER TABLE public.crm_call
    ADD CONSTRAINT crm_call_connection_fkey FOREIGN KEY (connection) REFERENCES public.crm_portal(connection);

-- FK CONSTRAINT crm_call_default crm_call_default_call_id_fkey

ALTER TABLE ONLY public.crm_call_default
    ADD CONSTRAINT crm_call_default_call_id_fkey FOREIGN KEY (call_id) REFERENCES public.call_default(id);

-- FK CONSTRAINT crm_call_first crm_call_first_call_id_fkey

ALTER TABLE ONLY public.crm_call_first
    ADD CONSTRAINT crm_call_first_call_id_fkey FOREIGN KEY (call_id) REFERENCES public.call_first(id);

-- FK CONSTRAINT crm_click crm_click_connection_fkey

ALTER TABLE ONLY public.crm_click
    ADD CONSTRAINT crm_click_connection_fkey FOREIGN KEY (connection) REFERENCES public.crm_portal(connection);

-- FK CONSTRAINT crm_portal crm_portal_account_id_fkey

ALTER TABLE ONLY public.crm_portal
    ADD CONSTRAINT crm_portal_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

-- FK CONSTRAINT doubted_end doubted_end_call_id_fkey

ALTER TABLE ONLY public.doubted_end
    ADD CONSTRAINT doubted_end_call_id_fkey FOREIGN KEY (call_id) REFERENCES public.call(id);

-- FK CONSTRAINT large_sum large_sum_account_id_fkey

ALTER TABLE ONLY public.large_sum
    ADD CONSTRAINT large_sum_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

-- FK CONSTRAINT ledger_entry ledger_entry_account_id_fkey

ALTER TABLE public.ledger_entry
    ADD CONSTRAINT ledger_entry_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

-- FK CONSTRAINT line line_account_id_fkey

ALTER TABLE ONLY public.line
    ADD CONSTRAINT line_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

-- FK CONSTRAINT live_call live_call_call_id_fkey

ALTER TABLE ONLY public.live_call
    ADD CONSTRAINT live_call_call_id_fkey FOREIGN KEY (call_id) REFERENCES public.call(id);

-- FK CONSTRAINT login login_person_id_fkey

ALTER TABLE ONLY public.login
    ADD CONSTRAINT login_person_id_fkey FOREIGN KEY (person_id) REFERENCES public.person(id);

-- FK CONSTRAINT mail mail_account_id_fkey

ALTER TABLE ONLY public.mail
    ADD CONSTRAINT mail_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

-- FK CONSTRAINT membership membership_account_id_fkey

ALTER TABLE ONLY public.membership
    ADD CONSTRAINT membership_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

-- FK CONSTRAINT membership membership_person_id_fkey

ALTER TABLE ONLY public.membership
    ADD CONSTRAINT membership_person_id_fkey FOREIGN KEY (person_id) REFERENCES public.person(id);

-- FK CONSTRAINT passkey_challenge passkey_challenge_session_id_fkey

ALTER TABLE ONLY public.passkey_challenge
    ADD CONSTRAINT passkey_challenge_session_id_fkey FOREIGN KEY (session_id) REFERENCES public.session(id);

-- FK CONSTRAINT passkey passkey_person_id_fkey

ALTER TABLE ONLY public.passkey
    ADD CONSTRAINT passkey_person_id_fkey FOREIGN KEY (person_id) REFERENCES public.person(id);

-- FK CONSTRAINT provider_line provider_line_connection_fkey

ALTER TABLE ONLY public.provider_line
    ADD CONSTRAINT provider_line_connection_fkey FOREIGN KEY (connection) REFERENCES public.provider_account(connection);

-- FK CONSTRAINT rate rate_version_id_fkey

ALTER TABLE ONLY public.rate
    ADD CONSTRAINT rate_version_id_fkey FOREIGN KEY (version_id) REFERENCES public.rate_version(id);

-- FK CONSTRAINT session session_person_id_fkey

ALTER TABLE ONLY public.session
    ADD CONSTRAINT session_person_id_fkey FOREIGN KEY (person_id) REFERENCES public.person(id);

-- FK CONSTRAINT token token_account_id_fkey

ALTER TABLE ONLY public.token
    ADD CONSTRAINT token_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

-- FK CONSTRAINT totp totp_person_id_fkey

ALTER TABLE ONLY public.totp
    ADD CONSTRAINT totp_person_id_fkey FOREIGN KEY (person_id) REFERENCES public.person(id);
