\set ECHO all
\pset pager off
\set VERBOSITY verbose
\echo what describes the database
\d
\d+ customers
\d spending
\d orders_by_customer
\dt+ customers
\di
\dv+
\df+ warn_and_add
\dn+
\dT
\du
\dp
\dRp+
\dx
\l
\sf warn_and_add
\sv spending
\dS pg_class
\echo variables, buffers, conditions
SELECT id, name FROM customers WHERE id = 3 \gset chosen_
\echo :chosen_id :'chosen_name'
SELECT :'chosen_name' AS name, :chosen_id + 1 AS next;
\if :chosen_id
SELECT 'taken' AS branch;
\else
SELECT 'not taken' AS branch;
\endif
SELECT 'SELECT ' || n || ' AS n' FROM generate_series(1, 3) AS n \gexec
SELECT 'SELECT 1 / ' || n FROM generate_series(-1, 1) AS n \gexec
SELECT city, id % 2 AS odd, count(*) FROM customers GROUP BY 1, 2 ORDER BY 1, 2 \crosstabview
SELECT id, name FROM customers ORDER BY id LIMIT 2 \gx
SELECT id, name, born FROM customers \gdesc
SELECT 1 AS one, 2 AS two \g (format=unaligned fieldsep=|)
\p
\r
SELECT 1/0;
\errverbose
\echo a statement again and again, until it fails
\t on
INSERT INTO scratch SELECT count(*)::int FROM scratch RETURNING 10 / (3 - id) AS left_over
\watch 0.01
\t off
DELETE FROM scratch;
\echo copies
\copy (SELECT id, name FROM customers ORDER BY id LIMIT 5) TO STDOUT CSV HEADER
\copy customers (id, city) TO PROGRAM 'sort -n | tail -n 2'
\copy scratch FROM PROGRAM 'seq 1 5 | sed "s/$/\tlabel\t1.5/"'
\copy scratch (id) FROM PROGRAM 'echo no number'
\copy scratch FROM STDIN
11	eleven	11.5
12	\N	\N
\.
SELECT * FROM scratch ORDER BY id;
TRUNCATE scratch;
\echo pages and pieces
\set FETCH_COUNT 7
SELECT id, city FROM customers ORDER BY id LIMIT 30;
SELECT 10 / (20 - n) FROM generate_series(1, 30) AS n;
\unset FETCH_COUNT
\echo savepoints of psql itself
\set ON_ERROR_ROLLBACK on
BEGIN;
INSERT INTO scratch VALUES (1);
SELECT 1/0;
INSERT INTO scratch VALUES (2);
COMMIT;
SELECT id FROM scratch ORDER BY id;
\set ON_ERROR_ROLLBACK off
\set AUTOCOMMIT off
DELETE FROM scratch;
SELECT count(*) FROM scratch;
ROLLBACK;
DELETE FROM scratch;
COMMIT;
\set AUTOCOMMIT on
\echo large objects, by function calls
\set QUIET on
\lo_import :file 'a file'
SELECT md5(string_agg(data, '' ORDER BY pageno)), count(*), sum(length(data)) FROM pg_largeobject WHERE loid = :LASTOID;
\lo_export :LASTOID /dev/null
\lo_unlink :LASTOID
SELECT count(*) FROM pg_largeobject;
\set QUIET off
\echo other databases and encodings
\c postgres
SELECT current_database();
\c shop
SELECT current_database();
\encoding LATIN1
SELECT length('Schrägstrich');
\encoding UTF8
\echo what newer ones can do
SELECT :VERSION_NUM >= 160000 AS binds, :VERSION_NUM >= 180000 AS pipes \gset
\if :binds
SELECT $1::int + $2::int AS sum \bind 3 4 \g
SELECT name FROM customers WHERE id = $1 \bind 5
;
SELECT $1::int \bind none \g
\endif
\if :pipes
SELECT name FROM customers WHERE id = $1 \parse by_id
\bind_named by_id 4 \g
\startpipeline
SELECT $1::text \bind piped \sendpipeline
\bind_named by_id 6 \sendpipeline
SELECT 2 AS two \bind \sendpipeline
\syncpipeline
SELECT 1/0 \bind \sendpipeline
SELECT 'never' \bind \sendpipeline
\syncpipeline
SELECT 3 AS three \bind \sendpipeline
\flushrequest
\getresults
\endpipeline
\close_prepared by_id
\bind_named by_id 4 \g
\endif
\echo the end of it
