-- Calls, the entries that charge them, and what CRMs are told of them are kept in months, so that an old month can be
-- taken out, archived and dropped at once. A month is a range of ids: at its turn the ids of calls jump to where it begins
-- (`call_month`). What is there is the first part. A part for ids of no month is there always, so that no call is ever
-- refused for want of a month; it stays empty.
-- Entries that charge no call are never dropped: `charged_call_id` is 0, and they stay in `ledger_entry_kept`, where the
-- key of each is unique. In a month it is given by the call, and a call has one.
-- All of it is quick, as 0033 has proved what is needed: it waits for the transactions that are under way, and calls wait
-- for it for some milliseconds, and for a microsecond more for each call that is up.
LOCK TABLE account, live_call, doubted_end, crm_call, call, ledger_entry IN ACCESS EXCLUSIVE MODE;

CREATE TABLE call_month (
    -- The first part begins at no day.
    starts_on date PRIMARY KEY,
    first_id bigint NOT NULL UNIQUE,
    until_id bigint NOT NULL UNIQUE,
    -- When it was taken out of the tables, and the file that it was written to before it was dropped.
    archived_at timestamptz,
    file text,
    CHECK (first_id < until_id),
    CHECK (file IS NULL OR archived_at IS NOT NULL)
);

-- What was archived of an account: the charges of a month, the last of them, and the balance after that. It counts from
-- the moment that the month is taken out. What was archived before there were months begins at no day that comes.
CREATE TABLE account_archive (
    account_id bigint REFERENCES account,
    starts_on date,
    entry_id bigint NOT NULL,
    balance amount NOT NULL,
    archived amount NOT NULL,
    PRIMARY KEY (account_id, starts_on)
);

INSERT INTO account_archive (account_id, starts_on, entry_id, balance, archived)
SELECT account_id, 'infinity', entry_id, balance, archived
FROM account_opening;
DROP TABLE account_opening;

-- What was archived of each account in all.
CREATE VIEW account_opening AS
SELECT
    account_id, max(entry_id) AS entry_id, (array_agg(balance::numeric ORDER BY entry_id DESC))[1] AS balance,
    sum(archived) AS archived
FROM account_archive
WHERE NOT EXISTS (
    SELECT FROM call_month WHERE call_month.starts_on = account_archive.starts_on AND call_month.archived_at IS NULL
)
GROUP BY account_id;

ALTER TABLE live_call DROP CONSTRAINT live_call_call_id_fkey;
ALTER TABLE doubted_end DROP CONSTRAINT doubted_end_call_id_fkey;

-- The tables that are there make way.
ALTER TABLE call RENAME TO call_first;
ALTER TABLE call_first RENAME CONSTRAINT call_pkey TO call_first_pkey;
ALTER TABLE call_first RENAME CONSTRAINT call_once TO call_first_once;
ALTER INDEX call_account RENAME TO call_first_account;
ALTER INDEX call_flagged RENAME TO call_first_flagged;
ALTER INDEX call_flagged_at RENAME TO call_first_flagged_at;
ALTER INDEX call_started RENAME TO call_first_started;
DROP TRIGGER call_known ON call_first;
DROP TRIGGER call_kept ON call_first;

ALTER TABLE crm_call RENAME TO crm_call_first;
ALTER TABLE crm_call_first RENAME CONSTRAINT crm_call_pkey TO crm_call_first_pkey;
ALTER TABLE crm_call_first RENAME CONSTRAINT crm_call_call_id_fkey TO crm_call_first_call_id_fkey;
ALTER INDEX crm_call_call RENAME TO crm_call_first_call;
ALTER INDEX crm_call_due RENAME TO crm_call_first_due;
ALTER INDEX crm_call_given_up RENAME TO crm_call_first_given_up;

ALTER TABLE ledger_entry RENAME TO ledger_entry_kept;
ALTER INDEX ledger_entry_debits RENAME TO ledger_entry_kept_debits;
DROP TRIGGER ledger_entry_append_only ON ledger_entry_kept;

-- The tables of all months. The name of the first constraint is one that gateways of the version before ask for.
CREATE TABLE call (
    LIKE call_first INCLUDING DEFAULTS INCLUDING CONSTRAINTS,
    CONSTRAINT call_once PRIMARY KEY (id),
    CONSTRAINT call_account_id_fkey FOREIGN KEY (account_id) REFERENCES account
) PARTITION BY RANGE (id);
ALTER TABLE call DROP CONSTRAINT call_first_part;
CREATE INDEX call_account ON call (account_id, id);
CREATE INDEX call_flagged ON call (id) WHERE flags <> '{}';
CREATE INDEX call_flagged_at ON call (flagged_at) WHERE flagged_at IS NOT NULL;
CREATE INDEX call_started ON call USING brin (started_at) WITH (autosummarize = on);
CREATE TRIGGER call_known BEFORE INSERT ON call FOR EACH ROW WHEN (NOT NEW.has_key) EXECUTE FUNCTION know_call();
CREATE TRIGGER call_kept BEFORE DELETE ON call FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- What a CRM is told of a call refers to the call within each month, so that a month can be taken out at once.
CREATE TABLE crm_call (
    LIKE crm_call_first INCLUDING DEFAULTS INCLUDING CONSTRAINTS,
    PRIMARY KEY (connection, call_id),
    CONSTRAINT crm_call_connection_fkey FOREIGN KEY (connection) REFERENCES crm_portal
) PARTITION BY RANGE (call_id);
ALTER TABLE crm_call DROP CONSTRAINT crm_call_first_part;
CREATE INDEX crm_call_call ON crm_call (call_id);
CREATE INDEX crm_call_due ON crm_call (connection, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX crm_call_given_up ON crm_call (call_id) WHERE state = 'given_up';

CREATE TABLE ledger_entry (
    LIKE ledger_entry_kept INCLUDING DEFAULTS INCLUDING CONSTRAINTS,
    CONSTRAINT ledger_entry_account_id_fkey FOREIGN KEY (account_id) REFERENCES account
) PARTITION BY RANGE (charged_call_id);
ALTER TABLE ledger_entry DROP CONSTRAINT ledger_entry_first_part;
CREATE INDEX ledger_entry_debits ON ledger_entry (account_id, booked_at) INCLUDE (amount, kind) WHERE amount < 0;
CREATE TRIGGER ledger_entry_append_only BEFORE UPDATE OR DELETE ON ledger_entry
    FOR EACH ROW EXECUTE FUNCTION refuse_change_but_archive();
CREATE TRIGGER ledger_entry_no_truncate BEFORE TRUNCATE ON ledger_entry
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Ids go on where they are.
DO $$
DECLARE
    next_call bigint := (SELECT last_value + is_called::integer FROM call_id_seq);
    next_entry bigint := (SELECT last_value + is_called::integer FROM ledger_entry_id_seq);
    until_id bigint := (SELECT last_value / 10000000000 + 1 FROM call_id_seq) * 10000000000;
BEGIN
    ALTER TABLE call_first ALTER COLUMN id DROP IDENTITY;
    ALTER TABLE call ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY;
    PERFORM setval('call_id_seq', next_call, false);
    ALTER TABLE ledger_entry_kept ALTER COLUMN id DROP IDENTITY;
    ALTER TABLE ledger_entry ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY;
    PERFORM setval('ledger_entry_id_seq', next_entry, false);

    INSERT INTO call_month (starts_on, first_id, until_id) VALUES ('-infinity', 0, until_id);
    EXECUTE format('ALTER TABLE call ATTACH PARTITION call_first FOR VALUES FROM (MINVALUE) TO (%s)', until_id);
    EXECUTE format('ALTER TABLE crm_call ATTACH PARTITION crm_call_first FOR VALUES FROM (MINVALUE) TO (%s)', until_id);
    EXECUTE format(
        'ALTER TABLE ledger_entry ATTACH PARTITION ledger_entry_kept FOR VALUES FROM (MINVALUE) TO (%s)', until_id
    );
END
$$;
ALTER TABLE call_first DROP CONSTRAINT call_first_part;
ALTER TABLE crm_call_first DROP CONSTRAINT crm_call_first_part;
ALTER TABLE ledger_entry_kept DROP CONSTRAINT ledger_entry_first_part;

ALTER TABLE live_call ADD CONSTRAINT live_call_call_id_fkey FOREIGN KEY (call_id) REFERENCES call;
ALTER TABLE doubted_end ADD CONSTRAINT doubted_end_call_id_fkey FOREIGN KEY (call_id) REFERENCES call;

-- The tables of a month, or of no month, not yet a part of the others. $1 what their names end with.
CREATE FUNCTION make_parts(text) RETURNS void LANGUAGE plpgsql AS $$
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
END
$$;

-- Make the next part for a month. $1 the first of the month. Locks the part for ids of no month for a moment, as well as
-- the tables that refer to calls, or that these refer to: give up soon, and come again, where they are in use.
CREATE FUNCTION add_month(date) RETURNS void LANGUAGE plpgsql AS $$
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
END
$$;

-- Gather what charges the calls of a month in the table of its entries, and add it up. $1 what the names of its parts end
-- with. Of the first part all entries are moved there, of another those that gateways of the version before booked.
CREATE FUNCTION gather_month(text) RETURNS void LANGUAGE plpgsql AS $$
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
$$;

-- Take a month out of the tables. $1 what the names of its parts end with. Waits and gives up as add_month does.
CREATE FUNCTION detach_month(text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    LOCK TABLE account, live_call, doubted_end IN SHARE ROW EXCLUSIVE MODE;
    LOCK TABLE crm_call, call, ledger_entry IN ACCESS EXCLUSIVE MODE;
    EXECUTE format('ALTER TABLE crm_call DETACH PARTITION %I', 'crm_call_' || $1);
    EXECUTE format('ALTER TABLE call DETACH PARTITION %I', 'call_' || $1);
    IF $1 <> 'first' THEN
        EXECUTE format('ALTER TABLE ledger_entry DETACH PARTITION %I', 'ledger_entry_' || $1);
    END IF;
END
$$;

-- The next calls of a month that was taken out, by id, each with its entry as a line of JSON.
-- $1 what the names of its parts end with, $2 after this call, $3 at most.
CREATE FUNCTION calls_of_month(text, bigint, integer)
RETURNS TABLE (call_id bigint, line text, has_entry boolean) LANGUAGE plpgsql STABLE AS $$
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
$$;

CREATE FUNCTION drop_month(text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('DROP TABLE %I, %I, %I', 'crm_call_' || $1, 'call_' || $1, 'ledger_entry_' || $1);
END
$$;

-- Have the first part reach from $1 on, where no call has been put on record yet and so nothing is to be kept.
CREATE FUNCTION begin_months(bigint) RETURNS void LANGUAGE plpgsql AS $$
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
END
$$;

-- Calls by their ids, of which the least and the greatest are told, so that only months between them are opened: the
-- plan of a query that asks for ids which it finds itself opens all. Nothing is done where there are none.
CREATE FUNCTION calls_of(bigint[], bigint, bigint) RETURNS SETOF call LANGUAGE plpgsql STABLE STRICT ROWS 20 AS $$
BEGIN
    RETURN QUERY SELECT call.* FROM call WHERE call.id = ANY($1) AND call.id BETWEEN $2 AND $3;
END
$$;

SELECT make_parts('default');
ALTER TABLE call ATTACH PARTITION call_default DEFAULT;
ALTER TABLE crm_call ATTACH PARTITION crm_call_default DEFAULT;
ALTER TABLE ledger_entry ATTACH PARTITION ledger_entry_default DEFAULT;
