-- name: cut_next
-- When the next call is due to be ended.
SELECT min(cut_due_at) FROM live_call;

-- name: cut_claim
-- Calls past their deadline that must be ended now; each is claimed until its next try, later and later.
-- $1 now timestamptz, $2 how long the claims after the first, the second, … request last interval[], the last of them
-- after all further ones, $3 at most bigint. Returns the calls, those longest overdue first.
WITH due AS (
    SELECT call_id
    FROM live_call
    WHERE cut_due_at <= $1::timestamptz
    ORDER BY cut_due_at
    LIMIT $3::bigint
    FOR NO KEY UPDATE SKIP LOCKED
),
claimed AS (
    UPDATE live_call
    SET cut_attempts = least(live_call.cut_attempts + 1, 30000),
        cut_due_at = $1::timestamptz + ($2::interval[])[least(live_call.cut_attempts + 1, cardinality($2::interval[]))]
    WHERE live_call.call_id = ANY(ARRAY(SELECT call_id FROM due))
    RETURNING live_call.call_id, live_call.control_url, live_call.must_end_at, live_call.cut_attempts
),
noted AS (
    UPDATE call
    SET cut_reason = 'limit'
    WHERE call.id = ANY(ARRAY(SELECT call_id FROM claimed)) AND call.cut_reason IS NULL
)
SELECT
    claimed.call_id, claimed.control_url, claimed.must_end_at, claimed.cut_attempts,
    call.connection, call.provider_call_id, coalesce(call.cut_reason, 'limit') AS cut_reason
FROM claimed
CROSS JOIN LATERAL (
    SELECT connection, provider_call_id, cut_reason
    FROM call
    WHERE call.id = claimed.call_id
    LIMIT 1
) AS call
ORDER BY claimed.must_end_at;

-- name: accounts_lock
-- Lock accounts in id order, so that what is read after this in the transaction is what is true. $1 ids bigint[].
SELECT id FROM account WHERE id = ANY($1::bigint[]) ORDER BY id FOR NO KEY UPDATE;

-- name: accounts_turn
-- Lock accounts in id order, as soon as they are free; from now on in this transaction no lock is waited for longer than
-- said. The time is set before the first lock is taken, as locks come last in a plan.
-- $1 ids bigint[], $2 milliseconds text.
WITH patience AS MATERIALIZED (SELECT set_config('lock_timeout', $2::text, true))
SELECT account.id
FROM account
CROSS JOIN patience
WHERE account.id = ANY($1::bigint[])
ORDER BY account.id
FOR NO KEY UPDATE OF account;

-- name: extend_due
-- Live calls whose held seconds run out soon. $1 now timestamptz, $2 at most bigint.
SELECT call_id, account_id
FROM live_call
WHERE extend_due_at <= $1::timestamptz
ORDER BY extend_due_at
LIMIT $2::bigint;

-- name: extend_gather
-- What is known about calls whose accounts are locked, if their hold is still to be extended. Available is what is left
-- of the money, or of what calls may cost on this day of the account's (R17), where that is less.
-- $1 call_ids bigint[], $2 now timestamptz, $3 whether what is owed by calls that are over limits others boolean.
SELECT
    live_call.call_id, live_call.account_id, live_call.hold::numeric AS hold, live_call.held_s,
    live_call.cut_due_at IS NOT NULL AS is_cuttable,
    least(
        account.balance + account.credit_limit - account.held,
        CASE WHEN account.caps IS NOT NULL THEN
            (account.caps ->> 'spend_a_day')::numeric - account.held - spent_today(
                account.spent, account.spent_on, ($2::timestamptz AT TIME ZONE account.time_zone)::date
            )
        END
    )::numeric AS available,
    call.started_at, call.answered_at, call.granted_s,
    rate.row AS rate
FROM live_call
CROSS JOIN LATERAL (
    SELECT started_at, answered_at, granted_s, rate_id FROM call WHERE call.id = live_call.call_id LIMIT 1
) AS call
CROSS JOIN LATERAL (
    SELECT
        balance, credit_limit, held - CASE WHEN $3::boolean THEN 0 ELSE owed END AS held, caps, spent, spent_on,
        time_zone
    FROM account
    WHERE account.id = live_call.account_id
    LIMIT 1
) AS account
CROSS JOIN LATERAL (SELECT to_json(rate) AS row FROM rate WHERE rate.id = call.rate_id LIMIT 1) AS rate
WHERE live_call.call_id = ANY($1::bigint[]) AND live_call.extend_due_at <= $2::timestamptz
ORDER BY live_call.extend_due_at, live_call.call_id;

-- name: extend_apply
-- Give live calls, whose accounts are locked, a larger hold, or, where the money ends, a shorter grant. One that is
-- taken for over, as its answer came later than that, owes what it holds more.
-- $1 call_ids bigint[], $2 held_s int4[], $3 hold numeric[], $4 more held than before numeric[], $5 granted_s int4[],
-- $6 must_end_at timestamptz[], $7 extend_due_at timestamptz[], $8 reconcile_due_at timestamptz[].
WITH input AS (
    SELECT *
    FROM unnest(
        $1::bigint[], $2::int4[], $3::numeric[], $4::numeric[], $5::int4[], $6::timestamptz[], $7::timestamptz[],
        $8::timestamptz[]
    ) AS i (call_id, held_s, hold, more, granted_s, must_end_at, extend_due_at, reconcile_due_at)
),
extended AS (
    UPDATE live_call
    SET held_s = input.held_s, hold = input.hold, must_end_at = input.must_end_at, extend_due_at = input.extend_due_at,
        cut_due_at = CASE
            WHEN live_call.cut_due_at IS NOT NULL THEN least(live_call.cut_due_at, input.must_end_at)
        END,
        reconcile_due_at = least(live_call.reconcile_due_at, input.reconcile_due_at)
    FROM input
    WHERE live_call.call_id = ANY($1::bigint[]) AND live_call.call_id = input.call_id
    RETURNING
        live_call.call_id, live_call.account_id, input.more, input.granted_s,
        CASE WHEN live_call.over_at IS NULL THEN 0 ELSE input.more END AS owed
),
granted AS (
    UPDATE call
    SET granted_s = extended.granted_s, cut_reason = coalesce(call.cut_reason, 'credit')
    FROM extended
    WHERE call.id = ANY($1::bigint[]) AND call.id = extended.call_id AND call.granted_s > extended.granted_s
)
UPDATE account
SET held = account.held + taken.more, owed = account.owed + taken.owed
FROM (SELECT account_id, sum(more) AS more, sum(owed) AS owed FROM extended GROUP BY account_id) AS taken
WHERE account.id = ANY(ARRAY(SELECT account_id FROM extended)) AND account.id = taken.account_id;

-- name: extend_postpone
-- Come back later to a live call whose hold could not be extended. $1 call_id bigint, $2 until timestamptz.
UPDATE live_call
SET extend_due_at = $2::timestamptz
WHERE call_id = $1::bigint AND extend_due_at < $2::timestamptz;

-- name: reconcile_claim
-- Live calls that somebody should have heard of: never answered within the ring time, or past their deadline. Each is
-- claimed until its next try. $1 now timestamptz, $2 next try timestamptz, $3 at most bigint.
WITH due AS (
    SELECT call_id
    FROM live_call
    WHERE reconcile_due_at <= $1::timestamptz
    ORDER BY reconcile_due_at
    LIMIT $3::bigint
    FOR NO KEY UPDATE SKIP LOCKED
),
claimed AS (
    UPDATE live_call
    SET reconcile_due_at = $2::timestamptz
    WHERE live_call.call_id = ANY(ARRAY(SELECT call_id FROM due))
    RETURNING live_call.call_id, live_call.control_url, live_call.must_end_at
)
SELECT
    claimed.call_id, claimed.control_url, claimed.must_end_at,
    call.connection, call.provider_call_id, call.account_id, call.started_at, call.answered_at
FROM claimed
CROSS JOIN LATERAL (
    SELECT connection, provider_call_id, account_id, started_at, answered_at
    FROM call
    WHERE call.id = claimed.call_id
    LIMIT 1
) AS call
ORDER BY claimed.call_id;

-- name: hold_release
-- Give back what a call holds that was never answered within the ring time (R15); its account is locked. The call
-- stays live: its end may come, and an answer has the extender hold money again.
-- $1 call_id bigint, $2 reconcile_due_at timestamptz. Returns 0..1 row.
WITH before AS MATERIALIZED (
    SELECT live_call.call_id, live_call.hold
    FROM live_call
    JOIN call ON call.id = $1::bigint
    WHERE live_call.call_id = $1::bigint AND call.answered_at IS NULL
),
released AS (
    UPDATE live_call
    SET hold = 0, held_s = CASE WHEN before.hold > 0 THEN 0 ELSE live_call.held_s END,
        extend_due_at = NULL, reconcile_due_at = $2::timestamptz
    FROM before
    WHERE live_call.call_id = $1::bigint
    RETURNING live_call.account_id, before.hold, CASE WHEN live_call.over_at IS NULL THEN 0 ELSE before.hold END AS owed
),
moved AS (
    UPDATE account
    SET held = account.held - released.hold, owed = account.owed - released.owed
    FROM released
    WHERE account.id = released.account_id AND released.hold > 0
)
SELECT hold::numeric AS hold FROM released;

-- name: hold_owe
-- Take a call for over whose end did not come: what it holds is owed from now on (R22); its account is locked.
-- $1 call_id bigint, $2 now timestamptz.
WITH over AS (
    UPDATE live_call
    SET over_at = $2::timestamptz, extend_due_at = NULL
    WHERE call_id = $1::bigint AND over_at IS NULL
    RETURNING account_id, hold
)
UPDATE account
SET owed = account.owed + over.hold
FROM over
WHERE account.id = over.account_id AND over.hold > 0;

-- name: reconcile_later
-- Have the reconciler come back to a live call. $1 call_id bigint, $2 reconcile_due_at timestamptz.
UPDATE live_call SET reconcile_due_at = $2::timestamptz WHERE call_id = $1::bigint;

-- name: cut_now
-- Have the cutter end a live call that is still up past its deadline, if it can. $1 call_id bigint, $2 now timestamptz.
UPDATE live_call
SET cut_due_at = $2::timestamptz
WHERE call_id = $1::bigint AND cut_due_at > $2::timestamptz;

-- name: live_counts
-- Figures of the calls that are up. $1 instant before which a deadline counts as missed timestamptz.
SELECT
    count(*) AS live,
    count(*) FILTER (WHERE hold > 0) AS held,
    count(*) FILTER (WHERE must_end_at < $1::timestamptz) AS overdue
FROM live_call;

-- name: was_silent
-- Whether one of an account's latest calls by a connection gave back its hold unanswered and was charged in the end.
-- $1 account_id bigint, $2 connection text.
SELECT coalesce(bool_or(connection = $2::text AND flags @> '{hold_short}'), false)
FROM (SELECT connection, flags FROM call WHERE account_id = $1::bigint ORDER BY id DESC LIMIT 100) AS latest;
