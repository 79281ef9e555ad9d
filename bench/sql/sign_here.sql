-- The yardstick of the whole signing act in the platform's own tables: the same rows, with the same constraints
-- and triggers, written by one function and without a question asked. What is missing to it is Python.

CREATE TABLE floor.queue (n bigserial PRIMARY KEY, contract uuid NOT NULL);
CREATE SEQUENCE floor.place;

-- Signs the next contract of the queue.
CREATE FUNCTION floor.sign_here(p_at timestamptz) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
    place bigint := nextval('floor.place');
    d contracts_contract;
    accounts bigint[];
    told uuid[];
    new_hold uuid := floor.new_id();
    facts jsonb;
    new_head text;
    year int := extract(year FROM p_at AT TIME ZONE 'Asia/Shanghai');
BEGIN
    SELECT * INTO STRICT d FROM contracts_contract
     WHERE id = (SELECT contract FROM floor.queue WHERE n = place) FOR NO KEY UPDATE;
    accounts := ARRAY[
        (SELECT id FROM ledger_account WHERE book = 'quota' AND owner = d.enterprise_id::text AND period = year),
        (SELECT id FROM ledger_account WHERE book = 'cap' AND owner = d.provider_id::text AND period = year),
        (SELECT id FROM ledger_account WHERE book = 'budget' AND owner = 'general' AND period = year)];
    told := ARRAY[(SELECT organisation_id FROM enterprises_enterprise WHERE id = d.enterprise_id),
                  (SELECT organisation_id FROM providers_provider WHERE id = d.provider_id)];
    PERFORM ledger_hold(new_hold, accounts, d.voucher, 1000, d.number, 'bench', p_at);
    facts := jsonb_build_object('voucher', d.voucher, 'hold', new_hold, 'state', 'signing', 'seq', d.version + 1);
    new_head := encode(sha256(convert_to(d.head || facts::text, 'UTF8')), 'hex');
    INSERT INTO evidence_evidencerecord (subject_type, subject_id, seq, act, actor, actor_label, at, reason, facts,
                                         previous, hash)
    VALUES ('contracts_contract', d.id, d.version + 1, 'start_signing', 'bench', 'bench', p_at, '', facts,
            d.head, new_head);
    UPDATE contracts_contract SET state = 'signing', version = d.version + 1, head = new_head, hold = new_hold,
           quota_year = year, signing_due = p_at + interval '7 days', updated_at = p_at
     WHERE id = d.id;
    INSERT INTO contracts_wait (contract_id, awaited, since_on, due_at, what)
    VALUES (d.id, 'sign_both', (p_at AT TIME ZONE 'Asia/Shanghai')::date, p_at + interval '7 days', '')
    ON CONFLICT (contract_id) DO UPDATE
       SET awaited = excluded.awaited, since_on = excluded.since_on, due_at = excluded.due_at, what = excluded.what;
    INSERT INTO notifications_outboxevent (topic, organisation_ids, title, body, subject_type, subject_id, must_read, data,
                                           reached, created_at, once)
    VALUES ('contract.signing', told, '合同进入签署',
            '合同' || d.number || '：已锁定服务券' || d.voucher || '元，请在7日内由双方签署。', 'contracts_contract',
            d.id, false, '{}', 0, p_at, '');
    RETURN d.version + 1;
END $$;
