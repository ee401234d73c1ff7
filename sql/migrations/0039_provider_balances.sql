-- What our accounts at providers have left, as it was told last: null where it never was. Quick.
ALTER TABLE provider_account
ADD COLUMN balance amount,
ADD COLUMN currency text,
ADD COLUMN is_frozen boolean,
ADD COLUMN balance_at timestamptz,
ADD CONSTRAINT provider_account_balance_check CHECK (
    (balance IS NULL) = (balance_at IS NULL)
    AND (currency IS NULL) = (balance_at IS NULL)
    AND (is_frozen IS NULL) = (balance_at IS NULL)
);
