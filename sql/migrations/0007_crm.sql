-- A CRM that one account's calls are registered in.
CREATE TABLE crm_portal (
    connection text PRIMARY KEY CHECK (connection <> ''),
    account_id bigint NOT NULL REFERENCES account,
    -- The account's calls up to this one are in crm_call. A call's start locks its account, so the ids of one account's
    -- calls are visible in their order.
    seen_call_id bigint NOT NULL,
    -- OAuth: what the CRM gave last. The seed tells whether the refresh token of the settings is still the one that
    -- these came from.
    token_seed text,
    access_token text,
    refresh_token text,
    token_until timestamptz,
    -- No request before this: the CRM has had too many, somebody is fetching a token, or an operator must do something.
    rest_until timestamptz NOT NULL DEFAULT 'epoch',
    CHECK ((access_token IS NULL) = (token_until IS NULL))
);

CREATE INDEX crm_portal_account ON crm_portal (account_id);

-- A call on its way into a CRM: registered when it starts, finished when it is over.
CREATE TABLE crm_call (
    connection text NOT NULL REFERENCES crm_portal,
    call_id bigint NOT NULL REFERENCES call,
    state text NOT NULL CHECK (state IN ('queued', 'registered', 'finished', 'given_up')),
    -- The CRM's own id, and whose call it is there if not the connection's user's.
    crm_call_id text,
    crm_user_id text,
    created_at timestamptz NOT NULL,
    -- The next try, or, while somebody is at it, when that claim is over.
    next_at timestamptz,
    tries integer NOT NULL DEFAULT 0,
    last_reply text,
    PRIMARY KEY (connection, call_id),
    CHECK ((state IN ('queued', 'registered')) = (next_at IS NOT NULL)),
    CHECK (state NOT IN ('registered', 'finished') OR crm_call_id IS NOT NULL)
) WITH (fillfactor = 70);

CREATE INDEX crm_call_next ON crm_call (connection, next_at) WHERE next_at IS NOT NULL;

-- A number that a user of a CRM clicked: the CRM has the call already, so it is not registered again.
CREATE TABLE crm_click (
    connection text NOT NULL REFERENCES crm_portal,
    crm_call_id text NOT NULL,
    crm_user_id text NOT NULL,
    callee text NOT NULL,
    clicked_at timestamptz NOT NULL,
    PRIMARY KEY (connection, crm_call_id)
);

-- Our account at a provider: when its truth is pulled next, and what a pull must know.
CREATE TABLE provider_account (
    connection text PRIMARY KEY CHECK (connection <> ''),
    next_at timestamptz NOT NULL,
    pulled_at timestamptz,
    -- Payments before this were made before the gateway knew of the account, and are nobody's top-up here.
    payments_from timestamptz NOT NULL,
    -- Up to here they have been read.
    payments_until timestamptz NOT NULL,
    -- Lines that the provider says it has taken away, until that is confirmed or denied.
    suspects text[] NOT NULL DEFAULT '{}'
);

-- The numbers that a provider has had for us: it can only lose what it had.
CREATE TABLE provider_line (
    connection text NOT NULL REFERENCES provider_account,
    name text NOT NULL,
    -- When it was on the provider's list the last time, to the hour.
    seen_at timestamptz NOT NULL,
    PRIMARY KEY (connection, name)
);
