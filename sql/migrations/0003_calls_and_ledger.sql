-- Every call that was ever asked for, refused ones too, with the decision and what it was based on.
CREATE TABLE call (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    connection text NOT NULL,
    provider_call_id text NOT NULL CHECK (length(provider_call_id) BETWEEN 1 AND 128),
    account_id bigint REFERENCES account,
    -- Lines and rates are never deleted, so these two need no foreign key, which would lock their rows per call.
    line_id bigint,
    rate_id bigint,
    parent_id bigint,
    direction text CHECK (direction IN ('inbound', 'outbound', 'forward')),
    caller text NOT NULL,
    callee text NOT NULL,
    line text NOT NULL,
    caller_id text NOT NULL DEFAULT '',
    state text NOT NULL CHECK (state IN ('open', 'refused', 'ended', 'orphan')),
    rule text NOT NULL,
    reason text,
    record_code smallint NOT NULL,
    sip_code smallint NOT NULL,
    -- Balance and credit limit together may have a digit more than either.
    available numeric(22, 6),
    granted_s integer NOT NULL CHECK (granted_s BETWEEN 0 AND 3600),
    -- The bytes of the reply to the start, given again to a repeat of it (R16).
    reply bytea,
    started_at timestamptz NOT NULL,
    answered_at timestamptz,
    ended_at timestamptz,
    reported_s integer CHECK (reported_s >= 0),
    billed_s integer CHECK (billed_s BETWEEN 0 AND granted_s),
    charge amount CHECK (charge >= 0),
    cause text,
    cut_reason text CHECK (cut_reason IN ('limit', 'credit', 'operator')),
    cost numeric,
    cost_currency currency_code,
    flags text[] NOT NULL DEFAULT '{}',
    CHECK (connection <> ''),
    CHECK ((state = 'refused') = (reason IS NOT NULL)),
    CHECK ((state IN ('ended', 'orphan')) = (ended_at IS NOT NULL)),
    CHECK ((state = 'ended') = (charge IS NOT NULL)),
    CHECK (state <> 'refused' OR granted_s = 0),
    CHECK (state = 'orphan' OR direction IS NOT NULL),
    CHECK (answered_at >= started_at AND ended_at >= answered_at),
    CONSTRAINT call_once UNIQUE (connection, provider_call_id)
) WITH (fillfactor = 70);

CREATE INDEX call_account ON call (account_id, id);

-- The calls that are up: what they hold, and who must look at them when. Deleted in the transaction that closes the
-- call, so that no hold can outlive its call.
CREATE TABLE live_call (
    call_id bigint PRIMARY KEY REFERENCES call,
    account_id bigint,
    hold amount NOT NULL CHECK (hold >= 0),
    held_s integer NOT NULL CHECK (held_s >= 0),
    -- The call's own address of its provider: a capability, never logged.
    control_url text,
    must_end_at timestamptz NOT NULL,
    cut_next_at timestamptz,
    cut_attempts smallint NOT NULL DEFAULT 0,
    extend_at timestamptz,
    sweep_at timestamptz NOT NULL,
    CHECK (hold = 0 OR account_id IS NOT NULL)
) WITH (fillfactor = 50);

CREATE INDEX live_call_cut ON live_call (cut_next_at) WHERE cut_next_at IS NOT NULL;
CREATE INDEX live_call_extend ON live_call (extend_at) WHERE extend_at IS NOT NULL;
CREATE INDEX live_call_sweep ON live_call (sweep_at);
CREATE INDEX live_call_account ON live_call (account_id);

-- Append-only. A credit is positive, a debit negative; `key` makes each cause count once.
CREATE TABLE ledger_entry (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id bigint NOT NULL REFERENCES account,
    kind text NOT NULL
        CHECK (kind IN ('call', 'rent', 'setup', 'connector', 'top_up', 'refund', 'adjustment')),
    amount amount NOT NULL CHECK (amount <> 0),
    balance_after amount NOT NULL,
    key text NOT NULL CONSTRAINT ledger_entry_once UNIQUE,
    call_id bigint,
    external_id text,
    note text,
    booked_at timestamptz NOT NULL,
    CHECK ((kind = 'call') = (call_id IS NOT NULL)),
    CHECK ((kind IN ('call', 'rent', 'setup', 'connector')) <= (amount < 0)),
    CHECK ((kind IN ('top_up', 'refund')) <= (amount > 0))
);

CREATE INDEX ledger_entry_account ON ledger_entry (account_id, id);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % is not allowed', TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TRIGGER ledger_entry_append_only BEFORE UPDATE OR DELETE ON ledger_entry
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_entry_no_truncate BEFORE TRUNCATE ON ledger_entry
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER call_kept BEFORE DELETE ON call FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER line_kept BEFORE DELETE ON line FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER rate_kept BEFORE DELETE ON rate FOR EACH ROW EXECUTE FUNCTION refuse_change();
