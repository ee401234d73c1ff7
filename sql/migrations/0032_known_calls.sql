-- Every call has a key for ever, by which it is found, and which lets none come twice (R16): also once the call itself
-- has been archived. Its keys are narrow, so that calls can be kept in months (0034), over which no other index reaches.
-- Whoever puts a call on record, gateways of the version before too, gives it its key in the same moment. Keys of the
-- calls that are there follow in 0033.
-- Quick: a column with a constant default and checks that are not run over what is there.
CREATE TABLE known_call (
    key bytea NOT NULL CHECK (length(key) = 16),
    reuse integer NOT NULL,
    -- Null for a call that was archived before calls were kept in months.
    call_id bigint,
    PRIMARY KEY (key, reuse)
);

-- Whether who put a call on record wrote its key beforehand, for many calls at once; where not, a trigger does.
ALTER TABLE call ADD COLUMN has_key boolean NOT NULL DEFAULT false;

-- A call whose key is there is left alone, as ON CONFLICT DO NOTHING does.
CREATE FUNCTION know_call() RETURNS trigger LANGUAGE plpgsql AS $$
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

CREATE TRIGGER call_known BEFORE INSERT ON call FOR EACH ROW WHEN (NOT NEW.has_key) EXECUTE FUNCTION know_call();

INSERT INTO known_call (key, reuse) SELECT key, 0 FROM archived_call;
DROP TABLE archived_call;
-- For gateways of the version before, which ask for it where they found no call.
CREATE VIEW archived_call AS SELECT key FROM known_call WHERE reuse = 0;

-- The call that an entry charges, 0 for all other entries, and for charges that gateways of the version before book.
ALTER TABLE ledger_entry ADD COLUMN charged_call_id bigint NOT NULL DEFAULT 0;
ALTER TABLE ledger_entry ADD CONSTRAINT ledger_entry_charged_check
    CHECK (charged_call_id = 0 OR (kind = 'call' AND charged_call_id = call_id)) NOT VALID;

-- What is there will be the first part of each table: ids below the next that a part begins with.
DO $$
DECLARE
    until_id bigint := (SELECT last_value / 10000000000 + 1 FROM call_id_seq) * 10000000000;
BEGIN
    EXECUTE format('ALTER TABLE call ADD CONSTRAINT call_first_part CHECK (id < %s) NOT VALID', until_id);
    EXECUTE format('ALTER TABLE crm_call ADD CONSTRAINT crm_call_first_part CHECK (call_id < %s) NOT VALID', until_id);
    EXECUTE format(
        'ALTER TABLE ledger_entry ADD CONSTRAINT ledger_entry_first_part CHECK (charged_call_id < %s) NOT VALID',
        until_id
    );
END
$$;
