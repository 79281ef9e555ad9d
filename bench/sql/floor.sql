-- The yardstick of a hold: the same act as plain SQL, as lean as we can write it. Nothing of ours is used.
--
-- One amount is taken from an enterprise's quota, a provider's cap and the year's budget; the contract row
-- has a unique idempotency key; three entries are written; when a bound is short, it is named and nothing
-- changes. The two hot accounts keep their money in 64 rows, a session takes from its own.

DROP SCHEMA IF EXISTS floor CASCADE;
CREATE SCHEMA floor;

CREATE TABLE floor.quota (
    enterprise int PRIMARY KEY,
    available numeric(14, 2) NOT NULL CHECK (available >= 0),
    held numeric(14, 2) NOT NULL DEFAULT 0
) WITH (fillfactor = 70);

CREATE TABLE floor.stripe (
    account int,                       -- 0 is the budget, the others are providers
    stripe int,
    available numeric(14, 2) NOT NULL CHECK (available >= 0),
    held numeric(14, 2) NOT NULL DEFAULT 0,
    PRIMARY KEY (account, stripe)
) WITH (fillfactor = 70);

CREATE TABLE floor.contract (
    id bigserial PRIMARY KEY,
    key uuid NOT NULL UNIQUE,
    enterprise int NOT NULL REFERENCES floor.quota,
    provider int NOT NULL,
    amount numeric(14, 2) NOT NULL CHECK (amount > 0)
);

CREATE TABLE floor.entry (
    id bigserial PRIMARY KEY,
    contract bigint NOT NULL REFERENCES floor.contract,
    book "char" NOT NULL,
    account int NOT NULL,
    amount numeric(14, 2) NOT NULL CHECK (amount > 0),
    balance numeric(14, 2) NOT NULL,
    at timestamptz NOT NULL
);

CREATE FUNCTION floor.take(p_account int, p_amount numeric) RETURNS numeric LANGUAGE plpgsql AS $$
DECLARE
    own int := pg_backend_pid() % 64;
    total numeric;
    want numeric;
    s record;
    rest numeric;
BEGIN
    UPDATE floor.stripe SET available = available - p_amount, held = held + p_amount
     WHERE account = p_account AND stripe = own AND available >= p_amount RETURNING available INTO rest;
    IF FOUND THEN
        RETURN rest;
    END IF;
    PERFORM 1 FROM floor.stripe WHERE account = p_account ORDER BY stripe FOR UPDATE;
    SELECT sum(available) INTO total FROM floor.stripe WHERE account = p_account;
    IF total < p_amount THEN
        RAISE EXCEPTION 'account % is short: % left', p_account, total;
    END IF;
    SELECT p_amount + trunc((total - p_amount) / 64, 2) - available INTO want
      FROM floor.stripe WHERE account = p_account AND stripe = own;
    FOR s IN SELECT stripe, available FROM floor.stripe
              WHERE account = p_account AND stripe <> own AND available > 0 ORDER BY available DESC LOOP
        EXIT WHEN want <= 0;
        UPDATE floor.stripe SET available = available - least(want, s.available)
         WHERE account = p_account AND stripe = s.stripe;
        UPDATE floor.stripe SET available = available + least(want, s.available)
         WHERE account = p_account AND stripe = own;
        want := want - least(want, s.available);
    END LOOP;
    UPDATE floor.stripe SET available = available - p_amount, held = held + p_amount
     WHERE account = p_account AND stripe = own RETURNING available INTO rest;
    RETURN rest;
END $$;

CREATE FUNCTION floor.hold(p_key uuid, p_enterprise int, p_provider int, p_amount numeric, p_at timestamptz)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    contract_id bigint;
    quota_left numeric;
    cap_left numeric;
    budget_left numeric;
BEGIN
    UPDATE floor.quota SET available = available - p_amount, held = held + p_amount
     WHERE enterprise = p_enterprise AND available >= p_amount RETURNING available INTO quota_left;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'quota of % is short', p_enterprise;
    END IF;
    INSERT INTO floor.contract (key, enterprise, provider, amount)
    VALUES (p_key, p_enterprise, p_provider, p_amount) RETURNING id INTO contract_id;
    cap_left := floor.take(p_provider, p_amount);
    budget_left := floor.take(0, p_amount);
    INSERT INTO floor.entry (contract, book, account, amount, balance, at)
    VALUES (contract_id, 'q', p_enterprise, p_amount, quota_left, p_at),
           (contract_id, 'c', p_provider, p_amount, cap_left, p_at),
           (contract_id, 'b', 0, p_amount, budget_left, p_at);
    RETURN contract_id;
END $$;
