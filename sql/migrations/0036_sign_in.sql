-- Sign in: who may try how often, the first operator's link, and what browsers sign to prove a passkey.

-- A link of nobody makes whoever opens it the first operator.
ALTER TABLE login ALTER COLUMN person_id DROP NOT NULL;

-- Tries to sign in, by what is limited: a network address, a mail address, a person. Kept for a minute.
CREATE TABLE sign_in_try (
    what text NOT NULL CONSTRAINT sign_in_try_what_check CHECK (length(what) BETWEEN 1 AND 300),
    at timestamptz NOT NULL
);
CREATE INDEX sign_in_try_what ON sign_in_try (what, at);

-- What a browser was given to sign by a passkey; good once. session_id is null where it is to begin a session.
CREATE TABLE passkey_challenge (
    challenge bytea PRIMARY KEY CONSTRAINT passkey_challenge_check CHECK (length(challenge) = 32),
    session_id bigint REFERENCES session,
    expires_at timestamptz NOT NULL
);
CREATE INDEX passkey_challenge_expires ON passkey_challenge (expires_at);
