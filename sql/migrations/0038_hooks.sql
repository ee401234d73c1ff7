-- The last webhooks as they came and what they were replied, for people who look for what went wrong: without secrets, and
-- not all of them where many come. And which connections fail, as it was told last. Quick.
CREATE TABLE hook (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    connection text NOT NULL,
    at timestamptz NOT NULL,
    -- What it was to the gateway, and what became of it.
    kind text NOT NULL,
    outcome text NOT NULL,
    -- The call's id at its provider; null where it could not be read.
    provider_call_id text,
    method text NOT NULL,
    path text NOT NULL,
    content_type text NOT NULL,
    -- How long the body was; what is kept of it may be shorter.
    bytes integer NOT NULL CONSTRAINT hook_bytes_check CHECK (bytes >= 0),
    body text NOT NULL,
    status smallint NOT NULL,
    reply_type text NOT NULL,
    reply text NOT NULL,
    ms numeric(12, 2) NOT NULL
);
CREATE INDEX hook_call ON hook (connection, provider_call_id, id);
CREATE INDEX hook_at ON hook (at);

CREATE TABLE event_connection (
    connection text PRIMARY KEY,
    is_failing boolean NOT NULL
);
INSERT INTO event_connection (connection, is_failing)
SELECT connection, refused_at IS NOT NULL AND (accepted_at IS NULL OR refused_at > accepted_at)
FROM connection_hooks;
