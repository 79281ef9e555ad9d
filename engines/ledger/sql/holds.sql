-- Holds: one amount taken from several accounts at once, and what becomes of it.

-- Takes p_amount from every account, or from none: the first that is short is named in the refusal.
--
-- The lines come first: a second call with the same id waits there, before it holds anything, and then
-- gets the same answer or a refusal. After them the accounts in order of heat, the hot ones last. A
-- striped account gives from the session's own stripe; `after` is then a lower bound of what is left,
-- and not below p_low. When the stripe cannot give that, all of them are gathered and `after` is exact.
CREATE OR REPLACE FUNCTION ledger_hold(
    p_hold uuid, p_accounts bigint[], p_amount numeric, p_low numeric, p_reason text, p_actor text, p_at timestamptz
) RETURNS TABLE (account bigint, book varchar, owner varchar, period integer, before numeric, after numeric, exact boolean)
LANGUAGE plpgsql AS $$
DECLARE
    lines integer;
    own integer;
    held numeric;
    free numeric;
    a ledger_account;
BEGIN
    PERFORM ledger_check_amount(p_amount);
    INSERT INTO ledger_line (hold, book, account_id, stripe, amount, bucket)
    SELECT p_hold, x.book, x.id, pg_backend_pid() % x.stripes, p_amount, 'reserved'
      FROM ledger_account x WHERE x.id = ANY (p_accounts)
    ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS lines = ROW_COUNT;
    IF lines <> cardinality(p_accounts) OR lines = 0 THEN
        RETURN QUERY SELECT * FROM ledger_held(p_hold, p_accounts, p_amount);
        RETURN;
    END IF;
    FOR a IN SELECT * FROM ledger_account x WHERE x.id = ANY (p_accounts) ORDER BY x.heat, x.id LOOP
        own := pg_backend_pid() % a.stripes;
        free := NULL;
        exact := a.stripes = 1;
        IF exact THEN
            UPDATE ledger_balance SET available = available - p_amount, reserved = reserved + p_amount
             WHERE account_id = a.id AND stripe = own AND available >= p_amount
            RETURNING available, reserved INTO free, held;
        ELSE
            -- An update that waited for the row and then found too little keeps the row locked, and with it
            -- held, gathering from stripe 0 upwards could lock out another gatherer. So it is undone first.
            BEGIN
                UPDATE ledger_balance SET available = available - p_amount, reserved = reserved + p_amount
                 WHERE account_id = a.id AND stripe = own AND available >= p_amount + p_low
                RETURNING available, reserved INTO free, held;
                IF NOT FOUND THEN
                    RAISE EXCEPTION USING ERRCODE = 'LG000';
                END IF;
            EXCEPTION WHEN SQLSTATE 'LG000' THEN
                NULL;
            END;
        END IF;
        before := free + p_amount;
        IF free IS NULL THEN
            exact := true;
            before := ledger_gather(a.id, own, p_amount, p_actor, p_at);
            UPDATE ledger_balance SET available = available - p_amount, reserved = reserved + p_amount
             WHERE account_id = a.id AND stripe = own
            RETURNING available, reserved INTO free, held;
        END IF;
        INSERT INTO ledger_entry (account_id, stripe, hold, kind, source, target, amount, source_before, source_after,
                                  target_before, target_after, reference, reason, actor, at)
        VALUES (a.id, own, p_hold, 'hold', 'available', 'reserved', p_amount, free + p_amount, free,
                held - p_amount, held, '', p_reason, p_actor, p_at);
        account := a.id;
        book := a.book;
        owner := a.owner;
        period := a.period;
        after := before - p_amount;
        RETURN NEXT;
    END LOOP;
END $$;

-- The answer to a hold asked for again: what it took the first time, if it is the same hold and still reserved.
CREATE OR REPLACE FUNCTION ledger_held(p_hold uuid, p_accounts bigint[], p_amount numeric)
RETURNS TABLE (account bigint, book varchar, owner varchar, period integer, before numeric, after numeric, exact boolean)
LANGUAGE plpgsql AS $$
DECLARE
    missing bigint;
    same boolean;
BEGIN
    SELECT w INTO missing FROM unnest(p_accounts) w WHERE w NOT IN (SELECT id FROM ledger_account) LIMIT 1;
    IF FOUND THEN
        PERFORM ledger_refuse('LEDGER_UNKNOWN_ACCOUNT', jsonb_build_object('account', missing));
    END IF;
    SELECT array_agg(l.account_id ORDER BY l.account_id) = (SELECT array_agg(w ORDER BY w) FROM unnest(p_accounts) w)
           AND bool_and(l.amount = p_amount AND l.bucket = 'reserved')
      INTO same FROM ledger_line l WHERE l.hold = p_hold;
    IF same IS NOT TRUE THEN
        PERFORM ledger_refuse('LEDGER_HOLD_EXISTS', jsonb_build_object('hold', p_hold));
    END IF;
    RETURN QUERY
    SELECT a.id, a.book, a.owner, a.period, e.source_before::numeric, e.source_after::numeric, a.stripes = 1
      FROM ledger_entry e JOIN ledger_account a ON a.id = e.account_id
     WHERE e.hold = p_hold AND e.kind = 'hold' ORDER BY a.heat, a.id;
END $$;
