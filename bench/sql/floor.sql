-- The yardstick of a hold: the same act as plain SQL, as lean as we can write it. Nothing of ours is used.
--
-- One amount is taken from an enterprise's quota, a provider's cap and the year's budget; the contract row
-- has a unique idempotency key; three entries say who took it, why, and what each account had before and
-- after; when a bound is short, it is named and nothing changes. Foreign keys stand where a sane schema has
-- them, none from entries to stripes. The two hot accounts keep their money in 64 rows and a session takes
-- from its own; what it tried there is undone before it locks all of them, or two gatherers could deadlock.

DROP SCHEMA IF EXISTS floor CASCADE;
CREATE SCHEMA floor;

CREATE TABLE floor.account (
    id int PRIMARY KEY,
    book text NOT NULL
);

CREATE TABLE floor.stripe (
    account int REFERENCES floor.account,
    stripe int,
    available numeric(14, 2) NOT NULL CHECK (available >= 0),
    held numeric(14, 2) NOT NULL DEFAULT 0 CHECK (held >= 0),
    PRIMARY KEY (account, stripe)
) WITH (fillfactor = 70);

CREATE TABLE floor.contract (
    id bigserial PRIMARY KEY,
    key uuid NOT NULL UNIQUE,
    enterprise int NOT NULL REFERENCES floor.account,
    provider int NOT NULL REFERENCES floor.account,
    amount numeric(14, 2) NOT NULL CHECK (amount > 0)
);

CREATE TABLE floor.entry (
    id bigserial PRIMARY KEY,
    contract bigint NOT NULL REFERENCES floor.contract,
    account int NOT NULL REFERENCES floor.account,
    amount numeric(14, 2) NOT NULL CHECK (amount > 0),
    before numeric(14, 2) NOT NULL,
    after numeric(14, 2) NOT NULL CHECK (after = before - amount),
    actor text NOT NULL,
    reason text NOT NULL,
    at timestamptz NOT NULL
);

-- Takes from a hot account: from the session's own stripe; from all of them only when that is short.
CREATE FUNCTION floor.take(p_account int, p_amount numeric) RETURNS numeric LANGUAGE plpgsql AS $$
DECLARE
    own int := pg_backend_pid() % 64;
    total numeric;
    want numeric;
    s record;
    rest numeric;
BEGIN
    BEGIN
        UPDATE floor.stripe SET available = available - p_amount, held = held + p_amount
         WHERE account = p_account AND stripe = own AND available >= p_amount RETURNING available INTO rest;
        IF FOUND THEN
            RETURN rest;
        END IF;
        RAISE EXCEPTION USING ERRCODE = 'FL000';
    EXCEPTION WHEN SQLSTATE 'FL000' THEN
        NULL;
    END;
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

CREATE FUNCTION floor.hold(p_key uuid, p_enterprise int, p_provider int, p_budget int, p_amount numeric,
                           p_actor text, p_reason text, p_at timestamptz)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    contract_id bigint;
    quota_left numeric;
    cap_left numeric;
    budget_left numeric;
BEGIN
    INSERT INTO floor.contract (key, enterprise, provider, amount)
    VALUES (p_key, p_enterprise, p_provider, p_amount) RETURNING id INTO contract_id;
    UPDATE floor.stripe SET available = available - p_amount, held = held + p_amount
     WHERE account = p_enterprise AND stripe = 0 AND available >= p_amount RETURNING available INTO quota_left;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'quota of % is short', p_enterprise;
    END IF;
    cap_left := floor.take(p_provider, p_amount);
    budget_left := floor.take(p_budget, p_amount);
    INSERT INTO floor.entry (contract, account, amount, before, after, actor, reason, at)
    VALUES (contract_id, p_enterprise, p_amount, quota_left + p_amount, quota_left, p_actor, p_reason, p_at),
           (contract_id, p_provider, p_amount, cap_left + p_amount, cap_left, p_actor, p_reason, p_at),
           (contract_id, p_budget, p_amount, budget_left + p_amount, budget_left, p_actor, p_reason, p_at);
    RETURN contract_id;
END $$;

-- Ids ordered by time, as the platform's own are; PostgreSQL has them since version 18.
DO $$
BEGIN
    EXECUTE format('CREATE FUNCTION floor.new_id() RETURNS uuid LANGUAGE sql AS ''SELECT %s()''',
                   CASE WHEN current_setting('server_version_num')::int >= 180000 THEN 'uuidv7' ELSE 'gen_random_uuid' END);
END $$;

-- p_enterprises accounts of one row each, then p_providers of 64 rows, then the budget of 64 rows; all rich.
CREATE FUNCTION floor.fill(p_enterprises int, p_providers int) RETURNS void LANGUAGE sql AS $$
    INSERT INTO floor.account
    SELECT n, CASE WHEN n <= p_enterprises THEN 'quota' WHEN n <= p_enterprises + p_providers THEN 'cap' ELSE 'budget' END
      FROM generate_series(1, p_enterprises + p_providers + 1) n;
    INSERT INTO floor.stripe (account, stripe, available)
    SELECT id, s, 100000000 FROM floor.account, generate_series(0, CASE book WHEN 'quota' THEN 0 ELSE 63 END) s;
$$;
