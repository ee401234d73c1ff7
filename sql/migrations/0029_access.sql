-- Who may see and do what: people and what they are to whom, tokens of programs, sessions of browsers. What proves
-- somebody stands here as a hash (SHA-256), so that who reads the database can be nobody else. And what they did.

CREATE TABLE person (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- As it was written; two that differ by case are one.
    email text NOT NULL CONSTRAINT person_email_check CHECK (email LIKE '_%@_%' AND length(email) <= 254),
    name text NOT NULL CONSTRAINT person_name_check CHECK (length(name) <= 200),
    language text NOT NULL,
    time_zone text NOT NULL,
    created_at timestamptz NOT NULL,
    disabled_at timestamptz
);
CREATE UNIQUE INDEX person_email ON person (lower(email));

-- account_id is null of those on the operator's side.
CREATE TABLE membership (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person_id bigint NOT NULL REFERENCES person,
    account_id bigint REFERENCES account,
    role text NOT NULL
        CONSTRAINT membership_role_check CHECK (role IN ('operator', 'support', 'administrator', 'reader')),
    created_at timestamptz NOT NULL,
    CONSTRAINT membership_side_check CHECK ((account_id IS NULL) = (role IN ('operator', 'support'))),
    CONSTRAINT membership_once UNIQUE NULLS NOT DISTINCT (person_id, account_id)
);
CREATE INDEX membership_account ON membership (account_id);

CREATE TABLE token (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    hash bytea NOT NULL CONSTRAINT token_hash_once UNIQUE CONSTRAINT token_hash_check CHECK (length(hash) = 32),
    -- How it begins, by which its owner knows it again.
    prefix text NOT NULL CONSTRAINT token_prefix_check CHECK (length(prefix) BETWEEN 4 AND 12),
    name text NOT NULL CONSTRAINT token_name_check CHECK (length(name) <= 200),
    role text NOT NULL
        CONSTRAINT token_role_check CHECK (role IN ('operator', 'support', 'administrator', 'reader')),
    account_id bigint REFERENCES account,
    -- null: all that the role may do.
    scopes text[] CONSTRAINT token_scopes_check CHECK (cardinality(scopes) > 0),
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz,
    last_used_at timestamptz,
    revoked_at timestamptz,
    CONSTRAINT token_side_check CHECK ((account_id IS NULL) = (role IN ('operator', 'support')))
);
CREATE INDEX token_account ON token (account_id);

-- A link by which somebody signs in, once.
CREATE TABLE login (
    hash bytea PRIMARY KEY CONSTRAINT login_hash_check CHECK (length(hash) = 32),
    person_id bigint NOT NULL REFERENCES person,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);
CREATE INDEX login_person ON login (person_id);
CREATE INDEX login_expires ON login (expires_at);

CREATE TABLE session (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    hash bytea NOT NULL CONSTRAINT session_hash_once UNIQUE CONSTRAINT session_hash_check CHECK (length(hash) = 32),
    person_id bigint NOT NULL REFERENCES person,
    created_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    address text NOT NULL,
    agent text NOT NULL CONSTRAINT session_agent_check CHECK (length(agent) <= 300),
    -- Until when a second factor counts that was shown.
    proven_until timestamptz,
    revoked_at timestamptz
);
CREATE INDEX session_person ON session (person_id);
CREATE INDEX session_expires ON session (expires_at);

CREATE TABLE passkey (
    id bytea PRIMARY KEY,
    person_id bigint NOT NULL REFERENCES person,
    public_key bytea NOT NULL,
    sign_count bigint NOT NULL CONSTRAINT passkey_sign_count_check CHECK (sign_count >= 0),
    name text NOT NULL CONSTRAINT passkey_name_check CHECK (length(name) <= 200),
    created_at timestamptz NOT NULL,
    last_used_at timestamptz
);
CREATE INDEX passkey_person ON passkey (person_id);

-- The secret of one-time passwords, encrypted; `last_step` is the last one that was used: each is good once.
CREATE TABLE totp (
    person_id bigint PRIMARY KEY REFERENCES person,
    secret text NOT NULL,
    confirmed_at timestamptz,
    last_step bigint NOT NULL DEFAULT 0
);

-- Append-only: who did what, with what it was before and after.
CREATE TABLE audit (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    actor_kind text NOT NULL
        CONSTRAINT audit_actor_kind_check CHECK (actor_kind IN ('cli', 'token', 'person', 'gateway')),
    actor_id text NOT NULL CONSTRAINT audit_actor_id_check CHECK (length(actor_id) BETWEEN 1 AND 200),
    address text,
    request_id text,
    action text NOT NULL,
    -- No foreign key: a row of the audit locks nothing.
    account_id bigint,
    object text NOT NULL,
    before jsonb,
    after jsonb,
    note text
);
CREATE INDEX audit_account ON audit (account_id, id);
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The reply to a request that changed something, written in the transaction of the change: a repeat gets the same.
CREATE TABLE idempotency (
    actor text NOT NULL,
    key text NOT NULL CONSTRAINT idempotency_key_check CHECK (length(key) BETWEEN 1 AND 255),
    route text NOT NULL,
    body_hash bytea NOT NULL CONSTRAINT idempotency_body_hash_check CHECK (length(body_hash) = 32),
    status smallint NOT NULL,
    reply bytea NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (actor, key)
);
CREATE INDEX idempotency_created ON idempotency (created_at);
