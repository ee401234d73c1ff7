-- Calls are found by any number in them, however many there are: `call_number` has the parties and lines of calls that
-- were added up, put there by whoever adds them up, so that no start and no end writes to it. Those that are not there yet
-- are above `usage_point`, in `usage_awaited` or in `usage_changed`. It is kept in the months of `call`, as it is dropped
-- with them.
-- Filling it reads all calls once: a minute for five millions, in which nobody waits but what adds up and what anonymises.
CREATE TABLE call_number (
    number text COLLATE "C" NOT NULL,
    call_id bigint NOT NULL,
    PRIMARY KEY (number, call_id)
) PARTITION BY RANGE (call_id);

-- As before, and the numbers of a month.
CREATE OR REPLACE FUNCTION make_parts(text) RETURNS void LANGUAGE plpgsql AS $$
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
$$;

CREATE OR REPLACE FUNCTION add_month(date) RETURNS void LANGUAGE plpgsql AS $$
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
$$;

CREATE OR REPLACE FUNCTION detach_month(text) RETURNS void LANGUAGE plpgsql AS $$
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
$$;

-- What was taken out by a gateway of the version before has no table of numbers.
CREATE OR REPLACE FUNCTION drop_month(text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('DROP TABLE %I, %I, %I', 'crm_call_' || $1, 'call_' || $1, 'ledger_entry_' || $1);
    EXECUTE format('DROP TABLE IF EXISTS %I', 'call_number_' || $1);
END
$$;

CREATE OR REPLACE FUNCTION begin_months(bigint) RETURNS void LANGUAGE plpgsql AS $$
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
$$;

CREATE TABLE call_number_default PARTITION OF call_number DEFAULT;
DO $$
DECLARE
    part text;
    begins text;
    ends bigint;
BEGIN
    FOR part, begins, ends IN
        SELECT
            CASE WHEN starts_on > '-infinity' THEN to_char(starts_on, 'YYYY_MM') ELSE 'first' END,
            CASE WHEN starts_on > '-infinity' THEN first_id::text ELSE 'MINVALUE' END,
            until_id
        FROM call_month
        WHERE archived_at IS NULL
    LOOP
        EXECUTE format(
            'CREATE TABLE %I PARTITION OF call_number FOR VALUES FROM (%s) TO (%s)', 'call_number_' || part, begins, ends
        );
    END LOOP;
END
$$;

-- Nothing is added up while it is filled.
SELECT FROM usage_point FOR UPDATE;

INSERT INTO call_number (number, call_id)
SELECT DISTINCT party, call.id
FROM call
CROSS JOIN LATERAL unnest(ARRAY[caller, callee, line, caller_id]) AS party
WHERE call.id <= (SELECT call_id FROM usage_point)
    AND party <> ''
    AND NOT EXISTS (SELECT FROM usage_awaited WHERE usage_awaited.call_id = call.id);

-- Whoever adds calls up does no more than that, a gateway of the version before too.
CREATE FUNCTION number_next_calls() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE TRIGGER calls_numbered AFTER UPDATE ON usage_point FOR EACH ROW EXECUTE FUNCTION number_next_calls();

-- What a call had before it changed stays beside what it has: who asks looks at the call too.
CREATE FUNCTION number_calls() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE TRIGGER calls_numbered AFTER DELETE ON usage_awaited REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION number_calls();
CREATE TRIGGER calls_numbered AFTER DELETE ON usage_changed REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION number_calls();

-- Whether a call is as wanted; a parameter that is null asks for nothing. Of a call whose numbers were taken, a number fits
-- that has what is left.
-- $1 the call, $2 line, $3 number (a party, or the line), $4 state, $5 reason, $6 flag, $7 direction, $8 connection,
-- $9 since, $10 until (exclusive), $11 min_charge, $12 what the number of the far party begins with.
CREATE FUNCTION call_fits(
    call, text, text, text, text, text, text, text, timestamptz, timestamptz, numeric, text
) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
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
$$;

-- The newest calls that have a number, or what is left of it, and those that have not been added up as they are now.
-- $1 before, $2 from_id, $3 until_id, $4 how many of each kind, $5 number.
CREATE FUNCTION numbered_calls(bigint, bigint, bigint, integer, text) RETURNS TABLE (call_id bigint)
LANGUAGE sql STABLE AS $$
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
$$;

-- The newest calls that are looked at for a list: an account's, or all, or those with a flag, or those with a number. Of a
-- list that ends at an instant, those are looked at too that were put on record long after they started: they have a flag.
-- With a number it is those above the point to which calls were added up, and below it those that have the number.
-- $1 account_id (null: all), $2 before (exclusive), $3 from_id, $4 until_id (exclusive: from there on only calls with a
-- flag), $5 by_flag (only calls with a flag), $6 how many, of each kind, $7 number (null: any).
CREATE FUNCTION calls_of_stretch(bigint, bigint, bigint, bigint, boolean, integer, text)
RETURNS SETOF call LANGUAGE sql STABLE AS $$
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
            INNER JOIN call ON call.id = numbered.call_id
            WHERE $7 IS NOT NULL AND NOT ($5 AND $1 IS NULL)
            ORDER BY call.id DESC
            LIMIT 4 * $6
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
$$;
