\echo what describes the database
\d
\d customers
\d+ orders
\df warn_and_add
\l
\du
\encoding
SHOW server_version;
SHOW application_name;
\echo rows of every kind
SELECT * FROM customers ORDER BY id LIMIT 20;
SELECT c.name, o.amount, o.placed, o.tags, o.detail FROM customers c JOIN orders o ON o.customer = c.id WHERE c.id < 9 ORDER BY o.id;
SELECT NULL, '', 'naïve ✓', E'\x01\x7f', '{}'::jsonb, ARRAY[[1,2],[3,NULL]], ROW(1,'a'), 1e300::float8, 'NaN'::float8, interval '1 year 2 days';
SELECT;
SELECT WHERE false;
SELECT * FROM spending ORDER BY name LIMIT 5;
\gdesc
SELECT id, name AS "The Name", balance * 2 AS doubled FROM customers \gdesc
SELECT 1 AS one \gset chosen_
\echo :chosen_one
\x
SELECT * FROM customers WHERE id = 7;
\x
\echo errors
SELECT 1/0;
SELECT no_such_column FROM customers;
SELECT * FROM no_such_table;
SELEC 1;
INSERT INTO customers VALUES (1, 'twice');
INSERT INTO customers (id) VALUES (100001);
INSERT INTO orders VALUES (100001, 999999, 1, '2024-01-01');
INSERT INTO orders VALUES (100001, 1, -1, '2024-01-01');
SELECT 'x'::int;
SELECT E'\xff';
\echo several statements at once
SELECT 1 AS first\; SELECT 2 AS second\; SELECT 3 AS third;
SELECT 1 AS first\; SELECT 1/0\; SELECT 3 AS never;
BEGIN\; INSERT INTO scratch VALUES (1)\; SELECT count(*) FROM scratch\; ROLLBACK;
;
\; ;
/* only a comment */;
\echo transactions
BEGIN;
INSERT INTO scratch VALUES (1, 'one', 1.5), (2, NULL, NULL);
SAVEPOINT here;
SELECT 1/0;
SELECT 'still failed';
ROLLBACK TO here;
SELECT * FROM scratch;
SELECT 1/0;
COMMIT;
SELECT count(*) FROM scratch;
COMMIT;
BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY DEFERRABLE;
INSERT INTO scratch VALUES (1);
ROLLBACK;
\echo cursors
BEGIN;
DECLARE those CURSOR FOR SELECT id, name FROM customers ORDER BY id;
FETCH 3 FROM those;
MOVE 10 IN those;
FETCH BACKWARD 2 FROM those;
CLOSE those;
FETCH 1 FROM those;
ROLLBACK;
\set FETCH_COUNT 100
SELECT id, city FROM customers ORDER BY id;
\unset FETCH_COUNT
\echo copies
COPY (SELECT * FROM customers ORDER BY id LIMIT 25) TO STDOUT;
COPY (SELECT id, note FROM customers ORDER BY id LIMIT 5) TO STDOUT WITH (FORMAT csv, HEADER);
COPY scratch FROM STDIN;
1	one	1.5
2	\N	\N
3	drei und ein Schrägstrich \\	-0
\.
SELECT * FROM scratch ORDER BY id;
COPY scratch (id) FROM STDIN;
4
not a number
6
\.
COPY scratch FROM STDIN WITH (FORMAT csv);
7,"sieben, und ""mehr""",7.7
\.
SELECT * FROM scratch ORDER BY id;
COPY no_such_table FROM STDIN;
COPY customers TO '/nonexistent/file';
TRUNCATE scratch;
\copy (SELECT id FROM customers ORDER BY id LIMIT 3) TO STDOUT
\echo notices
DO $$ BEGIN RAISE NOTICE 'a notice with %', 42; RAISE WARNING 'a warning'; RAISE INFO 'an information'; END $$;
SELECT warn_and_add(1, 2);
DO $$ BEGIN RAISE EXCEPTION 'all fields' USING ERRCODE = 'P0099', DETAIL = 'd', HINT = 'h', COLUMN = 'c', CONSTRAINT = 'k', DATATYPE = 't', TABLE = 'b', SCHEMA = 's'; END $$;
DROP TABLE IF EXISTS never_there;
\echo notifications
LISTEN bell;
NOTIFY bell, 'rung';
SELECT pg_notify('bell', 'rung by a function');
UNLISTEN *;
\echo settings
SET statement_timeout = '100ms';
SELECT pg_sleep(30);
RESET statement_timeout;
SET application_name = 'renamed';
SET TIME ZONE 'Asia/Tokyo';
SET datestyle = 'German';
SET client_encoding = 'LATIN1';
SET client_encoding = 'UTF8';
SELECT current_date > DATE '2000-01-01', TIMESTAMP '2024-02-29 12:00';
RESET ALL;
\echo prepared
PREPARE by_id (int) AS SELECT name FROM customers WHERE id = $1;
EXECUTE by_id(3);
EXECUTE by_id(1, 2);
EXPLAIN (COSTS OFF) EXECUTE by_id(4);
DEALLOCATE by_id;
EXECUTE by_id(3);
BEGIN;
INSERT INTO scratch VALUES (9);
PREPARE TRANSACTION 'two phases';
ROLLBACK PREPARED 'two phases';
\echo a large result
SELECT n, md5(n::text), repeat('x', n % 100) FROM generate_series(1, 20000) AS n;
\echo the end of it
