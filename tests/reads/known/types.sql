-- group: types, operators and built-in functions
---
SELECT 1::int2, 2::int4, 3::int8, 4::numeric(5, 2), 5::real, 6::double precision, 7::float(10), 8::decimal, '9'::money
---
SELECT CAST('42' AS integer), CAST(3.7 AS int), '12.5'::numeric::int, 'true'::boolean, 1::boolean, int '5'
---
SELECT 'customers'::regclass, 'customers'::regclass::oid > 0, 'int4'::regtype, 'public'::regnamespace, 'clear'::regrole, 'simple'::regconfig, 'simple'::regdictionary
---
SELECT to_regclass('no_such_table'), to_regtype('int'), to_regnamespace('reports'), to_regrole('nobody_at_all'), to_regproc('now'), to_regprocedure('now()'), to_regoper('||/'), to_regoperator('+(int4,int4)')
---
SELECT 'now'::regproc, 'now()'::regprocedure, '||/'::regoper, '+(int4,int4)'::regoperator
---
SELECT 'a' || 'b' || 1, 'abc' LIKE 'a%', 'ABC' ILIKE 'a_c', 'abc' NOT LIKE 'x%', 'a%c' LIKE 'a\%c' ESCAPE '\', 'abc' SIMILAR TO '(a|x)b_'
---
SELECT 'abc' ~ '^a', 'ABC' ~* 'b', 'abc' !~ 'x', 'abc' !~* 'B', 'abc' ~~ 'a%', 'abc' ~~* 'A%'
---
SELECT regexp_replace('foobarbaz', 'b(..)', E'X\\1Y', 'g'), regexp_match('foobarbequebaz', 'bar.*que'), regexp_split_to_array('a, b,c', '\s*,\s*')
---
SELECT * FROM regexp_matches('foobarbequebazilbarfbonk', '(b[^b]+)(b[^b]+)', 'g')
---
SELECT regexp_split_to_table('the quick brown fox', '\s+')
--- since 15
SELECT regexp_count('ABCABC', 'B'), regexp_instr('ABCABC', 'C', 4), regexp_like('Hello', 'h', 'i'), regexp_substr('ABCDEF', 'C(.)(..)', 1, 1, '', 2)
---
SELECT length('abc'), char_length('naïve'), octet_length('naïve'), bit_length('a'), upper('ß'), lower('ÀB'), initcap('hello world')
---
SELECT substring('Thomas' FROM 2 FOR 3), substring('Thomas' FROM '...$'), substring('Thomas' FROM 3), substr('abcdef', 2, 3), substring('Thomas' SIMILAR '%#"o_a#"_' ESCAPE '#')
---
SELECT overlay('Txxxxas' PLACING 'hom' FROM 2 FOR 4), position('om' IN 'Thomas'), strpos('high', 'ig'), left('abcde', 2), right('abcde', 2)
---
SELECT trim(BOTH 'x' FROM 'xTomxx'), trim('  a '), trim(LEADING FROM '  a'), trim(TRAILING 'a' FROM 'baa'), btrim('xyxtrimyyx', 'xyz'), ltrim('zzzy', 'xyz'), rtrim('testxxzx', 'xyz')
---
SELECT lpad('hi', 5, 'xy'), rpad('hi', 5, 'xy'), repeat('Pg', 4), replace('abcdef', 'cd', 'XX'), reverse('abc'), translate('12345', '143', 'ax'), split_part('a~@~b~@~c', '~@~', 2), split_part('a,b,c', ',', -1)
---
SELECT concat('a', NULL, 1, true), concat_ws(',', 'a', NULL, 'b'), format('Hello %s, %1$s, %I, %L', 'World', 'a b', 'c''d'), chr(65), ascii('x'), to_hex(255), md5('abc')
---
SELECT quote_ident('Foo bar'), quote_literal('O''Reilly'), quote_nullable(NULL), starts_with('alphabet', 'alph'), string_to_array('1,2,3', ','), array_to_string(ARRAY[1, NULL, 3], '-', '?')
---
SELECT normalize('äb', NFC) = U&'\00E4b', 'abc' IS NORMALIZED, U&'\0061' IS NFC NORMALIZED, unistr('d\0061t\+000061')
---
SELECT string_to_table('a,b,c', ','), encode('\xdeadbeef', 'base64'), decode('3q2+7w==', 'base64'), encode('abc', 'hex'), convert_from('\x6162', 'UTF8'), convert_to('text', 'UTF8')
---
SELECT sha224('a'), sha256('a'), sha384('a'), sha512('a'), get_byte('\x1234'::bytea, 0), set_byte('\x1234'::bytea, 0, 64), get_bit('\x1234'::bytea, 3), bit_count('\x1234'::bytea), length('\x1234'::bytea)
--- since 18
SELECT crc32('abc'), crc32c('abc'), reverse('\x0102'::bytea), casefold('ABC'), array_reverse(ARRAY[1, 2]), array_sort(ARRAY[3, 1, 2])
---
SELECT abs(-5), ceil(1.2), ceiling(1.2), floor(-1.2), round(2.567, 2), round(2.5), trunc(2.9), sign(-3), mod(7, 3), div(7, 3), power(2, 10), sqrt(16), cbrt(27), exp(0), ln(1), log(100), log(2, 8), log10(1000)
---
SELECT sin(0), cos(0), tan(0), asin(0), acos(1), atan(0), atan2(0, 1), cot(1) > 0, degrees(pi()), radians(180) = pi(), sind(30), cosd(60), sinh(0), cosh(0), tanh(0), gcd(12, 18), lcm(4, 6), factorial(5), scale(1.230), min_scale(1.230), trim_scale(1.230)
--- values vary
SELECT random(), random() * 100, gen_random_uuid(), clock_timestamp(), statement_timestamp(), transaction_timestamp(), timeofday()
--- values vary
SELECT now(), CURRENT_DATE, CURRENT_TIME, CURRENT_TIMESTAMP(3), LOCALTIME, LOCALTIMESTAMP(0), now()::date, 'now'::timestamptz, 'today'::date
--- values vary
SELECT id FROM products ORDER BY random() LIMIT 3
--- since 16, values vary
SELECT random_normal(), random_normal(10, 2), erf(0), erfc(0)
--- since 17, values vary
SELECT random(1, 10), random(1.0, 2.0), random(1::bigint, 5::bigint)
--- since 18, values vary
SELECT uuidv4(), uuidv7(), uuidv7(interval '-1 day')
--- since 17
SELECT uuid_extract_version('41db1265-8bc1-4ab3-992f-885799a4af1d'), uuid_extract_timestamp('c232ab00-9414-11ec-b3c8-9f6bdeced846')
--- since 16
SELECT 0b101, 0o17, 0xFF, 1_000_000, 1_000.000_1
---
SELECT DATE '2024-02-29', TIME '12:34:56', TIME WITH TIME ZONE '12:34:56+02', TIMESTAMP '2024-02-29 12:34:56', TIMESTAMPTZ '2024-02-29 12:34:56+00', INTERVAL '1 year 2 months 3 days', INTERVAL '5' DAY, INTERVAL '1:30' HOUR TO MINUTE
---
SELECT date '2024-03-01' - date '2024-02-01', date '2024-01-31' + interval '1 month', timestamp '2024-01-01' - interval '1 second', 3 * interval '15 minutes', date '2024-01-01' + time '03:00', age(timestamp '2024-04-10', timestamp '1957-06-13')
---
SELECT EXTRACT(YEAR FROM timestamp '2024-02-16 20:38:40'), EXTRACT(epoch FROM interval '1 hour'), EXTRACT(DOW FROM date '2024-01-01'), EXTRACT('week' FROM date '2024-01-01'), date_part('hour', timestamp '2024-02-16 20:38:40'), EXTRACT(ISODOW FROM date '2024-01-07')
---
SELECT date_trunc('hour', timestamp '2024-02-16 20:38:40'), date_trunc('day', timestamptz '2024-02-16 20:38:40+00', 'Australia/Sydney'), date_bin('15 minutes', timestamp '2024-02-11 15:44:17', timestamp '2001-01-01')
---
SELECT timestamp '2024-02-16 20:38:40' AT TIME ZONE 'America/Denver', timestamptz '2024-02-16 20:38:40-05' AT TIME ZONE 'America/Denver', timezone('UTC', timestamptz '2024-01-01 00:00+02')
---
SELECT (DATE '2001-02-16', DATE '2001-12-21') OVERLAPS (DATE '2001-10-30', DATE '2002-10-30'), (DATE '2001-02-16', INTERVAL '100 days') OVERLAPS (DATE '2001-10-30', DATE '2002-10-30')
---
SELECT to_char(timestamp '2024-04-20 17:31:12', 'YYYY-MM-DD HH24:MI:SS Day'), to_char(125.8, '999D9'), to_char(interval '15h 2m', 'HH24:MI'), to_date('05 Dec 2000', 'DD Mon YYYY'), to_timestamp('05 Dec 2000', 'DD Mon YYYY'), to_number('12,454.8-', '99G999D9S'), to_timestamp(1284352323)
---
SELECT make_date(2013, 7, 15), make_time(8, 15, 23.5), make_timestamp(2013, 7, 15, 8, 15, 23.5), make_timestamptz(2013, 7, 15, 8, 15, 23.5, 'UTC'), make_interval(days => 10, hours => 2)
---
SELECT justify_days(interval '35 days'), justify_hours(interval '27 hours'), justify_interval(interval '1 mon -1 hour'), isfinite(date 'infinity'), 'epoch'::timestamptz, '-infinity'::date
--- since 16
SELECT date_add(timestamptz '2021-10-31 00:00:00+02', interval '1 day', 'Europe/Warsaw'), date_subtract(timestamptz '2021-11-01 00:00:00+01', interval '1 day', 'Europe/Warsaw')
---
SELECT ARRAY[1, 2, 3], ARRAY[[1, 2], [3, 4]], '{a,b}'::text[], ARRAY[]::int[], ARRAY(SELECT id FROM categories ORDER BY id)
---
SELECT (ARRAY[1, 2, 3])[2], (ARRAY[1, 2, 3, 4])[2:3], ('{{1,2},{3,4}}'::int[])[2][1], (ARRAY[5, 6])[:1]
---
SELECT ARRAY[1, 2] || 3, 0 || ARRAY[1], ARRAY[1, 2] || ARRAY[3], ARRAY[1, 4, 3] @> ARRAY[3, 1], ARRAY[2, 7] <@ ARRAY[1, 7, 4, 2, 6], ARRAY[1, 4, 3] && ARRAY[2, 1], ARRAY[1, 2] < ARRAY[1, 3]
---
SELECT array_append(ARRAY[1, 2], 3), array_prepend(1, ARRAY[2]), array_cat(ARRAY[1], ARRAY[2]), array_remove(ARRAY[1, 2, 1], 1), array_replace(ARRAY[1, 2], 2, 9), array_position(ARRAY['a', 'b'], 'b'), array_positions(ARRAY['A', 'B', 'A'], 'A')
---
SELECT array_length(ARRAY[1, 2, 3], 1), array_ndims(ARRAY[[1], [2]]), array_dims(ARRAY[1, 2]), array_lower('[0:2]={1,2,3}'::int[], 1), array_upper(ARRAY[1, 8], 1), cardinality(ARRAY[[1, 2], [3, 4]]), array_fill(7, ARRAY[3]), trim_array(ARRAY[1, 2, 3, 4], 2), generate_subscripts(ARRAY[1, 2], 1)
---
SELECT id, sizes[1], sizes[array_upper(sizes, 1)] FROM products WHERE 3 = ANY (sizes) AND sizes @> '{9}' ORDER BY id LIMIT 5
---
SELECT int4range(10, 20) @> 15, numrange(11.1, 22.2) && numrange(20.0, 30.0), upper(int8range(15, 25)), lower(int4range(1, 5)), int4range(10, 20) * int4range(15, 25), isempty(numrange(1, 1)), '[3,7)'::int4range -|- '[7,9)', lower_inc('[1,2]'::numrange), upper_inf('(,)'::daterange), range_merge('[1,2)'::int4range, '[3,4)')
---
SELECT '{[3,7), [8,9)}'::int4multirange, int4multirange(int4range(1, 3), int4range(5, 9)) @> 6, multirange('[1,5)'::int4range), range_agg(sold) FROM products WHERE id < 5
---
SELECT unnest('{[3,7), [8,9)}'::int4multirange), range_intersect_agg(r) FROM (VALUES ('[1,9)'::int4range), ('[2,12)')) AS v (r) GROUP BY 1
---
SELECT id FROM products WHERE valid @> 50.5 AND sold << daterange('2024-06-01', NULL) ORDER BY id
---
SELECT room, lower(during), upper(during) FROM bookings WHERE during && tsrange('2024-05-01 11:00', '2024-05-01 12:30') ORDER BY room, 2
---
SELECT 'sad'::mood < 'happy'::mood, enum_range(NULL::mood), enum_first(NULL::mood), enum_last(NULL::mood), enum_range('content'::mood, NULL), mood, count(*) FROM customers GROUP BY mood ORDER BY mood
---
SELECT point '(1,2)' + point '(3,4)', point(1, 2) <-> point(4, 6), box '((0,0),(1,1))' && box '((0.5,0.5),(2,2))', circle '<(0,0),2>' @> point '(1,1)', lseg '[(0,0),(1,1)]', path '((0,0),(1,1),(2,0))', polygon '((0,0),(1,1),(2,0))', line '{1,2,3}'
---
SELECT area(box '((0,0),(2,3))'), center(box '((0,0),(2,4))'), diameter(circle '<(0,0),2>'), height(box '((0,0),(2,3))'), width(box '((0,0),(2,3))'), isclosed(path '((0,0),(1,1),(2,0))'), length(path '((-1,0),(1,0))'), npoints(path '[(0,0),(1,1),(2,0)]'), radius(circle '<(0,0),2>'), bound_box(box '((0,0),(1,1))', box '((3,3),(4,4))'), slope(point(0, 0), point(2, 1))
---
SELECT name, place <-> point '(0,0)' AS distance, area @> place AS inside FROM hosts ORDER BY place <-> point '(0,0)'
---
SELECT name, host(address), masklen(address), netmask(address), network(address), broadcast(address), family(address), abbrev(net), text(address), hostmask(address), set_masklen(address, 16) FROM hosts ORDER BY name
---
SELECT inet '192.168.1.5' << inet '192.168.1/24', inet '192.168.1.5' <<= '192.168.1.5', '10/8'::cidr >> '10.1.2.3'::inet, inet '192.168.1.6' + 25, inet_merge('192.168.1.5/24', '192.168.2.5/24'), inet_same_family('::1', '10.0.0.1'), trunc(macaddr '12:34:56:78:90:ab'), macaddr8_set7bit('00:34:56:ab:cd:ef')
---
SELECT B'1001' & B'0110', B'10' || B'01', b'101'::int, X'1F', 44::bit(10), bit_length(B'10'), flags, ~flags, flags << 2, get_bit(flags, 0), set_bit(flags, 1, 1), overlay(flags PLACING B'1' FROM 1) FROM hosts ORDER BY name
---
SELECT 'abc' COLLATE "C" < 'ABD', name COLLATE "C" FROM categories ORDER BY name COLLATE "POSIX" DESC
---
SELECT collation for (title), collation for ('x'::text) FROM documents LIMIT 1
---
SELECT to_tsvector('english', 'The fat cats sat on a mat'), to_tsquery('english', 'fat & cat'), plainto_tsquery('simple', 'fat cat'), phraseto_tsquery('english', 'fat cats'), websearch_to_tsquery('english', '"fat cat" or mat -dog')
---
SELECT id, ts_rank(words, query) AS rank FROM products, to_tsquery('english', 'rare & thing') AS query WHERE words @@ query ORDER BY rank DESC, id LIMIT 5
---
SELECT ts_headline('english', body, to_tsquery('fox'), 'StartSel=<b>, StopSel=</b>'), ts_rank_cd(ts, 'fox'::tsquery) FROM documents WHERE ts @@ 'fox' ORDER BY id LIMIT 3
---
SELECT strip(ts), setweight(ts, 'A'), length(ts), numnode('a & b'::tsquery), querytree('a & !b'::tsquery), 'a'::tsquery && 'b'::tsquery, 'a'::tsquery <-> 'b', !! 'a'::tsquery, tsvector_to_array(ts), ts_delete(ts, 'fox'), ts_filter(setweight(ts, 'B'), '{b}'), ts_lexize('english_stem', 'stars'), get_current_ts_config() FROM documents ORDER BY id LIMIT 1
---
SELECT * FROM ts_parse('default', 'foo - bar')
---
SELECT * FROM ts_token_type('default')
---
SELECT alias, token, lexemes FROM ts_debug('english', 'a fat cat')
---
SELECT array_to_tsvector(ARRAY['a', 'b']), ts_rewrite('a & b'::tsquery, 'a'::tsquery, 'c'::tsquery), tsquery_phrase('a', 'b', 2), unnest('a:1 b:2'::tsvector)
---
SELECT pg_size_pretty(pg_total_relation_size('customers')) IS NOT NULL, pg_relation_size('customers') > 0, pg_table_size('customers') > 0, pg_indexes_size('customers') > 0, pg_database_size(current_database()) > 0, pg_column_size(1), pg_size_bytes('1 MB'), pg_size_pretty(123456789::numeric)
---
SELECT pg_typeof(1), pg_typeof(now()), pg_typeof('x'::text), format_type(23, NULL), format_type('numeric'::regtype, 786438), pg_client_encoding(), num_nulls(1, NULL), num_nonnulls(1, NULL)
---
SELECT has_table_privilege('customers', 'SELECT'), has_table_privilege('clear', 'customers', 'INSERT'), has_schema_privilege('public', 'USAGE'), has_column_privilege('customers', 'name', 'SELECT'), has_database_privilege('store', 'CONNECT'), has_function_privilege('now()', 'EXECUTE'), has_sequence_privilege('invoice_number', 'USAGE'), has_any_column_privilege('customers', 'SELECT'), pg_has_role('pg_monitor', 'MEMBER'), has_type_privilege('mood', 'USAGE'), row_security_active('documents')
---
SELECT obj_description('customers'::regclass, 'pg_class'), col_description('customers'::regclass, 3), shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = 'store'
--- values vary
SELECT pg_postmaster_start_time(), pg_conf_load_time(), now() - pg_postmaster_start_time() AS up, txid_current_if_assigned(), pg_current_xact_id_if_assigned(), pg_current_snapshot(), txid_current_snapshot()
---
SELECT xid_in.t::text, pg_snapshot_xmin('10:20:10,14,15'), pg_visible_in_snapshot('12', '10:20:10,14,15'), mxid_age('3') IS NOT NULL, '0/16B3748'::pg_lsn - '0/16B3700'::pg_lsn FROM (SELECT '5'::xid AS t) AS xid_in
---
SELECT hashtext('a'), hashint4(1), hash_record(ROW (1, 'a'::text)), bttextcmp('a', 'b'), int4pl(1, 2), textcat('a', 'b'), numeric_add(1, 2), int8mul(3, 4), float8(1), text('a'::char), int4(5.4), date(timestamp '2024-01-01 10:00'), "char"(65), "varchar"('abc'::name), bpchar('x'::"char")
---
SELECT '(1,2,"a b")'::text, ROW (1, 'x', NULL), (ROW (1, 'x')).f1, ('street','city','zip')::address, (('s', 'c', 'z')::address).city
---
SELECT id, name FROM customers WHERE id = ANY ('{1,2,3}'::int[]) AND name LIKE ANY (ARRAY['%1', '%2']) ORDER BY id
---
SELECT 'a'::char(3) || '|', 'abcdef'::varchar(3), 'x'::"char", 'name'::name, 'e'::citext = 'E', '5'::oid, '(0,1)'::tid, '1'::xid, '2'::cid
---
SELECT isfinite(now()), overlaps('2024-01-01'::timestamp, '2024-01-05'::timestamp, '2024-01-03'::timestamp, '2024-01-09'::timestamp), timezone(interval '1 hour', timestamp '2024-01-01')
---
SELECT mail, count(*) OVER () FROM customers WHERE mail = 'C7@EXAMPLE.ORG'
