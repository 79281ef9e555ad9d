"""兑付申请 as the offices see them: the queue, the review screen, and many clean ones at once."""
