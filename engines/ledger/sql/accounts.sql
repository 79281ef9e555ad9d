-- Accounts: opening, issuing, gathering the stripes, the end of a period.
--
-- Locks are taken in one order everywhere: lines by (hold, book), then balances by (heat, account, stripe).
-- `p_at` comes from the caller's clock; nothing here asks the database for the time.

-- A refusal: the code is the message, the numbers are the detail. Python turns both into an error for people.
CREATE OR REPLACE FUNCTION ledger_refuse(p_code text, p_detail jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', p_code USING ERRCODE = 'LG001', DETAIL = p_detail::text;
END $$;

-- Amounts are positive and whole 分; NUMERIC(14, 2) would round silently.
CREATE OR REPLACE FUNCTION ledger_check_amount(p_amount numeric) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF (p_amount > 0 AND p_amount < 1e12 AND p_amount = round(p_amount, 2)) IS NOT TRUE THEN
        PERFORM ledger_refuse('LEDGER_AMOUNT', jsonb_build_object('amount', p_amount::text));
    END IF;
END $$;

-- The accounts asked for, in the order asked for, made where they are not there yet. The same answer
-- however often it is asked.
CREATE OR REPLACE FUNCTION ledger_open(
    p_books text[], p_owners text[], p_periods integer[], p_heats integer[], p_stripes integer[]
) RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
    ids bigint[];
BEGIN
    LOOP
        SELECT array_agg(a.id ORDER BY w.place) INTO ids
          FROM unnest(p_books, p_owners, p_periods) WITH ORDINALITY w(book, owner, period, place)
          LEFT JOIN ledger_account a USING (book, owner, period);
        EXIT WHEN array_position(ids, NULL) IS NULL;
        WITH made AS (
            INSERT INTO ledger_account (book, owner, period, heat, stripes)
            SELECT * FROM unnest(p_books, p_owners, p_periods, p_heats, p_stripes) ORDER BY 1, 2, 3
            ON CONFLICT DO NOTHING RETURNING id, stripes
        )
        INSERT INTO ledger_balance (account_id, stripe, issued, available, reserved, committed, due,
                                    consumed, expired, carried, closed)
        SELECT id, s, 0, 0, 0, 0, 0, 0, 0, 0, false FROM made, generate_series(0, made.stripes - 1) s;
    END LOOP;
    RETURN ids;
END $$;

-- Locks the account whole, every stripe in order: what is read afterwards is exact until the transaction ends.
CREATE OR REPLACE FUNCTION ledger_lock(p_account bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM ledger_balance WHERE account_id = p_account ORDER BY stripe FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM ledger_refuse('LEDGER_UNKNOWN_ACCOUNT', jsonb_build_object('account', p_account));
    END IF;
END $$;

-- Refuses when the locked account is closed or has less than p_amount available. Returns what it has.
CREATE OR REPLACE FUNCTION ledger_require(p_account bigint, p_amount numeric) RETURNS numeric LANGUAGE plpgsql AS $$
DECLARE
    had numeric;
    shut boolean;
    a ledger_account;
BEGIN
    SELECT sum(available), bool_or(closed) INTO had, shut FROM ledger_balance WHERE account_id = p_account;
    IF shut OR had < p_amount THEN
        SELECT * INTO a FROM ledger_account WHERE id = p_account;
        PERFORM ledger_refuse(
            CASE WHEN shut THEN 'LEDGER_CLOSED' ELSE 'LEDGER_SHORT' END,
            jsonb_build_object('book', a.book, 'owner', a.owner, 'period', a.period, 'left', had, 'wanted', p_amount)
        );
    END IF;
    RETURN had;
END $$;

-- From which stripes p_wanted is best taken: the richest first, those that nobody works on.
CREATE OR REPLACE FUNCTION ledger_richest(p_account bigint, p_wanted numeric, p_except integer)
RETURNS TABLE (stripe smallint, part numeric) LANGUAGE sql STABLE AS $$
    SELECT d.stripe, least(d.available, p_wanted - d.richer)
      FROM (SELECT b.stripe, b.available,
                   sum(b.available) OVER (ORDER BY b.available DESC, b.stripe) - b.available AS richer
              FROM ledger_balance b
             WHERE b.account_id = p_account AND b.stripe <> p_except AND b.available > 0) d
     WHERE d.richer < p_wanted
$$;

-- The slow path of taking from an account: all of it is locked, p_amount is there or is refused exactly, and
-- p_stripe gets enough for it and an even share of the rest, so that the next takings are quick again.
-- Returns what was available in all.
CREATE OR REPLACE FUNCTION ledger_gather(
    p_account bigint, p_stripe integer, p_amount numeric, p_actor text, p_at timestamptz
) RETURNS numeric LANGUAGE plpgsql AS $$
DECLARE
    had numeric;
    want numeric;
BEGIN
    PERFORM ledger_lock(p_account);
    had := ledger_require(p_account, p_amount);
    SELECT p_amount + trunc((had - p_amount) / count(*), 2) - sum(available) FILTER (WHERE stripe = p_stripe)
      INTO want FROM ledger_balance WHERE account_id = p_account
    HAVING sum(available) FILTER (WHERE stripe = p_stripe) < p_amount;
    IF NOT FOUND THEN
        RETURN had;
    END IF;
    WITH part AS (
        SELECT stripe, -part AS change FROM ledger_richest(p_account, want, p_stripe)
        UNION ALL
        SELECT p_stripe, want
    ), spread AS (
        UPDATE ledger_balance b SET issued = issued + change, available = available + change
          FROM part p WHERE b.account_id = p_account AND b.stripe = p.stripe
        RETURNING b.stripe, change, available, issued
    )
    INSERT INTO ledger_entry (account_id, stripe, step, kind, source, target, amount, source_before, source_after,
                              target_before, target_after, reference, reason, actor, at)
    SELECT p_account, s.stripe, 0, 'spread', e.source, e.target, e.amount, e.source_before, e.source_after,
           e.target_before, e.target_after, '', '', p_actor, p_at
      FROM spread s, ledger_through_outside(change, available, issued) e ORDER BY s.stripe;
    RETURN had;
END $$;

-- The columns of an entry for `change` having come to available from outside (or gone there, when negative).
CREATE OR REPLACE FUNCTION ledger_through_outside(change numeric, available numeric, issued numeric)
RETURNS TABLE (source ledger_bucket, target ledger_bucket, amount numeric, source_before numeric,
               source_after numeric, target_before numeric, target_after numeric)
LANGUAGE sql IMMUTABLE AS $$
    SELECT 'outside'::ledger_bucket, 'available'::ledger_bucket, change,
           change - issued, -issued, available - change, available WHERE change > 0
    UNION ALL
    SELECT 'available', 'outside', -change, available - change, available, change - issued, -issued WHERE change < 0
$$;

-- Issues p_amount evenly over the stripes, or takes a negative one back, from the richest first.
CREATE OR REPLACE FUNCTION ledger_issue(
    p_account bigint, p_amount numeric, p_reference text, p_reason text, p_actor text, p_at timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    parts integer;
    share numeric;
BEGIN
    PERFORM ledger_check_amount(abs(p_amount));
    PERFORM ledger_lock(p_account);
    PERFORM ledger_require(p_account, greatest(-p_amount, 0));
    SELECT count(*) INTO parts FROM ledger_balance WHERE account_id = p_account;
    share := trunc(p_amount / parts, 2);
    WITH part AS (
        SELECT s AS stripe, share + CASE s WHEN 0 THEN p_amount - share * parts ELSE 0 END AS change
          FROM generate_series(0, parts - 1) s WHERE p_amount > 0
        UNION ALL
        SELECT r.stripe, -r.part FROM ledger_richest(p_account, -p_amount, -1) r WHERE p_amount < 0
    ), issued AS (
        UPDATE ledger_balance b SET issued = issued + change, available = available + change
          FROM part p WHERE b.account_id = p_account AND b.stripe = p.stripe AND change <> 0
        RETURNING b.stripe, change, available, issued
    )
    INSERT INTO ledger_entry (account_id, stripe, step, kind, source, target, amount, source_before, source_after,
                              target_before, target_after, reference, reason, actor, at)
    SELECT p_account, i.stripe, 0, 'issue', e.source, e.target, e.amount, e.source_before, e.source_after,
           e.target_before, e.target_after, p_reference, p_reason, p_actor, p_at
      FROM issued i, ledger_through_outside(i.change, i.available, i.issued) e ORDER BY i.stripe;
END $$;

-- The end of a period for the next accounts after p_after, as many as have p_limit stripes: all that is free
-- expires, the account is closed. Returns the last account seen (NULL: there is none), how many were closed and
-- how much expired.
CREATE OR REPLACE FUNCTION ledger_expire(
    p_book text, p_period integer, p_after bigint, p_limit integer, p_reason text, p_actor text, p_at timestamptz
) RETURNS TABLE (last_account bigint, accounts bigint, amount numeric) LANGUAGE plpgsql AS $$
DECLARE
    ids bigint[];
BEGIN
    SELECT array_agg(n.id ORDER BY n.id) INTO ids
      FROM (SELECT a.id, sum(a.stripes) OVER (ORDER BY a.id) - a.stripes AS before
              FROM (SELECT id, stripes FROM ledger_account
                     WHERE book = p_book AND period = p_period AND id > p_after ORDER BY id LIMIT p_limit) a) n
     WHERE n.before < p_limit;
    PERFORM 1 FROM ledger_balance b JOIN ledger_account a ON a.id = b.account_id
      WHERE b.account_id = ANY (ids) ORDER BY a.heat, b.account_id, b.stripe FOR NO KEY UPDATE OF b;
    RETURN QUERY
    WITH free AS (
        SELECT b.account_id, b.stripe, b.available AS part FROM ledger_balance b
         WHERE b.account_id = ANY (ids) AND NOT b.closed
    ), shut AS (
        UPDATE ledger_balance b SET available = 0, expired = b.expired + f.part, closed = true
          FROM free f WHERE b.account_id = f.account_id AND b.stripe = f.stripe
        RETURNING b.account_id, b.stripe, f.part, b.expired
    ), noted AS (
        INSERT INTO ledger_entry (account_id, stripe, step, kind, source, target, amount, source_before, source_after,
                                  target_before, target_after, reference, reason, actor, at)
        SELECT s.account_id, s.stripe, 0, 'expire', 'available', 'expired', s.part, s.part, 0,
               s.expired - s.part, s.expired, '', p_reason, p_actor, p_at
          FROM shut s WHERE s.part > 0
    )
    SELECT ids[cardinality(ids)], count(DISTINCT s.account_id), coalesce(sum(s.part), 0) FROM shut s;
END $$;
