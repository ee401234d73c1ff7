-- name: start_gather
-- Everything that is known about calls that want to start, in the order given; their accounts are locked, in id order.
-- An account that somebody else has locked is passed over and not told of: its calls wait, and no others.
-- Where a short number is dialled, which may be an emergency number, the country of the account's numbers comes along.
-- A line is whose it was at the call's instant: a number that has changed hands since was another account's (R21).
-- A rate is for the number that is shown: the line's, or the main number where that does not work (R11).
-- Accounts with caps come with what their calls have cost today (R17); the rest is counted once they are locked.
-- $1 events json: rows of the columns below (parent_call_id null: none), $2 now timestamptz, $3 whether what
-- is owed by calls that are over limits new ones boolean. Returns a json object each.
-- Tables are probed by LATERAL ... LIMIT 1 and = ANY, never joined: see sql/README.md, "Plans".
WITH event AS MATERIALIZED (
    SELECT e.*, known.*, parent.*, line.*
    FROM json_to_recordset($1::json) AS e (
        ordinal integer, connection text, provider_call_id text, direction text, line text, callee text,
        is_short boolean, parent_call_id text, started_at timestamptz, owned_at timestamptz, is_withheld boolean
    )
    LEFT JOIN LATERAL (
        SELECT call_id AS known_id, true AS is_known
        FROM known_call
        WHERE key = call_key(e.connection, e.provider_call_id) AND reuse = 0
        LIMIT 1
    ) AS known ON true
    LEFT JOIN LATERAL (
        SELECT call_id AS parent_known_id
        FROM known_call
        WHERE key = call_key(e.connection, e.parent_call_id) AND reuse = 0
        LIMIT 1
    ) AS parent ON true
    LEFT JOIN LATERAL (
        SELECT
            id AS line_id, account_id, kind AS line_kind, name AS line_name, state AS line_state,
            country AS line_country, category AS line_category
        FROM line
        WHERE line.name = e.line
        ORDER BY
            line.created_at > e.owned_at OR (line.state = 'disconnected' AND line.disconnected_at <= e.owned_at),
            line.state = 'disconnected', line.id DESC
        LIMIT 1
    ) AS line ON true
),
found AS MATERIALIZED (
    SELECT call.id, call.state, call.reply, call.direction, call.callee, call.line, call.anonymised_at, call.account_id
    FROM (
        SELECT array_agg(id) AS ids, min(id) AS first_id, max(id) AS last_id
        FROM (SELECT known_id AS id FROM event UNION ALL SELECT parent_known_id FROM event) AS either
        WHERE id IS NOT NULL
    ) AS known
    CROSS JOIN LATERAL calls_of(known.ids, known.first_id, known.last_id) AS call
),
locked AS MATERIALIZED (
    SELECT
        id, currency, balance, held - CASE WHEN $3::boolean THEN 0 ELSE owed END AS held, credit_limit, main_number,
        free_inbound_needs_balance, when_withheld, state, caps, spent, spent_on, time_zone
    FROM account
    WHERE id = ANY(ARRAY(SELECT account_id FROM event))
    ORDER BY id
    FOR NO KEY UPDATE SKIP LOCKED
)
SELECT json_build_object(
    'call_id', call.id,
    'is_archived', event.is_known IS TRUE AND call.id IS NULL,
    'state', call.state,
    'reply', translate(encode(call.reply, 'base64'), E'\n', ''),
    'asked', CASE WHEN call.direction IS NOT NULL AND call.anonymised_at IS NULL THEN json_build_object(
        'direction', call.direction, 'callee', call.callee, 'line', call.line
    ) END,
    'line', CASE WHEN event.line_id IS NOT NULL THEN json_build_object(
        'id', event.line_id,
        'account_id', event.account_id,
        'kind', event.line_kind,
        'name', event.line_name,
        'state', event.line_state,
        'country', event.line_country,
        'category', event.line_category
    ) END,
    'account', CASE WHEN locked.id IS NOT NULL THEN json_build_object(
        'id', locked.id,
        'currency', locked.currency,
        'funds', json_build_object(
            'balance', locked.balance, 'held', locked.held, 'credit_limit', locked.credit_limit
        ),
        'main_number', locked.main_number,
        'free_inbound_needs_balance', locked.free_inbound_needs_balance,
        'when_withheld', locked.when_withheld,
        'state', locked.state,
        'numbers_country', coalesce(numbers.country, ''),
        'time_zone', locked.time_zone,
        'capped', CASE WHEN locked.caps IS NOT NULL THEN json_build_object(
            'caps', locked.caps,
            'use', json_build_object(
                'day', ($2::timestamptz AT TIME ZONE locked.time_zone)::date,
                'spent', spent_today(
                    locked.spent, locked.spent_on, ($2::timestamptz AT TIME ZONE locked.time_zone)::date
                )
            )
        ) END
    ) END,
    'parent', CASE WHEN parent.id IS NOT NULL THEN json_build_object(
        'id', parent.id,
        'account_id', parent.account_id,
        'direction', coalesce(parent.direction, 'inbound')
    ) END,
    'rate', rate.row
) AS known
FROM event
LEFT JOIN locked ON locked.id = event.account_id
LEFT JOIN LATERAL (
    SELECT id, state, reply, direction, callee, line, anonymised_at
    FROM found
    WHERE found.id = event.known_id
    LIMIT 1
) AS call ON true
LEFT JOIN LATERAL (
    SELECT id, account_id, direction
    FROM found
    WHERE found.id = event.parent_known_id
    LIMIT 1
) AS parent ON true
LEFT JOIN LATERAL (
    SELECT to_json(rate) AS row
    FROM rates_for(
        CASE event.direction WHEN 'inbound' THEN 'inbound' ELSE 'outbound' END,
        locked.currency, event.callee, event.line_country, event.line_category, event.started_at, event.started_at,
        CASE
            WHEN event.is_withheld THEN NULL
            WHEN event.line_state = 'active' THEN event.line_name
            ELSE locked.main_number
        END
    ) AS rate
    LIMIT 1
) AS rate ON true
LEFT JOIN LATERAL (
    SELECT country
    FROM country_of_numbers(event.account_id) AS country
    WHERE event.is_short
    LIMIT 1
) AS numbers ON true
ORDER BY event.ordinal;

-- name: start_apply
-- Open or refuse the calls that were decided, and set aside what they hold. A call that another transaction has
-- opened meanwhile, whose key is there, is left alone and not returned; its hold is not taken.
-- $1 calls json: rows of columns of `call` and `live_call`, as the function `calls_open` lists them; flags are
-- comma-separated, the reply is in base64; $2 now timestamptz. For calls that were decided by what the process
-- remembers, else null: $3 their accounts bigint[], which are locked here, $4 whether what is owed by calls that are
-- over limits new ones boolean, $5 the version of the rates that they were decided by bigint, $6 how long a lock is
-- waited for text. One of those that is not as remembered is left alone: its line must be active and of that account,
-- which must be open, without caps, and have what the call needs beside those before it.
-- Returns the ordinals that were applied, with their call ids.
SELECT ordinal, call_id
FROM calls_open($1::json, $2::timestamptz, $3::bigint[], $4::boolean, $5::bigint, $6::text);

-- name: start_correct
-- Put on record what a provider was told of a start, instead of what was decided of it and could not be told; its account
-- is locked. Only the row of that very webhook is corrected, by its instant, and only while the call is live or refused.
-- One that is to be refused is left alone where it was answered, or where a repeat has been told of it; so is one that
-- is refused already, as a repeat may have been told why.
-- What somebody connected without the database stands instead of what another one did not decide for want of it.
-- $1 call_id bigint, $2 calls json: one row of the columns below, as start_apply has it; $3 now timestamptz. Returns 0..1
-- row: what an end has told of it.
WITH input AS MATERIALIZED (
    SELECT *
    FROM json_to_recordset($2::json) AS i (
        rate_id bigint, caller_id text, state text, rule text, reason text, record_code smallint, sip_code smallint,
        available numeric, granted_s integer, reply text, started_at timestamptz, flags text, hold numeric,
        held_s integer, control_url text, must_end_at timestamptz, cut_due_at timestamptz,
        extend_due_at timestamptz, reconcile_due_at timestamptz
    )
),
corrected AS (
    UPDATE call
    SET rate_id = input.rate_id, caller_id = input.caller_id, state = input.state, rule = input.rule,
        reason = input.reason, record_code = input.record_code, sip_code = input.sip_code,
        available = input.available, granted_s = input.granted_s, reply = decode(input.reply, 'base64'),
        flags = call.flags || string_to_array(input.flags, ',') || '{told_otherwise}', flagged_at = $3::timestamptz
    FROM input
    WHERE call.id = $1::bigint AND call.state IN ('open', 'refused')
        AND (
            call.started_at = input.started_at
            OR (input.state = 'open' AND call.state = 'refused' AND call.reason = 'unavailable')
        )
        AND (
            input.state = 'open'
            OR (
                call.state = 'open' AND call.answered_at IS NULL
                AND NOT EXISTS (SELECT FROM live_call WHERE live_call.call_id = $1::bigint AND live_call.asked_again)
            )
        )
    RETURNING call.id, call.account_id, call.direction, call.callee, call.reported_s, call.cause, call.cost,
        call.cost_currency::text AS cost_currency
),
gone AS (
    DELETE FROM live_call
    WHERE call_id = ANY(ARRAY(SELECT id FROM corrected))
    RETURNING call_id, hold, CASE WHEN over_at IS NULL THEN 0 ELSE hold END AS owed
),
held AS (
    UPDATE account
    SET held = account.held + input.hold - coalesce((SELECT hold FROM gone), 0),
        owed = account.owed - coalesce((SELECT owed FROM gone), 0)
    FROM input, corrected
    WHERE account.id = corrected.account_id
),
live AS (
    INSERT INTO live_call (
        call_id, account_id, hold, held_s, control_url, must_end_at, cut_due_at, extend_due_at, reconcile_due_at,
        forwarded_to
    )
    SELECT
        corrected.id, corrected.account_id, input.hold, input.held_s, input.control_url, input.must_end_at,
        input.cut_due_at, input.extend_due_at, input.reconcile_due_at,
        CASE WHEN corrected.direction = 'forward' THEN corrected.callee END
    FROM corrected
    CROSS JOIN input
    LEFT JOIN gone ON gone.call_id = corrected.id
    WHERE input.state = 'open'
)
SELECT reported_s, cause, cost, cost_currency FROM corrected;

-- name: start_told_otherwise
-- Flag a call that stays as it was decided, though its provider was told otherwise of this very webhook. Of one that is
-- over a repeat is told what was told. $1 call_id bigint, $2 started_at timestamptz, $3 reply bytea, $4 now timestamptz.
-- Returns 0..1 row.
UPDATE call
SET flags = flags || '{told_otherwise}', flagged_at = $4::timestamptz,
    reply = CASE WHEN state = 'ended' THEN $3::bytea ELSE reply END
WHERE id = $1::bigint AND started_at = $2::timestamptz AND NOT flags @> '{told_otherwise}'
RETURNING id;

-- name: start_asked_again
-- Note that a repeat of their webhook was told what is on record of live calls. $1 call_ids bigint[].
UPDATE live_call
SET asked_again = true
WHERE call_id = ANY($1::bigint[]) AND NOT asked_again;

-- name: forwards_in_circles
-- Which forwards would lead back to where their call comes from (R13). An incoming call is taken for what a live forward
-- has become if that forward goes to its line and shows its caller: the number that forwards, or, while nobody has
-- answered, the first caller. So the chain is followed up, over connections and accounts. A number that calls itself
-- while it forwards to the same callee has come back from outside.
-- $1 forwards json: rows of the columns below. Returns the ordinals of those that close a circle.
WITH RECURSIVE asked AS MATERIALIZED (
    SELECT *
    FROM json_to_recordset($1::json) AS f (ordinal integer, parent_id bigint, line text, callee text)
),
round AS (
    SELECT asked.ordinal, asked.callee, incoming.line, incoming.caller, 1 AS depth
    FROM asked
    CROSS JOIN LATERAL calls_of(ARRAY[asked.parent_id], asked.parent_id, asked.parent_id) AS incoming
    UNION
    SELECT round.ordinal, round.callee, incoming.line, incoming.caller, round.depth + 1
    FROM round
    CROSS JOIN LATERAL (
        SELECT call_id FROM live_call WHERE live_call.forwarded_to = round.line ORDER BY call_id DESC LIMIT 100
    ) AS live
    CROSS JOIN LATERAL calls_of(ARRAY[live.call_id], live.call_id, live.call_id) AS forward
    CROSS JOIN LATERAL calls_of(ARRAY[forward.parent_id], forward.parent_id, forward.parent_id) AS incoming
    WHERE round.depth < 10
        AND (
            round.caller = forward.caller_id
            OR (round.caller = forward.caller AND forward.answered_at IS NULL)
        )
)
SELECT ordinal
FROM round
WHERE line = callee
UNION
SELECT asked.ordinal
FROM asked
CROSS JOIN LATERAL calls_of(ARRAY[asked.parent_id], asked.parent_id, asked.parent_id) AS incoming
CROSS JOIN LATERAL (
    SELECT call_id FROM live_call WHERE live_call.forwarded_to = asked.callee ORDER BY call_id DESC LIMIT 100
) AS live
CROSS JOIN LATERAL calls_of(ARRAY[live.call_id], live.call_id, live.call_id) AS forward
WHERE forward.line = asked.line AND forward.caller_id = incoming.caller;

-- name: reused_id_reply
-- The reply to another call under a used id that was refused before: a repeat of it has the same.
-- $1 connection text, $2 provider_call_id text, $3 direction text, $4 callee text, $5 line text. Returns 0..1 row.
SELECT call.reply
FROM known_call
CROSS JOIN LATERAL calls_of(ARRAY[known_call.call_id], known_call.call_id, known_call.call_id) AS call
WHERE known_call.key = call_key($1::text, $2::text) AND known_call.reuse > 0
    AND call.direction = $3::text AND call.callee = $4::text AND call.line = $5::text
ORDER BY known_call.reuse
LIMIT 1;

-- name: reused_id_refuse
-- Put a refused call on record as the next reuse of its id. One that another transaction has put there meanwhile is left
-- alone and not returned.
-- $1 connection text, $2 provider_call_id text, $3 account_id bigint, $4 line_id bigint, $5 parent_id bigint,
-- $6 direction text, $7 caller text, $8 callee text, $9 line text, $10 rule text, $11 reason text,
-- $12 record_code smallint, $13 sip_code smallint, $14 reply bytea, $15 started_at timestamptz, $16 flags text[],
-- $17 now timestamptz.
-- Returns 0..1 row.
INSERT INTO call (
    connection, provider_call_id, reuse, account_id, line_id, parent_id, direction, caller, callee, line, state, rule,
    reason, record_code, sip_code, granted_s, reply, started_at, flags, flagged_at
)
SELECT
    $1::text, $2::text, max(reuse) + 1, $3::bigint, $4::bigint, $5::bigint, $6::text, $7::text, $8::text, $9::text,
    'refused', $10::text, $11::text, $12::smallint, $13::smallint, 0, $14::bytea, $15::timestamptz, $16::text[],
    $17::timestamptz
FROM known_call
WHERE key = call_key($1::text, $2::text)
RETURNING id;

-- name: unmatched_end_match
-- Give a call whose end came first the start that came after it, so that its end can be charged (R21). Its id is older
-- than those that its account's CRM has been told of, so it is queued for that here.
-- $1 call_id bigint, $2 account_id bigint, $3 line_id bigint, $4 rate_id bigint, $5 parent_id bigint,
-- $6 direction text, $7 caller text, $8 callee text, $9 line text, $10 rule text, $11 granted_s integer,
-- $12 must_end_at timestamptz. Returns 0..1 row: the figures of its end, and when that was on record.
WITH adopted AS (
    UPDATE call
    SET state = 'open', account_id = $2::bigint, line_id = $3::bigint, rate_id = $4::bigint,
        parent_id = $5::bigint, direction = $6::text, caller = $7::text, callee = $8::text, line = $9::text,
        rule = $10::text, granted_s = $11::integer, ended_at = NULL, answered_at = NULL, billed_s = NULL,
        reported_s = NULL
    FROM (SELECT id, answered_at, ended_at, reported_s FROM call WHERE id = $1::bigint FOR NO KEY UPDATE) AS before
    WHERE call.id = $1::bigint AND call.state = 'orphan'
    RETURNING
        call.id, call.account_id, before.answered_at, before.ended_at, before.reported_s,
        call.cause, call.cost, call.cost_currency::text AS cost_currency, call.flagged_at AS kept_at
),
live AS (
    INSERT INTO live_call (call_id, account_id, hold, held_s, must_end_at, reconcile_due_at)
    SELECT id, account_id, 0, 0, $12::timestamptz, $12::timestamptz
    FROM adopted
),
told AS (
    INSERT INTO crm_call (connection, call_id, state, created_at, due_at)
    SELECT crm_portal.connection, adopted.id, 'queued', adopted.ended_at, adopted.ended_at
    FROM adopted
    JOIN crm_portal ON crm_portal.account_id = adopted.account_id
    ON CONFLICT (connection, call_id) DO NOTHING
)
SELECT answered_at, ended_at, reported_s, cause, cost, cost_currency, kept_at FROM adopted;

-- name: ordinary_lines
-- A page of the lines whose calls are decided by nothing but what they cost and whether the money is there, with what is
-- needed of their accounts. In the order of their ids. $1 after bigint, $2 limit integer.
SELECT
    json_build_object(
        'id', line.id, 'account_id', line.account_id, 'kind', line.kind, 'name', line.name, 'state', line.state,
        'country', line.country, 'category', line.category
    ) AS line,
    json_build_object(
        'id', account.id, 'currency', account.currency, 'main_number', account.main_number,
        'free_inbound_needs_balance', account.free_inbound_needs_balance, 'when_withheld', account.when_withheld,
        'state', account.state, 'time_zone', account.time_zone,
        'funds', json_build_object('balance', 0, 'held', 0, 'credit_limit', 0)
    ) AS account
FROM line
CROSS JOIN LATERAL (
    SELECT id, currency, main_number, free_inbound_needs_balance, when_withheld, state, time_zone, caps
    FROM account
    WHERE account.id = line.account_id
    LIMIT 1
) AS account
WHERE line.id > $1::bigint AND line.state = 'active' AND account.state = 'open' AND account.caps IS NULL
    AND NOT account.free_inbound_needs_balance
ORDER BY line.id
LIMIT $2::integer;
