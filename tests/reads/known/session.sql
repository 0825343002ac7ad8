-- group: session settings that clients send
---
SET application_name = 'reports'
---
SET application_name TO 'PostgreSQL JDBC Driver'
---
SET SESSION application_name = 'a "quoted" name'
---
SET client_encoding = 'UTF8'
---
SET client_encoding TO 'utf-8'
---
SET NAMES 'UTF8'
---
SET names 'utf8';
---
SET DateStyle = 'ISO, MDY'
---
SET DATESTYLE TO ISO
---
SET datestyle = ISO, YMD;
---
SET TIME ZONE 'UTC'
---
SET TIME ZONE 'Europe/Berlin'
---
SET TIME ZONE INTERVAL '+02:00' HOUR TO MINUTE
---
SET TIME ZONE LOCAL
---
SET TimeZone TO 'UTC'
---
SET SESSION TIME ZONE DEFAULT
---
SET extra_float_digits = 3
---
SET extra_float_digits TO 2
---
SET search_path TO public
---
SET search_path = "$user", public, reports
---
SET search_path TO DEFAULT
---
SET statement_timeout = 60000
---
SET statement_timeout TO '60s'
---
SET lock_timeout = '5s'
---
SET idle_in_transaction_session_timeout = '10min'
---
SET intervalstyle = 'iso_8601'
---
SET IntervalStyle TO postgres
---
SET client_min_messages TO warning
---
SET client_min_messages = 'ERROR'
---
SET standard_conforming_strings = on
---
SET standard_conforming_strings TO 'on'
---
SET bytea_output = 'hex'
---
SET xmloption TO content
---
SET work_mem = '64MB'
---
SET enable_seqscan = off
---
SET enable_seqscan TO on
---
SET random_page_cost = 1.1
---
SET effective_cache_size = '4GB'
---
SET max_parallel_workers_per_gather = 0
---
SET jit = off
---
SET cursor_tuple_fraction = 1.0
---
SET plan_cache_mode = force_generic_plan
---
SET constraint_exclusion = partition
---
SET row_security = on
---
SET geqo TO off
---
SET from_collapse_limit = 12
---
SET join_collapse_limit = 12
---
SET default_transaction_isolation = 'repeatable read'
---
SET default_transaction_isolation TO 'read committed'
---
SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED
---
SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY
---
SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL SERIALIZABLE, READ ONLY, DEFERRABLE
---
SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED, NOT DEFERRABLE
---
SET default_transaction_read_only = on
---
SET default_transaction_read_only TO true
---
SET my.trace_id = '4bf92f3577b34da6a3ce929d0e0e4736'
---
SHOW my.trace_id
---
SELECT current_setting('my.trace_id', true)
---
SHOW application_name
---
SHOW server_version
---
SHOW server_version_num
---
SHOW TRANSACTION ISOLATION LEVEL
---
SHOW transaction_isolation
---
SHOW transaction_read_only
---
SHOW default_transaction_read_only
---
SHOW search_path
---
SHOW TIME ZONE
---
SHOW TimeZone;
---
SHOW standard_conforming_strings
---
SHOW client_encoding
---
SHOW server_encoding
--- until 15
SHOW lc_collate
--- until 15
SHOW lc_ctype
---
SHOW max_identifier_length
---
SHOW integer_datetimes
---
SHOW is_superuser
---
SHOW SESSION AUTHORIZATION
---
SHOW max_connections
---
SHOW "max_index_keys"
---
SHOW ALL
---
SELECT set_config('application_name', 'console', false)
---
SELECT pg_catalog.set_config('application_name', 'console', false)
---
SELECT set_config('search_path', 'public', false)
---
SELECT pg_catalog.set_config('search_path', '', false)
---
SELECT set_config('statement_timeout', '30000', true)
---
SELECT set_config('bytea_output', 'hex', false) FROM pg_catalog.pg_settings WHERE name = 'bytea_output'
---
SELECT set_config('TimeZone', 'UTC', false), set_config('DateStyle', 'ISO', false)
---
SELECT current_setting('server_version_num')::int >= 140000 AS new_enough
---
SELECT current_setting('search_path'), current_setting('no.such_setting', true)
---
SELECT name, setting, unit, category, short_desc, context, vartype FROM pg_settings ORDER BY name
---
SELECT setting FROM pg_settings WHERE name = 'max_connections'
---
RESET search_path
---
RESET statement_timeout
---
RESET ALL
---
RESET TIME ZONE
---
RESET application_name
---
SELECT version()
---
SELECT current_user, session_user, current_database(), current_schema(), current_catalog
---
SELECT USER, CURRENT_ROLE, CURRENT_SCHEMA
---
SELECT current_schemas(true), current_schemas(false)
--- values vary
SELECT pg_backend_pid(), inet_server_addr(), inet_server_port(), inet_client_addr(), inet_client_port()
