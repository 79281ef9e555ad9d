-- The ledger recomputed from its entries and lines, in one statement and so from one moment. Rows come back
-- only where something differs:
--   balance  a bucket of a balance is not the sum of its entries
--   line     reserved, committed or due of a balance is not the sum of its lines
--   chain    an entry does not begin where the one before it ended (`entry` says which)
--   spread   what went between the stripes of an account does not cancel out
CREATE OR REPLACE FUNCTION ledger_recompute(p_limit integer)
RETURNS TABLE (what text, account_id bigint, stripe smallint, bucket ledger_bucket, stands numeric, should numeric, entry bigint)
LANGUAGE sql STABLE AS $$
    WITH change AS (
        SELECT e.account_id, e.stripe, e.target AS bucket, e.id, e.kind, e.amount, e.target_before AS before,
               e.target_after AS after FROM ledger_entry e
        UNION ALL
        SELECT e.account_id, e.stripe, e.source, e.id, e.kind, -e.amount, e.source_before, e.source_after
          FROM ledger_entry e
    ), stands AS (
        SELECT b.account_id, b.stripe, k AS bucket, ledger_in(b, k) AS amount
          FROM ledger_balance b, unnest(enum_range(NULL::ledger_bucket)) k
    ), difference AS (
        SELECT 'balance' AS what, account_id, stripe, bucket, s.amount AS stands, coalesce(c.amount, 0) AS should,
               NULL::bigint AS entry
          FROM stands s
          FULL JOIN (SELECT account_id, stripe, bucket, sum(amount) AS amount FROM change GROUP BY 1, 2, 3) c
                USING (account_id, stripe, bucket)
         WHERE s.amount IS DISTINCT FROM coalesce(c.amount, 0)
        UNION ALL
        SELECT 'line', account_id, stripe, bucket, s.amount, coalesce(l.amount, 0), NULL
          FROM (SELECT * FROM stands WHERE bucket IN ('reserved', 'committed', 'due')) s
          FULL JOIN (SELECT account_id, stripe, bucket, sum(amount) AS amount FROM ledger_line
                      WHERE bucket IN ('reserved', 'committed', 'due') GROUP BY 1, 2, 3) l
                USING (account_id, stripe, bucket)
         WHERE s.amount IS DISTINCT FROM coalesce(l.amount, 0)
        UNION ALL
        SELECT 'chain', c.account_id, c.stripe, c.bucket, c.before, c.expected, c.id
          FROM (SELECT account_id, stripe, bucket, id, before,
                       lag(after, 1, 0::numeric) OVER (PARTITION BY account_id, stripe, bucket ORDER BY id) AS expected
                  FROM change) c
         WHERE c.before <> c.expected
        UNION ALL
        SELECT 'spread', account_id, NULL, 'outside', sum(amount), 0, NULL
          FROM change WHERE kind = 'spread' AND bucket = 'outside' GROUP BY account_id HAVING sum(amount) <> 0
    )
    SELECT * FROM difference ORDER BY account_id, entry NULLS FIRST, what, stripe, bucket LIMIT p_limit
$$;
