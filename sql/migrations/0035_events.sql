-- What happened, in the order in which it was put on record here, for programs that follow it. One worker at a time writes
-- it, of what calls, entries, mails, lines and the audit say: so ids are in the order of their commits, and whoever goes
-- on after the last one that they have misses none. It begins with what happens from now on; quick but for one pass
-- over the calls that are up and the lines.
CREATE TABLE event (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL,
    -- No foreign key: a row of it locks nothing.
    account_id bigint,
    object text NOT NULL,
    at timestamptz NOT NULL,
    noted_at timestamptz NOT NULL,
    data jsonb NOT NULL
);
CREATE INDEX event_account ON event (account_id, id);
CREATE INDEX event_noted ON event (noted_at);
CREATE TRIGGER event_unchanged BEFORE UPDATE ON event FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- How far each table was followed: rows up to `after_id` are done, those up to `until_id` may be looked at once all
-- transactions have ended that ran when it was noted, those before `horizon`: none of them can add a row below it.
CREATE TABLE event_source (
    name text PRIMARY KEY,
    after_id bigint NOT NULL,
    until_id bigint NOT NULL,
    horizon bigint NOT NULL
);
INSERT INTO event_source (name, after_id, until_id, horizon)
SELECT name, newest, newest, 0
FROM (
    SELECT 'call' AS name, coalesce(max(id), 0) AS newest FROM call
    UNION ALL
    SELECT 'entry', coalesce(max(id), 0) FROM ledger_entry
    UNION ALL
    SELECT 'mail', coalesce(max(id), 0) FROM mail
    UNION ALL
    SELECT 'audit', coalesce(max(id), 0) FROM audit
) AS sources;

-- Calls that were followed, and are not over.
CREATE TABLE event_open_call (
    call_id bigint PRIMARY KEY
);
INSERT INTO event_open_call (call_id) SELECT call_id FROM live_call;

-- The state in which each line was seen last.
CREATE TABLE event_line (
    line_id bigint PRIMARY KEY,
    state text NOT NULL
);
INSERT INTO event_line (line_id, state) SELECT id, state FROM line;

-- What a call has to tell: that it was refused, and by which cap; or that it is over.
CREATE FUNCTION call_events(bigint)
RETURNS TABLE (kind text, account_id bigint, call_id bigint, at timestamptz, data jsonb) LANGUAGE sql STABLE AS $$
    SELECT told.kind, call.account_id, call.id, coalesce(call.ended_at, call.started_at), jsonb_build_object(
        'call_id', call.id, 'connection', call.connection, 'provider_call_id', call.provider_call_id,
        'line', call.line, 'direction', call.direction, 'caller', call.caller, 'callee', call.callee,
        'state', call.state, 'rule', call.rule, 'reason', call.reason, 'started_at', call.started_at,
        'answered_at', call.answered_at, 'ended_at', call.ended_at, 'billed_s', call.billed_s,
        'charge', call.charge::numeric::text,
        'currency', (SELECT currency FROM account WHERE account.id = call.account_id)
    )
    FROM call
    CROSS JOIN LATERAL (
        SELECT 'call.finished' AS kind WHERE call.state = 'ended'
        UNION ALL
        SELECT 'call.refused' WHERE call.state = 'refused'
        UNION ALL
        SELECT 'cap.hit' WHERE call.reason = 'capped'
    ) AS told
    WHERE call.id = $1
$$;
