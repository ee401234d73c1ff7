CREATE DOMAIN amount AS numeric(20, 6) CHECK (VALUE <> 'NaN');
CREATE DOMAIN currency_code AS text CHECK (VALUE ~ '^[A-Z]{3}$');

-- `balance` and `held` are caches, written in the transaction that writes what they sum up: ledger entries and holds.
CREATE TABLE account (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    currency currency_code NOT NULL,
    email text NOT NULL CHECK (email LIKE '_%@_%'),
    time_zone text NOT NULL,
    language text NOT NULL,
    -- Given by the system, not rented, so never suspended; several accounts may share one.
    main_number text CHECK (main_number ~ '^\+[1-9][0-9]{6,14}$'),
    credit_limit amount NOT NULL DEFAULT 0 CHECK (credit_limit >= 0),
    balance amount NOT NULL DEFAULT 0,
    held amount NOT NULL DEFAULT 0 CHECK (held >= 0),
    free_inbound_needs_balance boolean NOT NULL DEFAULT false,
    -- Seconds a call is allowed while the database is away; 0: it is rejected.
    unavailable_allow_s integer NOT NULL DEFAULT 0 CHECK (unavailable_allow_s BETWEEN 0 AND 3600),
    created_at timestamptz NOT NULL
) WITH (fillfactor = 50);

-- A rented number, named by its E.164, or a SIP connector, named as the customer likes.
CREATE TABLE line (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id bigint NOT NULL REFERENCES account,
    kind text NOT NULL CHECK (kind IN ('number', 'connector')),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 128),
    state text NOT NULL CHECK (state IN ('active', 'suspended', 'disconnected')),
    country text NOT NULL DEFAULT '' CHECK (country ~ '^([A-Z]{2}|001)?$'),
    category text NOT NULL DEFAULT '' CHECK (category IN ('', 'geographic', 'mobile', 'toll_free', 'national')),
    created_at timestamptz NOT NULL,
    CHECK (kind <> 'number' OR (name ~ '^\+[1-9][0-9]{6,14}$' AND country <> '' AND category <> '')),
    CHECK (kind <> 'connector' OR name !~ '^\+')
);

-- A disconnected number may be rented again, by anybody; until then a name is one line.
CREATE UNIQUE INDEX line_name_in_use ON line (name) WHERE state <> 'disconnected';
CREATE INDEX line_name ON line (name);
CREATE INDEX line_account ON line (account_id);
