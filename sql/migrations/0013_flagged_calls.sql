-- The calls that an operator should look at. Few calls have a flag, so the index is small and a start pays nothing for
-- it. The table of calls is locked while the index is built: some seconds for ten million calls.
CREATE INDEX call_flagged ON call (id) WHERE flags <> '{}';
