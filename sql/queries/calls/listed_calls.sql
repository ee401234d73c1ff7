-- name: lists_begin
-- Have the queries of this transaction be planned once, by their indexes.
SELECT
    set_config('plan_cache_mode', 'force_generic_plan', true),
    set_config('enable_seqscan', 'off', true),
    set_config('enable_hashjoin', 'off', true),
    set_config('enable_mergejoin', 'off', true);

-- name: call_first_since
-- The smallest id of the calls that started in a window, and when the earliest of them did; null where none did. The
-- index of instants is one of ranges of pages, and `id + 0` keeps the planner from walking the ids instead.
-- $1 since timestamptz, $2 until timestamptz (exclusive). Returns 1 row.
SELECT min(id + 0) AS id, min(started_at) AS started_at
FROM call
WHERE started_at >= $1::timestamptz AND started_at < $2::timestamptz;

-- name: calls_listed
-- The newest calls that are as wanted, among those of a stretch (`calls_of_stretch`). A parameter that is null asks for
-- nothing.
-- $1 account_id bigint, $2 before bigint, $3 from_id bigint, $4 until_id bigint, $5 by_flag boolean,
-- $6 looked_at integer, $7 line text, $8 number text, $9 state text, $10 reason text, $11 flag text, $12 direction text,
-- $13 connection text, $14 since timestamptz, $15 until timestamptz (exclusive), $16 min_charge numeric,
-- $17 far_party text (what the number of the far party begins with), $18 limit integer.
SELECT
    id, account_id, connection, line, state, direction, caller, callee, caller_id, started_at, answered_at, ended_at,
    granted_s, billed_s, charge::numeric AS charge,
    (SELECT currency::text FROM account WHERE account.id = looked_at.account_id) AS currency,
    reason, flags
FROM
    calls_of_stretch(
        $1::bigint, $2::bigint, $3::bigint, $4::bigint, $5::boolean, $6::integer, $8::text
    ) AS looked_at
WHERE
    call_fits(
        looked_at, $7::text, $8::text, $9::text, $10::text, $11::text, $12::text, $13::text, $14::timestamptz,
        $15::timestamptz, $16::numeric, $17::text
    )
ORDER BY id DESC
LIMIT $18::integer;

-- name: calls_summed
-- What the calls add up to that `calls_listed` would list, however many: by currency and, where the far party's number
-- begins with something, by that number, as the database does not know of which country it is. By account first, as a
-- currency is looked up for each account then and not for each call.
-- $1 to $17 as there.
SELECT
    account.currency::text AS currency,
    by_account.far_party,
    sum(by_account.calls)::bigint AS calls,
    sum(by_account.refused)::bigint AS refused,
    sum(by_account.talked)::bigint AS talked,
    sum(by_account.billed_s)::bigint AS billed_s,
    sum(by_account.charge) AS charge
FROM (
    SELECT
        account_id,
        CASE WHEN $17::text IS NOT NULL THEN CASE direction WHEN 'inbound' THEN caller ELSE callee END END AS far_party,
        count(*) AS calls,
        count(*) FILTER (WHERE state = 'refused') AS refused,
        count(*) FILTER (WHERE billed_s > 0) AS talked,
        coalesce(sum(billed_s), 0) AS billed_s,
        coalesce(sum(charge::numeric), 0) AS charge
    FROM
        calls_of_stretch(
            $1::bigint, $2::bigint, $3::bigint, $4::bigint, $5::boolean, $6::integer, $8::text
        ) AS looked_at
    WHERE
        call_fits(
            looked_at, $7::text, $8::text, $9::text, $10::text, $11::text, $12::text, $13::text, $14::timestamptz,
            $15::timestamptz, $16::numeric, $17::text
        )
    GROUP BY 1, 2
) AS by_account
LEFT JOIN account ON account.id = by_account.account_id
GROUP BY 1, 2;

-- name: calls_looked_at
-- Down to which call a stretch goes, where there may be more below; null: it has all.
-- $1 account_id bigint, $2 before bigint, $3 from_id bigint, $4 until_id bigint, $5 by_flag boolean,
-- $6 looked_at integer, $7 number text: as there. Returns 1 row.
SELECT max(id) AS id
FROM (
    (
        SELECT id
        FROM call
        WHERE account_id = $1::bigint
            AND id < least($2::bigint, $4::bigint)
            AND id >= CASE
                WHEN $7::text IS NULL THEN $3::bigint
                ELSE greatest($3::bigint, (SELECT call_id + 1 FROM usage_point))
            END
        ORDER BY id DESC
        OFFSET $6::integer - 1
        LIMIT 1
    )
    UNION ALL
    (
        SELECT id
        FROM call
        WHERE $1::bigint IS NULL
            AND NOT $5::boolean
            AND id < least($2::bigint, $4::bigint)
            AND id >= CASE
                WHEN $7::text IS NULL THEN $3::bigint
                ELSE greatest($3::bigint, (SELECT call_id + 1 FROM usage_point))
            END
        ORDER BY id DESC
        OFFSET $6::integer - 1
        LIMIT 1
    )
    UNION ALL
    (
        SELECT id
        FROM call
        WHERE flags <> '{}'
            AND id < $2::bigint
            AND id >= CASE WHEN $5::boolean AND $1::bigint IS NULL THEN $3::bigint ELSE $4::bigint END
        ORDER BY id DESC
        OFFSET $6::integer - 1
        LIMIT 1
    )
    UNION ALL
    (
        SELECT call_id
        FROM call_number
        WHERE number = $7::text AND call_id < least($2::bigint, $4::bigint) AND call_id >= $3::bigint
        ORDER BY call_id DESC
        OFFSET $6::integer - 1
        LIMIT 1
    )
    UNION ALL
    (
        SELECT call_id
        FROM call_number
        WHERE number = anonymised_party($7::text)
            AND call_id < least($2::bigint, $4::bigint)
            AND call_id >= $3::bigint
        ORDER BY call_id DESC
        OFFSET $6::integer - 1
        LIMIT 1
    )
    UNION ALL
    (
        SELECT call_id
        FROM usage_awaited
        WHERE $7::text IS NOT NULL AND call_id < least($2::bigint, $4::bigint) AND call_id >= $3::bigint
        ORDER BY call_id DESC
        OFFSET $6::integer - 1
        LIMIT 1
    )
    UNION ALL
    (
        SELECT call_id
        FROM usage_changed
        WHERE $7::text IS NOT NULL AND call_id < least($2::bigint, $4::bigint) AND call_id >= $3::bigint
        ORDER BY call_id DESC
        OFFSET $6::integer - 1
        LIMIT 1
    )
) AS last_ones;

-- name: call_owner
-- Whose a call is.
-- $1 call_id bigint. Returns 0..1 row.
SELECT account_id
FROM call
WHERE id = $1::bigint;

-- name: call_entries
-- What a call moved: its charge, and what was given back of it, oldest first.
-- $1 call_id bigint.
SELECT
    entry.id, entry.account_id, account.currency, entry.kind, entry.amount::numeric AS amount,
    entry.balance_after::numeric AS balance_after, entry.call_id, entry.line_id, entry.external_id, entry.note,
    entry.booked_at
FROM (
    SELECT charge.*
    FROM ledger_entry AS charge
    WHERE charge.key = 'call:' || $1::bigint AND charge.charged_call_id IN (0, $1::bigint)
    UNION ALL
    SELECT refund.*
    FROM ledger_entry_kept AS refund
    WHERE refund.kind = 'refund' AND refund.call_id = $1::bigint
) AS entry
INNER JOIN account ON account.id = entry.account_id
ORDER BY entry.id;
