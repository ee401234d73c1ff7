-- A call id means one call (R16): another call under it is on record as the first reuse of the id, the second, and so
-- on. The index is built anew: about a minute for ten million calls, in which no call can start or end.
ALTER TABLE call ADD COLUMN reuse integer NOT NULL DEFAULT 0 CHECK (reuse >= 0);
ALTER TABLE call DROP CONSTRAINT call_once;
ALTER TABLE call ADD CONSTRAINT call_once UNIQUE (connection, provider_call_id, reuse);
