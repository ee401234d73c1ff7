-- Old calls can be written to a file and deleted, with the entries that charge them, when an operator says so. What stays
-- of each for ever is the key of its id, so that it is never decided or charged anew (R16), and of each account what was
-- archived adds up to: up to the entry `entry_id` what is archived and what is kept make `balance`.
-- New tables and triggers, quick; the index of calls that a CRM is told of takes seconds for millions.
CREATE TABLE archived_call (
    key bytea PRIMARY KEY CHECK (length(key) = 16)
);

CREATE TABLE account_opening (
    account_id bigint PRIMARY KEY REFERENCES account,
    entry_id bigint NOT NULL,
    balance amount NOT NULL,
    archived amount NOT NULL
);

-- The key of an id: 16 bytes that nobody can find another id for. No name of a connection has a line's end in it.
CREATE FUNCTION call_key(text, text) RETURNS bytea LANGUAGE sql STABLE AS $$
    SELECT substr(sha256(convert_to($1 || E'\n' || $2, 'UTF8')), 1, 16)
$$;

CREATE FUNCTION refuse_change_but_archive() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('gateway.is_archiving', true) = 'on' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION '% of % is not allowed', TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;

DROP TRIGGER call_kept ON call;
CREATE TRIGGER call_kept BEFORE DELETE ON call FOR EACH ROW EXECUTE FUNCTION refuse_change_but_archive();
DROP TRIGGER ledger_entry_append_only ON ledger_entry;
CREATE TRIGGER ledger_entry_append_only BEFORE UPDATE OR DELETE ON ledger_entry
    FOR EACH ROW EXECUTE FUNCTION refuse_change_but_archive();

CREATE INDEX crm_call_call ON crm_call (call_id);
