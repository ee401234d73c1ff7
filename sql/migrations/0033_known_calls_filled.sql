-- The keys of the calls that are there, and the proof of the checks that 0032 brought. Calls go on meanwhile: nothing is
-- locked that they need. It takes about a minute for five million calls, and reads both tables once.
INSERT INTO known_call (key, reuse, call_id)
SELECT call_key(connection, provider_call_id), reuse, id
FROM call
ON CONFLICT (key, reuse) DO UPDATE SET call_id = excluded.call_id;

ALTER TABLE call VALIDATE CONSTRAINT call_first_part;
ALTER TABLE crm_call VALIDATE CONSTRAINT crm_call_first_part;
ALTER TABLE ledger_entry
    VALIDATE CONSTRAINT ledger_entry_first_part,
    VALIDATE CONSTRAINT ledger_entry_charged_check,
    VALIDATE CONSTRAINT ledger_entry_call_check;
