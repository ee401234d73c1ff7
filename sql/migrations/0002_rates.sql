-- One import of a deck.
CREATE TABLE rate_version (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    imported_at timestamptz NOT NULL,
    source text NOT NULL
);

-- A row is never changed but for its `valid_until`, and never deleted: calls point at the row they were priced by.
-- For kind 'rent' per_minute is the price of a month and connection_fee the setup fee.
CREATE TABLE rate (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    version_id bigint NOT NULL REFERENCES rate_version,
    kind text NOT NULL CHECK (kind IN ('outbound', 'inbound', 'rent')),
    currency currency_code NOT NULL,
    country text NOT NULL DEFAULT '' CHECK (country ~ '^([A-Z]{2}|001)?$'),
    category text NOT NULL DEFAULT ''
        CHECK (category IN ('', 'geographic', 'mobile', 'toll_free', 'national', 'connector')),
    prefix text NOT NULL DEFAULT '' CHECK (prefix ~ '^[0-9]{0,15}$'),
    per_minute amount NOT NULL CHECK (per_minute >= 0),
    connection_fee amount NOT NULL CHECK (connection_fee >= 0),
    first_interval_s integer NOT NULL CHECK (first_interval_s BETWEEN 1 AND 3600),
    increment_s integer NOT NULL CHECK (increment_s BETWEEN 1 AND 3600),
    valid_from timestamptz NOT NULL,
    valid_until timestamptz,
    CHECK (valid_until >= valid_from),
    -- An outbound row is found by prefix alone; its country is a label.
    CHECK ((kind = 'outbound') = (prefix <> ''))
);

-- Of one destination or kind of number at most one row is open-ended.
CREATE UNIQUE INDEX rate_outbound_open ON rate (currency, prefix) WHERE kind = 'outbound' AND valid_until IS NULL;
CREATE UNIQUE INDEX rate_number_open ON rate (kind, currency, country, category)
    WHERE kind <> 'outbound' AND valid_until IS NULL;
CREATE INDEX rate_lookup_outbound ON rate (currency, prefix) WHERE kind = 'outbound';
CREATE INDEX rate_lookup_number ON rate (kind, currency, country, category) WHERE kind <> 'outbound';
