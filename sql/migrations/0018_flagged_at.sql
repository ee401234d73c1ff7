-- When a call got its latest flag, which may be long after the call: the operator's daily mail tells of it then.
-- The column rewrites no table. The table of calls is locked while flagged calls, of which there are few, are found by
-- their index, and while the new index is built: some seconds for ten million calls.
ALTER TABLE call ADD COLUMN flagged_at timestamptz;

UPDATE call SET flagged_at = coalesce(ended_at, started_at) WHERE flags <> '{}';

CREATE INDEX call_flagged_at ON call (flagged_at) WHERE flagged_at IS NOT NULL;
