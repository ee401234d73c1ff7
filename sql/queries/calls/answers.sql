-- name: answer_apply
-- Note that calls were answered, and count their clocks from then. A call that has an answer or is not live is left
-- alone; so is one whose hold another transaction changed after it was gathered and before its account was locked.
-- Lock order: live_call, call, as the cutter takes them.
-- $1 call_ids bigint[], $2 answered_at timestamptz[], $3 must_end_at timestamptz[], $4 cut_due_at timestamptz[],
-- $5 extend_due_at timestamptz[], $6 reconcile_due_at timestamptz[], $7 held_s when gathered int4[],
-- $8 what the provider's clock showed at the answer timestamptz[], $9 the least bigint, $10 the greatest of the ids bigint.
-- Returns the calls whose hold was changed.
WITH input AS MATERIALIZED (
    SELECT *
    FROM unnest(
        $1::bigint[], $2::timestamptz[], $3::timestamptz[], $4::timestamptz[], $5::timestamptz[], $6::timestamptz[],
        $7::int4[], $8::timestamptz[]
    ) AS i (
        call_id, answered_at, must_end_at, cut_due_at, extend_due_at, reconcile_due_at, was_held_s,
        provider_answered_at
    )
),
locked AS MATERIALIZED (
    SELECT call_id, held_s FROM live_call WHERE call_id = ANY($1::bigint[]) ORDER BY call_id FOR NO KEY UPDATE
),
live AS MATERIALIZED (
    SELECT locked.call_id, locked.held_s = input.was_held_s AS is_as_known
    FROM locked
    JOIN input ON input.call_id = locked.call_id
),
answered AS (
    UPDATE call
    SET (answered_at, provider_answered_at) = (
            SELECT input.answered_at, input.provider_answered_at FROM input WHERE input.call_id = call.id
        )
    WHERE id = ANY(ARRAY(SELECT call_id FROM live WHERE is_as_known)) AND id BETWEEN $9::bigint AND $10::bigint
        AND state = 'open' AND answered_at IS NULL
    RETURNING id, cut_reason
),
clock AS MATERIALIZED (
    SELECT input.*, answered.cut_reason FROM input JOIN answered ON answered.id = input.call_id
),
moved AS (
    UPDATE live_call
    SET (must_end_at, cut_due_at, extend_due_at, reconcile_due_at) = (
            SELECT
                clock.must_end_at,
                CASE WHEN clock.cut_reason IS NULL THEN clock.cut_due_at ELSE live_call.cut_due_at END,
                clock.extend_due_at, clock.reconcile_due_at
            FROM clock
            WHERE clock.call_id = live_call.call_id
        )
    WHERE call_id = ANY(ARRAY(SELECT call_id FROM clock))
)
SELECT call_id FROM live WHERE NOT is_as_known;
