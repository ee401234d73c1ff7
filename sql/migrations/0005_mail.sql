-- Every mail that was ever to be sent. It is written in the transaction that causes it, sent by whoever is alive.
CREATE TABLE mail (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- Null: to the operator.
    account_id bigint REFERENCES account,
    kind text NOT NULL,
    -- Makes each cause one mail.
    key text NOT NULL CONSTRAINT mail_once UNIQUE,
    recipient text NOT NULL,
    language text NOT NULL,
    -- What the text is made of: amounts as text, days and instants in ISO 8601.
    facts jsonb NOT NULL,
    -- The same on every try (R32); given to it by the first.
    message_id text,
    state text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'sent', 'refused', 'given_up')),
    created_at timestamptz NOT NULL,
    -- When it was put into the queue the last time.
    queued_at timestamptz NOT NULL,
    -- The first try since then; three days later it is given up. What waits for a server has not been tried.
    first_tried_at timestamptz,
    -- The next try, or, while somebody is sending it, when that claim is over.
    next_at timestamptz,
    tries integer NOT NULL DEFAULT 0,
    -- What the SMTP server said to the last try, or why there was no answer.
    last_reply text,
    sent_at timestamptz,
    CHECK ((state = 'queued') = (next_at IS NOT NULL)),
    CHECK ((state = 'sent') = (sent_at IS NOT NULL))
);

CREATE INDEX mail_next ON mail (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX mail_account ON mail (account_id, id);
-- What an operator must look at.
CREATE INDEX mail_failed ON mail (id) WHERE state IN ('refused', 'given_up');
CREATE TRIGGER mail_kept BEFORE DELETE ON mail FOR EACH ROW EXECUTE FUNCTION refuse_change();

ALTER TABLE account
    -- Kinds of mail that the administrator does not want.
    ADD COLUMN mails_off text[] NOT NULL DEFAULT '{}',
    -- Low balance (R30): whether falling below the minimum is news, and when it was told last.
    ADD COLUMN low_armed boolean NOT NULL DEFAULT true,
    ADD COLUMN low_mailed_at timestamptz,
    -- While the balance is at this or above, no debit can have brought it below the minimum; null: no debit matters.
    ADD COLUMN low_level amount,
    -- When the minimum must be compared next: at once after a debit below the level, else once a day.
    ADD COLUMN low_check_at timestamptz NOT NULL DEFAULT 'epoch';

CREATE INDEX account_low_check ON account (low_check_at);
