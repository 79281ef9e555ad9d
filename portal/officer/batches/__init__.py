"""兑付批次 from the notice to the last payment (第二十条、第二十一条)."""
