-- Up to where the books of each account are proved (R2): its last entry and call that were looked at, and the balance
-- after that entry. What is booked later is proved from there; once a night all of it, from the first entry.
-- Every account has its row, whoever opens it: a gateway of the version before knows nothing of proofs.
-- A new table, and a row an account is written, a second for two hundred thousand; accounts are locked so long.
CREATE TABLE account_proof (
    account_id bigint PRIMARY KEY REFERENCES account,
    entry_id bigint NOT NULL DEFAULT 0,
    balance amount NOT NULL DEFAULT 0,
    call_id bigint NOT NULL DEFAULT 0,
    proved_at timestamptz,
    is_right boolean NOT NULL DEFAULT true,
    due_at timestamptz NOT NULL DEFAULT '1970-01-01 00:00:00+00',
    whole_due_at timestamptz NOT NULL DEFAULT '1970-01-01 00:00:00+00'
) WITH (fillfactor = 50);

CREATE INDEX account_proof_due ON account_proof (due_at);
CREATE INDEX account_proof_wrong ON account_proof (account_id) WHERE NOT is_right;

CREATE FUNCTION watch_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO account_proof (account_id) VALUES (NEW.id);
    RETURN NULL;
END
$$;

CREATE TRIGGER account_watched AFTER INSERT ON account FOR EACH ROW EXECUTE FUNCTION watch_account();

INSERT INTO account_proof (account_id) SELECT id FROM account;
