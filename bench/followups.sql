-- One contact of a customer, as one would write it by hand: the same effect on tables of the same shape and indexes, whose only user is this transaction.

CREATE TABLE bench.hand_tiers (LIKE tiering.assignments INCLUDING ALL);
CREATE TABLE bench.hand_log (LIKE tiering.assignment_log INCLUDING ALL);
CREATE TABLE bench.hand_followups (LIKE tiering.followups INCLUDING ALL);
INSERT INTO bench.hand_tiers SELECT * FROM tiering.assignments WHERE program = 'bench';
INSERT INTO bench.hand_log SELECT * FROM tiering.assignment_log WHERE program = 'bench';
INSERT INTO bench.hand_followups SELECT * FROM tiering.followups WHERE program = 'bench';
VACUUM ANALYZE bench.hand_tiers, bench.hand_log, bench.hand_followups;
