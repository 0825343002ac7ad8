-- vector: a view that notifies
-- watch: notifications
-- as: select
SELECT * FROM evil.siren

-- vector: a column's look hides a function that notifies
-- watch: notifications
-- as: select
SELECT c.shouting FROM canary c LIMIT 1

-- vector: a built-in's name with other arguments notifies
-- watch: notifications
-- as: select
SELECT bit_length(1)

-- vector: a domain's check notifies
-- watch: notifications
-- as: select
SELECT 1::evil.loud

-- vector: an operator of one's own notifies
-- watch: notifications
-- as: select
SELECT 1 <~~> 2

-- vector: a foreign table that runs a program
-- watch: files
-- as: select
-- before: CREATE EXTENSION IF NOT EXISTS file_fdw; CREATE SERVER IF NOT EXISTS kept_server FOREIGN DATA WRAPPER file_fdw; DROP FOREIGN TABLE IF EXISTS kept_foreign; CREATE FOREIGN TABLE kept_foreign (a text) SERVER kept_server OPTIONS (program 'date +%N | tee {folder}/foreign.txt')
SELECT * FROM kept_foreign
