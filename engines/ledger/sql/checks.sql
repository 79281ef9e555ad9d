-- What must hold of every balance row, as one function. PostgreSQL parses the text of a CHECK again for every
-- statement but compiles a function once a session: as nine plain CHECKs the rules took longer than the update.
CREATE OR REPLACE FUNCTION ledger_balance_is_sound(b ledger_balance) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    rule text;
BEGIN
    IF b.issued = b.available + b.reserved + b.committed + b.due + b.consumed + b.expired + b.carried
       AND least(b.available, b.reserved, b.committed, b.due, b.consumed, b.expired, b.carried) >= 0.00
       AND (b.available = 0.00 OR NOT b.closed) THEN
        RETURN true;
    END IF;
    rule := CASE
        WHEN b.available < 0 THEN 'available_not_negative'
        WHEN b.reserved < 0 THEN 'reserved_not_negative'
        WHEN b.committed < 0 THEN 'committed_not_negative'
        WHEN b.due < 0 THEN 'due_not_negative'
        WHEN b.consumed < 0 THEN 'consumed_not_negative'
        WHEN b.expired < 0 THEN 'expired_not_negative'
        WHEN b.carried < 0 THEN 'carried_not_negative'
        WHEN b.closed AND b.available <> 0 THEN 'closed_has_nothing_available'
        ELSE 'issued_is_the_sum'
    END;
    RAISE EXCEPTION 'ledger: account % stripe % violates ledger_balance_%', b.account_id, b.stripe, rule
        USING ERRCODE = 'check_violation', TABLE = 'ledger_balance', CONSTRAINT = 'ledger_balance_' || rule;
END $$;
