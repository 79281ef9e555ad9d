-- What an amount can stand in, and what can happen to it. `outside` is where issued money comes from; its
-- balance is what was issued, negative, so that an account's sum over everything is always zero.
CREATE TYPE ledger_bucket AS ENUM (
    'outside', 'available', 'reserved', 'committed', 'due', 'consumed', 'expired', 'carried'
);
CREATE TYPE ledger_kind AS ENUM (
    'issue', 'spread', 'hold', 'commit', 'due', 'return', 'consume', 'release', 'expire', 'reduce', 'carry', 'carry_in'
);
