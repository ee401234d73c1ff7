-- name: call_first_since
-- The smallest id of the calls that started in a window, and when the earliest of them did; null where none did. The
-- index of instants is one of ranges of pages, and `id + 0` keeps the planner from walking the ids instead.
-- $1 since timestamptz, $2 until timestamptz (exclusive). Returns 1 row.
SELECT min(id + 0) AS id, min(started_at) AS started_at
FROM call
WHERE started_at >= $1::timestamptz AND started_at < $2::timestamptz;

-- name: calls_listed
-- The newest calls that are as wanted, among so many that are looked at: an account's, or all, or those with a flag. Of
-- a list that ends at an instant, those are looked at too that were put on record long after they started: they have a
-- flag. A parameter that is null asks for nothing.
-- $1 account_id bigint, $2 before bigint (exclusive), $3 from_id bigint, $4 until_id bigint (exclusive: from there on
-- only calls with a flag are looked at), $5 by_flag boolean (look only at calls with a flag), $6 looked_at integer,
-- $7 limit integer, $8 line text, $9 number text, $10 state text, $11 reason text, $12 flag text, $13 direction text,
-- $14 connection text, $15 since timestamptz, $16 until timestamptz (exclusive), $17 min_charge numeric,
-- $18 far_party text (what the number of the far party begins with).
SELECT
    id, account_id, connection, line, state, direction, caller, callee, caller_id, started_at, answered_at, ended_at,
    granted_s, billed_s, charge::numeric AS charge,
    (SELECT currency::text FROM account WHERE account.id = looked_at.account_id) AS currency,
    reason, flags
FROM (
    (
        SELECT *
        FROM call
        WHERE account_id = $1::bigint
            AND id < least($2::bigint, $4::bigint)
            AND id >= $3::bigint
        ORDER BY id DESC
        LIMIT $6::integer
    )
    UNION ALL
    (
        SELECT *
        FROM call
        WHERE $1::bigint IS NULL
            AND NOT $5::boolean
            AND id < least($2::bigint, $4::bigint)
            AND id >= $3::bigint
        ORDER BY id DESC
        LIMIT $6::integer
    )
    UNION ALL
    (
        SELECT *
        FROM call
        WHERE flags <> '{}'
            AND id < $2::bigint
            AND id >= CASE WHEN $5::boolean AND $1::bigint IS NULL THEN $3::bigint ELSE $4::bigint END
        ORDER BY id DESC
        LIMIT $6::integer
    )
) AS looked_at
WHERE ($1::bigint IS NULL OR account_id = $1::bigint)
    AND ($8::text IS NULL OR line = $8::text)
    AND (
        $9::text IS NULL
        OR $9::text = ANY(ARRAY[caller, callee, line, caller_id])
        OR (anonymised_at IS NOT NULL AND anonymised_party($9::text) = ANY(ARRAY[caller, callee, caller_id]))
    )
    AND ($10::text IS NULL OR state = $10::text)
    AND ($11::text IS NULL OR reason = $11::text)
    AND ($12::text IS NULL OR $12::text = ANY(flags))
    AND ($13::text IS NULL OR direction = $13::text)
    AND ($14::text IS NULL OR connection = $14::text)
    AND ($15::timestamptz IS NULL OR started_at >= $15::timestamptz)
    AND ($16::timestamptz IS NULL OR started_at < $16::timestamptz)
    AND ($17::numeric IS NULL OR charge >= $17::numeric)
    AND (
        $18::text IS NULL OR starts_with(CASE direction WHEN 'inbound' THEN caller ELSE callee END, $18::text)
    )
ORDER BY id DESC
LIMIT $7::integer;

-- name: calls_summed
-- What the calls add up to that `calls_listed` would list, however many: by currency and, where the far party's number
-- begins with something, by that number, as the database does not know of which country it is.
-- $1 account_id bigint, $2 before bigint, $3 from_id bigint, $4 until_id bigint, $5 by_flag boolean,
-- $6 looked_at integer, $7 line text, $8 number text, $9 state text, $10 reason text, $11 flag text, $12 direction text,
-- $13 connection text, $14 since timestamptz, $15 until timestamptz, $16 min_charge numeric, $17 far_party text:
-- as there.
SELECT
    (SELECT currency::text FROM account WHERE account.id = looked_at.account_id) AS currency,
    CASE WHEN $17::text IS NOT NULL THEN CASE direction WHEN 'inbound' THEN caller ELSE callee END END AS far_party,
    count(*) AS calls,
    count(*) FILTER (WHERE state = 'refused') AS refused,
    count(*) FILTER (WHERE billed_s > 0) AS talked,
    coalesce(sum(billed_s), 0)::bigint AS billed_s,
    coalesce(sum(charge::numeric), 0) AS charge
FROM (
    (
        SELECT *
        FROM call
        WHERE account_id = $1::bigint
            AND id < least($2::bigint, $4::bigint)
            AND id >= $3::bigint
        ORDER BY id DESC
        LIMIT $6::integer
    )
    UNION ALL
    (
        SELECT *
        FROM call
        WHERE $1::bigint IS NULL
            AND NOT $5::boolean
            AND id < least($2::bigint, $4::bigint)
            AND id >= $3::bigint
        ORDER BY id DESC
        LIMIT $6::integer
    )
    UNION ALL
    (
        SELECT *
        FROM call
        WHERE flags <> '{}'
            AND id < $2::bigint
            AND id >= CASE WHEN $5::boolean AND $1::bigint IS NULL THEN $3::bigint ELSE $4::bigint END
        ORDER BY id DESC
        LIMIT $6::integer
    )
) AS looked_at
WHERE ($1::bigint IS NULL OR account_id = $1::bigint)
    AND ($7::text IS NULL OR line = $7::text)
    AND (
        $8::text IS NULL
        OR $8::text = ANY(ARRAY[caller, callee, line, caller_id])
        OR (anonymised_at IS NOT NULL AND anonymised_party($8::text) = ANY(ARRAY[caller, callee, caller_id]))
    )
    AND ($9::text IS NULL OR state = $9::text)
    AND ($10::text IS NULL OR reason = $10::text)
    AND ($11::text IS NULL OR $11::text = ANY(flags))
    AND ($12::text IS NULL OR direction = $12::text)
    AND ($13::text IS NULL OR connection = $13::text)
    AND ($14::timestamptz IS NULL OR started_at >= $14::timestamptz)
    AND ($15::timestamptz IS NULL OR started_at < $15::timestamptz)
    AND ($16::numeric IS NULL OR charge >= $16::numeric)
    AND (
        $17::text IS NULL OR starts_with(CASE direction WHEN 'inbound' THEN caller ELSE callee END, $17::text)
    )
GROUP BY 1, 2;

-- name: calls_looked_at
-- Down to which call `calls_listed` looks, where there may be more below; null: it looks at all.
-- $1 account_id bigint, $2 before bigint, $3 from_id bigint, $4 until_id bigint, $5 by_flag boolean,
-- $6 looked_at integer: as there. Returns 1 row.
SELECT max(id) AS id
FROM (
    (
        SELECT id
        FROM call
        WHERE account_id = $1::bigint
            AND id < least($2::bigint, $4::bigint)
            AND id >= $3::bigint
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
            AND id >= $3::bigint
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
