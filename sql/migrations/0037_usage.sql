-- What calls add up to, by day and by what they are, so that nobody has to add up the calls themselves. A worker adds
-- them, behind the calls: no start and no end writes to any of this. New tables, quick; the trigger is taken in at once.
-- Days are those of the account's time zone when a call is added; nobody's calls are account 0 and have days of UTC.
CREATE TABLE usage_day (
    account_id bigint NOT NULL,
    day date NOT NULL,
    country text NOT NULL,
    line text NOT NULL,
    direction text NOT NULL,
    outcome text NOT NULL,
    connection text NOT NULL,
    cost_currency text NOT NULL,
    calls bigint NOT NULL,
    answered bigint NOT NULL,
    seconds bigint NOT NULL,
    spend numeric NOT NULL,
    costed bigint NOT NULL,
    costed_spend numeric NOT NULL,
    cost numeric NOT NULL,
    PRIMARY KEY (account_id, day, country, line, direction, outcome, connection, cost_currency)
) WITH (fillfactor = 70);
CREATE INDEX usage_day_day ON usage_day (day);

-- The id up to which calls were looked at. All of them are in usage_day, but for those in usage_awaited.
CREATE TABLE usage_point (
    is_the_one boolean PRIMARY KEY DEFAULT true CHECK (is_the_one),
    call_id bigint NOT NULL
);
INSERT INTO usage_point (call_id) VALUES (0);

-- Calls that were not final when they were looked at, and ids of which there was no call yet: a transaction may still put
-- one there, as ids are given before it is committed.
CREATE TABLE usage_awaited (
    call_id bigint PRIMARY KEY,
    noted_at timestamptz NOT NULL
) WITH (fillfactor = 70);

-- Final calls as they were before they changed: what was added of them is taken off again.
CREATE TABLE usage_changed (
    call_id bigint NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    connection text NOT NULL,
    account_id bigint,
    line_id bigint,
    direction text,
    caller text NOT NULL,
    callee text NOT NULL,
    line text NOT NULL,
    state text NOT NULL,
    reason text,
    cause text,
    started_at timestamptz NOT NULL,
    answered_at timestamptz,
    billed_s integer,
    charge numeric,
    refunded numeric NOT NULL,
    cost numeric,
    cost_currency text,
    PRIMARY KEY (call_id, id)
);

CREATE FUNCTION call_refunded(bigint) RETURNS numeric LANGUAGE sql STABLE AS $$
    SELECT coalesce(sum(amount), 0) FROM ledger_entry_kept WHERE call_id = $1 AND kind = 'refund'
$$;

CREATE FUNCTION note_usage_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO usage_changed (
        call_id, connection, account_id, line_id, direction, caller, callee, line, state, reason, cause, started_at,
        answered_at, billed_s, charge, refunded, cost, cost_currency
    )
    VALUES (
        OLD.id, OLD.connection, OLD.account_id, OLD.line_id, OLD.direction, OLD.caller, OLD.callee, OLD.line, OLD.state,
        OLD.reason, OLD.cause, OLD.started_at, OLD.answered_at, OLD.billed_s, OLD.charge, call_refunded(OLD.id),
        OLD.cost, OLD.cost_currency
    );
    RETURN NULL;
END
$$;

-- An end is no change of a final call, so it costs an end no more than the look at one column.
CREATE TRIGGER call_changed AFTER UPDATE ON call FOR EACH ROW
    WHEN (
        OLD.state <> 'open'
        AND (
            OLD.state, OLD.account_id, OLD.line_id, OLD.direction, OLD.reason, OLD.cause, OLD.started_at,
            OLD.answered_at, OLD.billed_s, OLD.charge, OLD.cost, OLD.cost_currency
        ) IS DISTINCT FROM (
            NEW.state, NEW.account_id, NEW.line_id, NEW.direction, NEW.reason, NEW.cause, NEW.started_at,
            NEW.answered_at, NEW.billed_s, NEW.charge, NEW.cost, NEW.cost_currency
        )
    )
    EXECUTE FUNCTION note_usage_changed();
