-- What the provider's clock showed when it told of a start and of an answer. The other instants of a call are on our
-- clock. Null where it does not say.

ALTER TABLE call ADD COLUMN provider_started_at timestamptz, ADD COLUMN provider_answered_at timestamptz;
