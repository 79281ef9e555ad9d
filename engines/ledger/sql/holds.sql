-- Holds: one amount taken from several accounts at once, and what becomes of it.

-- Takes p_amount from every account, or from none: the first that is short is named in the refusal.
--
-- The lines come first: a second call with the same id waits there, before it holds anything, and is then
-- refused by the primary key. After them the accounts in order of heat, the hot ones last. A striped account
-- gives from the session's own stripe; `after` is then a lower bound of what is left, and not below p_low.
-- When the stripe cannot give that much, all of them are gathered and `after` is exact.
CREATE OR REPLACE FUNCTION ledger_hold(
    p_hold uuid, p_accounts bigint[], p_amount numeric, p_low numeric, p_reason text, p_actor text, p_at timestamptz
) RETURNS TABLE (account bigint, book varchar, owner varchar, period integer, before numeric, after numeric, exact boolean)
LANGUAGE plpgsql AS $$
DECLARE
    lines integer;
    own integer;
    free numeric;
    held numeric;
    ids bigint[];
    owns integer[];
    frees numeric[];
    helds numeric[];
BEGIN
    IF (p_amount > 0 AND p_amount < 1e12 AND p_amount = round(p_amount, 2)) IS NOT TRUE THEN
        PERFORM ledger_check_amount(p_amount);
    END IF;
    INSERT INTO ledger_line (hold, book, account_id, stripe, amount, bucket, step)
    SELECT p_hold, a.book, a.id, pg_backend_pid() % a.stripes, p_amount, 'reserved', 0
      FROM ledger_account a WHERE a.id = ANY (p_accounts);
    GET DIAGNOSTICS lines = ROW_COUNT;
    IF lines <> cardinality(p_accounts) OR lines = 0 THEN
        PERFORM ledger_refuse('LEDGER_UNKNOWN_ACCOUNT', jsonb_build_object('accounts', p_accounts));
    END IF;
    FOR account, book, owner, period, exact, own IN
        SELECT a.id, a.book, a.owner, a.period, a.stripes = 1, pg_backend_pid() % a.stripes
          FROM ledger_account a WHERE a.id = ANY (p_accounts) ORDER BY a.heat, a.id
    LOOP
        free := NULL;
        IF exact THEN
            UPDATE ledger_balance SET available = available - p_amount, reserved = reserved + p_amount
             WHERE account_id = account AND stripe = own AND available >= p_amount
            RETURNING available, reserved INTO free, held;
        ELSE
            -- An update that waited for the row and then found too little keeps the row locked. Gathering from
            -- stripe 0 upwards with that lock held could lock out another gatherer; so it is given back first,
            -- by undoing the subtransaction.
            BEGIN
                UPDATE ledger_balance SET available = available - p_amount, reserved = reserved + p_amount
                 WHERE account_id = account AND stripe = own AND available >= p_amount + p_low
                RETURNING available, reserved INTO free, held;
                IF free IS NULL THEN
                    RAISE EXCEPTION USING ERRCODE = 'LG000';
                END IF;
            EXCEPTION WHEN SQLSTATE 'LG000' THEN
                exact := true;
            END;
        END IF;
        before := free + p_amount;
        IF free IS NULL THEN
            before := ledger_gather(account, own, p_amount, p_actor, p_at);
            UPDATE ledger_balance SET available = available - p_amount, reserved = reserved + p_amount
             WHERE account_id = account AND stripe = own
            RETURNING available, reserved INTO free, held;
        END IF;
        after := before - p_amount;
        ids := ids || account;
        owns := owns || own;
        frees := frees || free;
        helds := helds || held;
        RETURN NEXT;
    END LOOP;
    INSERT INTO ledger_entry (account_id, stripe, hold, step, kind, source, target, amount, source_before, source_after,
                              target_before, target_after, reference, reason, actor, at)
    SELECT x.id, x.own, p_hold, 0, 'hold', 'available', 'reserved', p_amount, x.free + p_amount, x.free,
           x.held - p_amount, x.held, '', p_reason, p_actor, p_at
      FROM unnest(ids, owns, frees, helds) x(id, own, free, held);
END $$;

-- What a balance has in a bucket.
CREATE OR REPLACE FUNCTION ledger_in(b ledger_balance, p_bucket ledger_bucket) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE p_bucket
        WHEN 'outside' THEN -b.issued WHEN 'available' THEN b.available WHEN 'reserved' THEN b.reserved
        WHEN 'committed' THEN b.committed WHEN 'due' THEN b.due WHEN 'consumed' THEN b.consumed
        WHEN 'expired' THEN b.expired WHEN 'carried' THEN b.carried
    END
$$;

-- Every hold has lines in p_books (NULL: in any book), locked in order; so they stay as they are read next.
CREATE OR REPLACE FUNCTION ledger_lock_lines(p_holds uuid[], p_books text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    absent uuid;
BEGIN
    PERFORM 1 FROM ledger_line l WHERE l.hold = ANY (p_holds) AND (p_books IS NULL OR l.book = ANY (p_books))
      ORDER BY l.hold, l.book FOR NO KEY UPDATE;
    SELECT h INTO absent FROM unnest(p_holds) h
     WHERE NOT EXISTS (SELECT 1 FROM ledger_line l
                        WHERE l.hold = h AND (p_books IS NULL OR l.book = ANY (p_books))) LIMIT 1;
    IF FOUND THEN
        PERFORM ledger_refuse('LEDGER_UNKNOWN_HOLD', jsonb_build_object('hold', absent));
    END IF;
END $$;

-- What of each locked line goes where, with the sum that goes the same way before it: all but p_keep of the
-- amount, to p_to; what would become available goes to expired when the account has been closed.
CREATE OR REPLACE FUNCTION ledger_parts(p_holds uuid[], p_books text[], p_to ledger_bucket, p_keep numeric)
RETURNS TABLE (hold uuid, book varchar, account_id bigint, stripe smallint, step integer, source ledger_bucket,
               target ledger_bucket, part numeric, source_before numeric, target_before numeric)
LANGUAGE sql STABLE AS $$
    SELECT l.hold, l.book, l.account_id, l.stripe, l.step + 1, l.bucket, t.target, l.amount - p_keep,
           ledger_in(b, l.bucket) - sum(l.amount - p_keep) OVER same_source + (l.amount - p_keep),
           ledger_in(b, t.target) + sum(l.amount - p_keep) OVER same_target - (l.amount - p_keep)
      FROM ledger_line l
      JOIN ledger_balance b ON b.account_id = l.account_id AND b.stripe = l.stripe,
           LATERAL (SELECT CASE WHEN b.closed AND p_to = 'available' THEN 'expired' ELSE p_to END AS target) t
     WHERE l.hold = ANY (p_holds) AND (p_books IS NULL OR l.book = ANY (p_books))
       AND l.bucket IN ('reserved', 'committed', 'due') AND l.amount > p_keep
    WINDOW same_source AS (PARTITION BY l.account_id, l.stripe, l.bucket ORDER BY l.hold, l.book),
           same_target AS (PARTITION BY l.account_id, l.stripe ORDER BY l.hold, l.book)
$$;

-- Moves all but p_keep of the locked lines to p_to: balances in order, then lines, balances and entries at once.
-- p_kind NULL: named after the bucket it comes to. Returns how many lines moved.
CREATE OR REPLACE FUNCTION ledger_shift(
    p_holds uuid[], p_books text[], p_to ledger_bucket, p_keep numeric, p_kind ledger_kind,
    p_reason text, p_actor text, p_at timestamptz
) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    moved integer;
BEGIN
    PERFORM 1 FROM ledger_balance b JOIN ledger_account a ON a.id = b.account_id
      WHERE (b.account_id, b.stripe) IN (SELECT l.account_id, l.stripe FROM ledger_line l
               WHERE l.hold = ANY (p_holds) AND (p_books IS NULL OR l.book = ANY (p_books)))
      ORDER BY a.heat, b.account_id, b.stripe FOR NO KEY UPDATE OF b;
    WITH part AS MATERIALIZED (
        SELECT * FROM ledger_parts(p_holds, p_books, p_to, p_keep)
    ), change AS (
        SELECT account_id, stripe,
               coalesce(sum(part) FILTER (WHERE target = 'available'), 0) AS available,
               -coalesce(sum(part) FILTER (WHERE source = 'reserved'), 0) AS reserved,
               coalesce(sum(part) FILTER (WHERE target = 'committed'), 0)
                   - coalesce(sum(part) FILTER (WHERE source = 'committed'), 0) AS committed,
               coalesce(sum(part) FILTER (WHERE target = 'due'), 0)
                   - coalesce(sum(part) FILTER (WHERE source = 'due'), 0) AS due,
               coalesce(sum(part) FILTER (WHERE target = 'consumed'), 0) AS consumed,
               coalesce(sum(part) FILTER (WHERE target = 'expired'), 0) AS expired
          FROM part GROUP BY account_id, stripe
    ), balances AS (
        UPDATE ledger_balance b SET
               available = b.available + c.available, reserved = b.reserved + c.reserved,
               committed = b.committed + c.committed, due = b.due + c.due,
               consumed = b.consumed + c.consumed, expired = b.expired + c.expired
          FROM change c WHERE b.account_id = c.account_id AND b.stripe = c.stripe
    ), lines AS (
        UPDATE ledger_line l SET
               bucket = CASE p_keep WHEN 0 THEN p.target ELSE l.bucket END,
               amount = CASE p_keep WHEN 0 THEN l.amount ELSE p_keep END,
               step = p.step
          FROM part p WHERE l.hold = p.hold AND l.book = p.book
    )
    INSERT INTO ledger_entry (account_id, stripe, hold, step, kind, source, target, amount, source_before, source_after,
                              target_before, target_after, reference, reason, actor, at)
    SELECT p.account_id, p.stripe, p.hold, p.step,
           coalesce(p_kind, CASE p.target
               WHEN 'committed' THEN CASE p.source WHEN 'due' THEN 'return' ELSE 'commit' END
               WHEN 'due' THEN 'due' WHEN 'consumed' THEN 'consume' WHEN 'expired' THEN 'expire' ELSE 'release'
           END::ledger_kind),
           p.source, p.target, p.part, p.source_before, p.source_before - p.part, p.target_before,
           p.target_before + p.part, '', p_reason, p_actor, p_at
      FROM part p ORDER BY p.hold, p.book;
    GET DIAGNOSTICS moved = ROW_COUNT;
    RETURN moved;
END $$;

-- Moves the lines of the holds, of p_books only or of all, as a whole. Refuses when one may not go there.
CREATE OR REPLACE FUNCTION ledger_move(
    p_holds uuid[], p_books text[], p_to ledger_bucket, p_reason text, p_actor text, p_at timestamptz
) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    wrong ledger_line;
BEGIN
    PERFORM ledger_lock_lines(p_holds, p_books);
    SELECT l.* INTO wrong FROM ledger_line l
     WHERE l.hold = ANY (p_holds) AND (p_books IS NULL OR l.book = ANY (p_books))
       AND (l.bucket, p_to) NOT IN (
           ('reserved', 'committed'), ('reserved', 'available'), ('reserved', 'expired'),
           ('committed', 'due'), ('committed', 'consumed'), ('committed', 'available'), ('committed', 'expired'),
           ('due', 'consumed'), ('due', 'committed'), ('due', 'available'), ('due', 'expired'))
     ORDER BY l.hold, l.book LIMIT 1;
    IF FOUND THEN
        PERFORM ledger_refuse('LEDGER_WRONG_BUCKET', jsonb_build_object(
            'hold', wrong.hold, 'book', wrong.book, 'bucket', wrong.bucket, 'to', p_to));
    END IF;
    RETURN ledger_shift(p_holds, p_books, p_to, 0, NULL, p_reason, p_actor, p_at);
END $$;

-- Lowers every live line of the hold to p_amount; the rest is free again. Refuses to raise one.
CREATE OR REPLACE FUNCTION ledger_reduce(
    p_hold uuid, p_amount numeric, p_reason text, p_actor text, p_at timestamptz
) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    lowest numeric;
BEGIN
    PERFORM ledger_check_amount(p_amount);
    PERFORM ledger_lock_lines(ARRAY[p_hold], NULL);
    SELECT min(l.amount) INTO lowest FROM ledger_line l
     WHERE l.hold = p_hold AND l.bucket IN ('reserved', 'committed', 'due');
    IF lowest IS NULL THEN
        PERFORM ledger_refuse('LEDGER_RESOLVED', jsonb_build_object('hold', p_hold));
    ELSIF p_amount > lowest THEN
        PERFORM ledger_refuse('LEDGER_RAISED', jsonb_build_object('hold', p_hold, 'held', lowest, 'wanted', p_amount));
    END IF;
    RETURN ledger_shift(ARRAY[p_hold], NULL, 'available', p_amount, 'reduce', p_reason, p_actor, p_at);
END $$;
