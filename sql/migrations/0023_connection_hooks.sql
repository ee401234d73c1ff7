-- What the webhooks of each connection were like: the last that was proven and understood, the last that was refused,
-- and which secret proved one when. A secret stands here by a fingerprint of six hexadecimal digits: enough to tell two
-- apart, too little to find one by.

CREATE TABLE connection_hooks (
    connection text PRIMARY KEY,
    configured_at timestamptz NOT NULL,
    accepted_at timestamptz,
    refused_at timestamptz,
    refused_status integer,
    refused_why text,
    CONSTRAINT connection_hooks_refused_check CHECK (
        (refused_at IS NULL) = (refused_status IS NULL) AND (refused_at IS NULL) = (refused_why IS NULL)
    )
);

CREATE TABLE connection_secret (
    connection text NOT NULL,
    fingerprint text NOT NULL,
    used_at timestamptz NOT NULL,
    PRIMARY KEY (connection, fingerprint),
    CONSTRAINT connection_secret_fingerprint_check CHECK (fingerprint ~ '^[0-9a-f]{6}$')
);
