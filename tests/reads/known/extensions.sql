-- group: functions of extensions
---
SELECT similarity('word', 'two words'), word_similarity('word', 'two words'), strict_word_similarity('word', 'two words'), show_trgm('word'), show_limit(), 'word' % 'words', 'word' <-> 'words', 'word' <% 'two words', 'two words' %> 'word'
---
SELECT id, name, similarity(name, 'product 12') AS score FROM products WHERE name % 'product 12' ORDER BY score DESC, id LIMIT 5
---
SELECT id FROM products ORDER BY name <-> 'product 77', id LIMIT 3
---
SELECT encode(digest('abc', 'sha256'), 'hex'), encode(hmac('data', 'key', 'sha1'), 'hex'), digest('\x61'::bytea, 'md5')
--- values vary
SELECT length(gen_salt('bf')), length(gen_salt('md5')), length(crypt('secret', gen_salt('bf', 4))), length(gen_random_bytes(16)), public.gen_random_uuid() IS NOT NULL
---
SELECT crypt('secret', '$1$abcdefgh') = crypt('secret', crypt('secret', '$1$abcdefgh'))
---
SELECT convert_from(decrypt(encrypt('hello', 'key', 'aes'), 'key', 'aes'), 'UTF8'), length(encrypt_iv('hello', 'key', '0123456789abcdef', 'aes')), pgp_sym_decrypt(pgp_sym_encrypt('text', 'password'), 'password'), armor('\x00'), dearmor(armor('\x00'))
--- values vary
SELECT uuid_generate_v1(), uuid_generate_v4(), uuid_generate_v1mc()
---
SELECT uuid_generate_v5(uuid_ns_url(), 'http://example.org'), uuid_generate_v3(uuid_ns_dns(), 'example.org'), uuid_nil(), uuid_ns_oid(), uuid_ns_x500()
---
SELECT 'a=>1,b=>2'::hstore -> 'a', extra -> 'n', extra ? 'n', extra @> 'n=>5', extra || 'x=>y', extra - 'n'::text, akeys(extra), avals(extra), hstore_to_json(extra), hstore_to_jsonb(extra), exist(extra, 'n'), defined(extra, 'n'), slice(extra, ARRAY['n']), hstore_to_array(extra), delete(extra, 'n') FROM customers ORDER BY id LIMIT 3
---
SELECT * FROM each('a=>1,b=>2'::hstore)
---
SELECT skeys('a=>1,b=>2'), svals('a=>1,b=>2'), hstore('k', 'v'), hstore(ARRAY['a', 'b'], ARRAY['1', '2']), hstore(ROW (1, 2)), %% 'a=>1'::hstore
---
SELECT 'Foo'::citext = 'foO', mail FROM customers WHERE mail LIKE 'C1%' ORDER BY id LIMIT 3
---
SELECT replace('aBc'::citext, 'b', 'x'), split_part('aXb'::citext, 'x', 2), strpos('abC'::citext, 'c'), regexp_match('aBc'::citext, 'b')
---
SELECT path, nlevel(path), subpath(path, 0, 1), subltree(path, 0, 1), index(path, 'all'), lca(path, 'all.books'), path ~ 'all.*{1}', path <@ 'all.books', path @> 'all.books.maps', path @ 'books & !food', path || 'x', ltree2text(path), text2ltree('a.b') FROM categories ORDER BY id
---
SELECT sort(ARRAY[3, 1, 2]), sort_desc(ARRAY[3, 1, 2]), sort_asc(ARRAY[2, 1]), uniq(sort(ARRAY[1, 1, 2])), icount(ARRAY[1, 2]), idx(ARRAY[11, 22], 22), subarray(ARRAY[1, 2, 3], 2, 2), intset(5), ARRAY[1, 2] - 1, ARRAY[1, 2] | 3, ARRAY[1, 2, 3] & ARRAY[2, 3, 4], ARRAY[1, 2, 3] @@ '1&2'::query_int, # ARRAY[1, 2]
---
SELECT cube(ARRAY[1, 2], ARRAY[3, 4]), cube_distance('(0,0)', '(3,4)'), '(1,2)'::cube <-> '(2,3)', cube_dim('(1,2,3)'), cube_ll_coord('(1,2),(3,4)', 1), cube_ur_coord('(1,2),(3,4)', 2), cube_enlarge('(1,2)', 1, 2), cube_union('(1)', '(2)'), cube_inter('(1),(5)', '(3),(9)'), cube_is_point('(1)'), cube_contains('(0),(5)', '(2)'), cube_size('(0,0),(2,2)'), cube_subset('(1,2,3)', ARRAY[3])
---
SELECT round(earth_distance(ll_to_earth(51.5, 0.1), ll_to_earth(48.8, 2.3))), round(earth()), latitude(ll_to_earth(10, 20)), longitude(ll_to_earth(10, 20)), earth_box(ll_to_earth(10, 20), 1000) @> ll_to_earth(10, 20), point(-0.1, 51.5) <@> point(2.3, 48.8), sec_to_gc(1), gc_to_sec(1)
---
SELECT soundex('hello'), difference('Anne', 'Ann'), levenshtein('GUMBO', 'GAMBOL'), levenshtein('a', 'b', 2, 1, 1), levenshtein_less_equal('extensive', 'exhaustive', 2), metaphone('GUMBO', 4), dmetaphone('gumbo'), dmetaphone_alt('gumbo')
--- since 16
SELECT daitch_mokotoff('George')
---
SELECT unaccent('Hôtel'), unaccent('unaccent', 'Ångström'), to_tsvector('simple', unaccent('Crème brûlée'))
--- values vary
SELECT * FROM normal_rand(10, 5, 3)
--- values vary
SELECT * FROM pgstattuple('customers')
--- values vary
SELECT * FROM pgstattuple_approx('orders_2024'::regclass)
---
SELECT version, tree_level, index_size, leaf_pages FROM pgstatindex('customers_pkey')
---
SELECT version, pending_pages FROM pgstatginindex('products_words'), pg_relpages('customers') AS pages
--- values vary
SELECT count(*) > 0 AS buffers FROM pg_buffercache
--- rows vary
SELECT c.relname, count(*) AS buffers FROM pg_buffercache b JOIN pg_class c ON b.relfilenode = pg_relation_filenode(c.oid) AND b.reldatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database())) GROUP BY c.relname ORDER BY 2 DESC LIMIT 10
--- since 16, values vary
SELECT buffers_used, buffers_unused, buffers_dirty FROM pg_buffercache_summary()
--- since 16, values vary
SELECT usage_count, buffers FROM pg_buffercache_usage_counts()
--- values vary
SELECT blkno, avail FROM pg_freespace('customers') ORDER BY 1
--- values vary
SELECT all_visible, all_frozen FROM pg_visibility_map_summary('customers')
--- rows vary
SELECT * FROM pgrowlocks('drafts')
---
SELECT isbn('978-0-393-04002-9'), isbn13('978-0-393-04002-9'), is_valid(isbn '0-393-04002-X'), upc('220356483481'), issn('1436-4522'), ean13(isbn '0-393-04002-X')
---
SELECT '1 .. 3'::seg && '2 .. 5'::seg, seg_center('1 .. 3'), seg_size('1 .. 3'), seg_upper('1..3'), seg_lower('1..3'), '1(+-)2'::seg
--- values vary
SELECT ssl_is_used(), ssl_version(), ssl_cipher(), ssl_client_cert_present()
--- rows vary
SELECT count(*) FROM customers TABLESAMPLE SYSTEM_ROWS (10)
---
SELECT room FROM bookings WHERE room = 1 AND during @> timestamp '2024-05-01 11:00'
---
SELECT postgres_fdw_get_connections()
---
SELECT int4_dist(3, 7), 3 <-> 7, date_dist('2024-01-01', '2024-02-01')
