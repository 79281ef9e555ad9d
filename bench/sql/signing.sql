-- The yardstick of the whole signing act: the row writes of contracts.services.signing.start_signing in one
-- function. The contract goes on from ready to signing and its version up by one, the amount is held on three
-- accounts (floor.sql), the change is appended to the contract's chain of evidence, both parties are told.

CREATE TABLE floor.deal (
    id uuid PRIMARY KEY,
    number text NOT NULL UNIQUE,
    state text NOT NULL,
    version int NOT NULL,
    head text NOT NULL,
    enterprise int NOT NULL REFERENCES floor.account,
    provider int NOT NULL REFERENCES floor.account,
    terms jsonb NOT NULL,
    amount numeric(14, 2) NOT NULL,
    voucher numeric(14, 2) NOT NULL CHECK (voucher > 0 AND voucher <= amount),
    hold uuid UNIQUE,
    quota_year int,
    signing_due timestamptz,
    updated_at timestamptz NOT NULL,
    CHECK (state <> 'signing' OR hold IS NOT NULL)
);
CREATE INDEX ON floor.deal (enterprise, id);
CREATE INDEX ON floor.deal (provider, id);
CREATE INDEX ON floor.deal (state, id);

CREATE TABLE floor.evidence (
    id bigserial PRIMARY KEY,
    subject uuid NOT NULL,
    seq int NOT NULL,
    act text NOT NULL,
    actor text NOT NULL,
    at timestamptz NOT NULL,
    facts jsonb NOT NULL,
    previous text NOT NULL,
    hash text NOT NULL,
    UNIQUE (subject, seq)
);

CREATE TABLE floor.outbox (
    id bigserial PRIMARY KEY,
    topic text NOT NULL,
    organisations uuid[] NOT NULL,
    title text NOT NULL,
    body text NOT NULL,
    subject uuid NOT NULL,
    created_at timestamptz NOT NULL,
    sent_at timestamptz
);
CREATE INDEX ON floor.outbox (id) WHERE sent_at IS NULL;

CREATE SEQUENCE floor.turn;
CREATE SEQUENCE floor.copies;

INSERT INTO floor.deal
SELECT floor.new_id(), 'HT-' || n, 'ready', 3, repeat('0', 64), 1 + n % 2000, 2001 + n % 200,
       jsonb_build_object('product', '在线诊断', 'deliverables', repeat('交付物', 60)),
       1000, 10, NULL, NULL, NULL, '2026-06-01'
  FROM generate_series(1, 20000) n;

-- Signs the next of the 20,000 deals; after the last, the first once more.
CREATE FUNCTION floor.sign(p_budget int, p_actor text, p_at timestamptz) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
    wanted text := 'HT-' || (1 + nextval('floor.turn') % 20000);
    d floor.deal;
    new_head text;
    new_hold uuid := floor.new_id();
    body jsonb;
BEGIN
    SELECT * INTO d FROM floor.deal WHERE number = wanted FOR NO KEY UPDATE;
    PERFORM floor.hold(new_hold, d.enterprise, d.provider, p_budget, d.voucher, p_actor, d.number, p_at);
    body := jsonb_build_object('voucher', d.voucher, 'hold', new_hold, 'state', 'signing', 'seq', d.version + 1);
    new_head := encode(sha256(convert_to(d.head || body::text, 'UTF8')), 'hex');
    UPDATE floor.deal SET state = 'signing', version = d.version + 1, head = new_head, hold = new_hold,
           quota_year = 2026, signing_due = p_at + interval '7 days', updated_at = p_at
     WHERE id = d.id;
    INSERT INTO floor.evidence (subject, seq, act, actor, at, facts, previous, hash)
    VALUES (d.id, d.version + 1, 'start_signing', p_actor, p_at, body, d.head, new_head);
    INSERT INTO floor.outbox (topic, organisations, title, body, subject, created_at)
    VALUES ('contract.signing', ARRAY[d.id, new_hold], '合同进入签署',
            '合同' || d.number || '：已锁定服务券' || d.voucher || '元，请在7日内由双方签署。', d.id, p_at);
    RETURN d.version + 1;
END $$;
