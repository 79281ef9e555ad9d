-- One line of a hold goes on in another period's account of the same book.

-- One amount from one bucket of a stripe to another, with its entry.
CREATE OR REPLACE FUNCTION ledger_post(
    p_account bigint, p_stripe integer, p_hold uuid, p_step integer, p_kind ledger_kind, p_source ledger_bucket,
    p_target ledger_bucket, p_amount numeric, p_reason text, p_actor text, p_at timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    WITH change AS (
        SELECT b AS bucket, CASE b WHEN p_source THEN -p_amount WHEN p_target THEN p_amount ELSE 0 END AS amount
          FROM unnest(enum_range(NULL::ledger_bucket)) b
    ), posted AS (
        UPDATE ledger_balance b SET
               issued = b.issued - (SELECT amount FROM change WHERE bucket = 'outside'),
               available = b.available + (SELECT amount FROM change WHERE bucket = 'available'),
               reserved = b.reserved + (SELECT amount FROM change WHERE bucket = 'reserved'),
               committed = b.committed + (SELECT amount FROM change WHERE bucket = 'committed'),
               due = b.due + (SELECT amount FROM change WHERE bucket = 'due'),
               expired = b.expired + (SELECT amount FROM change WHERE bucket = 'expired'),
               carried = b.carried + (SELECT amount FROM change WHERE bucket = 'carried')
         WHERE b.account_id = p_account AND b.stripe = p_stripe
        RETURNING b
    )
    INSERT INTO ledger_entry (account_id, stripe, hold, step, kind, source, target, amount, source_before, source_after,
                              target_before, target_after, reference, reason, actor, at)
    SELECT p_account, p_stripe, p_hold, p_step, p_kind, p_source, p_target, p_amount,
           ledger_in(b, p_source) + p_amount, ledger_in(b, p_source),
           ledger_in(b, p_target) - p_amount, ledger_in(b, p_target), '', p_reason, p_actor, p_at
      FROM posted;
END $$;

-- Funded: the money travels; it leaves as `carried` and comes in as newly issued. Not funded: it is given back
-- here and taken there, where there must be room. The line keeps its bucket and stands in the new account.
CREATE OR REPLACE FUNCTION ledger_carry(
    p_hold uuid, p_book text, p_to bigint, p_funded boolean, p_reason text, p_actor text, p_at timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    l ledger_line;
    here ledger_account;
    there ledger_account;
    own integer;
    shut boolean;
    locking record;
BEGIN
    PERFORM ledger_lock_lines(ARRAY[p_hold], ARRAY[p_book]);
    SELECT * INTO l FROM ledger_line WHERE hold = p_hold AND book = p_book;
    SELECT * INTO here FROM ledger_account WHERE id = l.account_id;
    SELECT * INTO there FROM ledger_account WHERE id = p_to;
    IF l.bucket NOT IN ('reserved', 'committed', 'due') THEN
        PERFORM ledger_refuse('LEDGER_RESOLVED', jsonb_build_object('hold', p_hold));
    END IF;
    IF there.id IS NULL OR there.id = here.id OR (there.book, there.owner) <> (here.book, here.owner) THEN
        PERFORM ledger_refuse('LEDGER_UNKNOWN_ACCOUNT', jsonb_build_object('account', p_to));
    END IF;
    own := pg_backend_pid() % there.stripes;
    FOR locking IN SELECT a.id FROM (VALUES (here.heat, here.id), (there.heat, there.id)) a(heat, id) ORDER BY heat, id LOOP
        IF locking.id = here.id THEN
            SELECT closed INTO shut FROM ledger_balance
             WHERE account_id = here.id AND stripe = l.stripe FOR NO KEY UPDATE;
        ELSIF p_funded THEN
            PERFORM ledger_lock(there.id);
            PERFORM ledger_require(there.id, 0);
        ELSE
            PERFORM ledger_gather(there.id, own, l.amount, p_actor, p_at);
        END IF;
    END LOOP;
    PERFORM ledger_post(
        here.id, l.stripe, p_hold, l.step + 1, 'carry', l.bucket,
        CASE WHEN p_funded THEN 'carried' WHEN shut THEN 'expired' ELSE 'available' END::ledger_bucket,
        l.amount, p_reason, p_actor, p_at);
    PERFORM ledger_post(
        there.id, own, p_hold, l.step + 2, 'carry_in',
        CASE WHEN p_funded THEN 'outside' ELSE 'available' END::ledger_bucket, l.bucket,
        l.amount, p_reason, p_actor, p_at);
    UPDATE ledger_line SET account_id = there.id, stripe = own, step = l.step + 2 WHERE hold = p_hold AND book = p_book;
END $$;
