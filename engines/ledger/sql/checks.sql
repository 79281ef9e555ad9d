-- What must hold in every row, as one function a table. PostgreSQL parses the text of a CHECK again for every
-- statement but compiles a function once a session: nine plain CHECKs cost a hold more than its updates do.
-- Each refusal still names its own constraint.

CREATE OR REPLACE FUNCTION ledger_violated(p_constraint text, p_row text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RAISE EXCEPTION 'ledger: % violates %', p_row, p_constraint
        USING ERRCODE = 'check_violation', CONSTRAINT = p_constraint;
END $$;

-- Everything issued stands in exactly one bucket, no bucket is negative, a closed account has nothing to give.
CREATE OR REPLACE FUNCTION ledger_balance_is_sound(
    issued numeric, available numeric, reserved numeric, committed numeric, due numeric, consumed numeric,
    expired numeric, carried numeric, closed boolean
) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF least(available, reserved, committed, due, consumed, expired, carried) < 0 THEN
        RETURN ledger_violated(
            'ledger_balance_' || CASE
                WHEN available < 0 THEN 'available' WHEN reserved < 0 THEN 'reserved'
                WHEN committed < 0 THEN 'committed' WHEN due < 0 THEN 'due'
                WHEN consumed < 0 THEN 'consumed' WHEN expired < 0 THEN 'expired' ELSE 'carried'
            END || '_not_negative', 'balance');
    END IF;
    IF issued <> available + reserved + committed + due + consumed + expired + carried THEN
        RETURN ledger_violated('ledger_balance_issued_is_the_sum', 'balance');
    END IF;
    IF closed AND available <> 0 THEN
        RETURN ledger_violated('ledger_balance_closed_has_nothing_available', 'balance');
    END IF;
    RETURN true;
END $$;

-- After is before with the amount; the outside (issued) counts what it gave, so it grows as a source.
CREATE OR REPLACE FUNCTION ledger_entry_is_sound(
    kind varchar, source varchar, target varchar, amount numeric, source_before numeric, source_after numeric,
    target_before numeric, target_after numeric
) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF kind <> ALL ('{issue,spread,hold,commit,due,return,consume,release,expire,reduce,carry,carry_in}') THEN
        RETURN ledger_violated('ledger_entry_known_kind', kind);
    END IF;
    IF source = target
       OR source <> ALL ('{issued,available,reserved,committed,due,consumed,expired,carried}')
       OR target <> ALL ('{issued,available,reserved,committed,due,consumed,expired,carried}') THEN
        RETURN ledger_violated('ledger_entry_known_buckets', source || ' to ' || target);
    END IF;
    IF amount <= 0 THEN
        RETURN ledger_violated('ledger_entry_amount_positive', amount::text);
    END IF;
    IF source_after < 0 OR source_after <> source_before + (CASE source WHEN 'issued' THEN amount ELSE -amount END) THEN
        RETURN ledger_violated('ledger_entry_source_tied', source);
    END IF;
    IF target_after < 0 OR target_after <> target_before + (CASE target WHEN 'issued' THEN -amount ELSE amount END) THEN
        RETURN ledger_violated('ledger_entry_target_tied', target);
    END IF;
    RETURN true;
END $$;
