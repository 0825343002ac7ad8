-- group: JSON, XML
---
SELECT '{"a":{"b":[1,2,{"c":null}]}}'::jsonb -> 'a' -> 'b' -> 2 ->> 'c', '{"a":1}'::json ->> 'a', '[1,2,3]'::jsonb -> -1, '{"a":{"b":5}}'::jsonb #> '{a,b}', '{"a":{"b":5}}'::json #>> '{a,b}'
---
SELECT '{"a":1,"b":2}'::jsonb @> '{"b":2}', '{"b":2}'::jsonb <@ '{"a":1,"b":2}', '{"a":1}'::jsonb ? 'a', '{"a":1}'::jsonb ?| ARRAY['b', 'a'], '{"a":1,"b":2}'::jsonb ?& ARRAY['a', 'b'], '{"a":1}'::jsonb || '{"b":2}', '{"a":1,"b":2}'::jsonb - 'a', '["a","b"]'::jsonb - 1, '{"a":{"b":1}}'::jsonb #- '{a,b}', '{"a":1,"b":2}'::jsonb - '{a,b}'::text[]
---
SELECT ('{"a":{"b":[1,2]}}'::jsonb)['a']['b'][0], settings['theme'] FROM customers ORDER BY id LIMIT 2
---
SELECT '{"a":[1,2,3,4,5]}'::jsonb @? '$.a[*] ? (@ > 2)', '{"a":[1,2]}'::jsonb @@ '$.a[*] > 1', jsonb_path_exists('{"a":[1,2]}', '$.a[*] ? (@ > 5)'), jsonb_path_match('{"a":1}', '$.a == 1'), jsonb_path_query_array('{"a":[1,2,3]}', '$.a[*] ? (@ > $min)', '{"min":2}'), jsonb_path_query_first('[1,2]', '$[*]')
---
SELECT jsonb_path_query('{"a":[1,2,3,4,5]}', 'strict $.a[*] ? (@ >= 2 && @ <= 4)'), jsonb_path_exists_tz('["2015-08-01 12:00:00-05"]', '$[*] ? (@.datetime() < "2015-08-02".datetime())')
---
SELECT to_json('x'::text), to_jsonb(ROW (1, 'a')), row_to_json(ROW (1, 'a'), true), array_to_json('{{1,5},{99,100}}'::int[]), json_build_array(1, 2, 'foo'), json_build_object('foo', 1, 2, row(3)), jsonb_build_array(1, NULL), jsonb_build_object('a', 1), json_object('{a,b}', '{1,2}'), jsonb_object('{a,1,b,2}')
---
SELECT * FROM json_array_elements('[1,true,[2,false]]')
---
SELECT * FROM jsonb_array_elements_text('["a","b"]') WITH ORDINALITY
---
SELECT * FROM json_each('{"a":"foo","b":"bar"}')
---
SELECT key, value FROM customers, jsonb_each(settings) WHERE id = 1 ORDER BY key
---
SELECT * FROM jsonb_each_text('{"a":"foo","b":null}')
---
SELECT json_object_keys('{"f1":"abc","f2":{"f3":"a"}}'), jsonb_typeof('-123.4'), json_typeof('null'), json_array_length('[1,2,3]'), jsonb_array_length('[1]'), json_extract_path_text('{"a":{"b":"c"}}', 'a', 'b'), jsonb_extract_path('{"a":1}', 'a')
---
SELECT * FROM jsonb_to_record('{"a":1,"b":[1,2,3],"c":"bar"}') AS x (a int, b text, d text)
---
SELECT * FROM json_to_recordset('[{"a":1,"b":"foo"},{"a":2,"c":"bar"}]') AS x (a int, b text)
---
SELECT * FROM jsonb_populate_record(NULL::address, '{"street":"s","city":"c"}')
---
SELECT * FROM json_populate_recordset(NULL::address, '[{"street":"s"},{"zip":"1"}]')
---
SELECT jsonb_set('{"a":1}', '{b}', '2'), jsonb_set_lax('{"a":1}', '{a}', NULL), jsonb_insert('{"a":[0,1]}', '{a,1}', '"new"'), jsonb_strip_nulls('{"a":null}'), json_strip_nulls('{"a":null,"b":1}'), jsonb_pretty('{"a":[1]}')
---
SELECT json_agg(id ORDER BY id), jsonb_agg(name ORDER BY id), json_object_agg(id, name ORDER BY id), jsonb_object_agg(name, id) FROM categories
---
SELECT document -> 'parts' -> 0 ->> 'v' AS v, (document ->> 'weight')::numeric AS weight FROM products WHERE document @> '{"parts":[{"k":"x"}]}' ORDER BY id LIMIT 5
---
SELECT p.id, part ->> 'k' AS k, (part ->> 'v')::int AS v FROM products AS p CROSS JOIN LATERAL jsonb_array_elements(p.document -> 'parts') AS part WHERE p.id < 4 ORDER BY 1, 2
---
SELECT settings ->> 'theme' AS theme, avg((settings ->> 'level')::int) FROM customers GROUP BY 1 ORDER BY 1
---
SELECT id FROM products WHERE document @? '$.parts[*] ? (@.v > 200)' ORDER BY id LIMIT 5
---
SELECT json_build_object('customer', c.name, 'orders', (SELECT coalesce(json_agg(json_build_object('id', o.id, 'total', o.total) ORDER BY o.id), '[]') FROM orders AS o WHERE o.customer = c.id)) FROM customers AS c ORDER BY c.id LIMIT 3
--- since 16
SELECT JSON_OBJECT('a': 1, 'b' VALUE 2 ABSENT ON NULL WITH UNIQUE KEYS), JSON_ARRAY(1, 'x', NULL NULL ON NULL), JSON_ARRAY(SELECT id FROM categories ORDER BY id), JSON_OBJECTAGG(name: id), JSON_ARRAYAGG(id ORDER BY id DESC RETURNING jsonb) FROM categories
--- since 16
SELECT '{"a":1}' IS JSON, '[1]' IS JSON ARRAY, '{"a":1}' IS JSON OBJECT WITH UNIQUE KEYS, '1' IS JSON SCALAR, 'x' IS NOT JSON
--- since 17
SELECT JSON('{"a":1}'), JSON_SCALAR(12.5), JSON_SERIALIZE('{"a":1}' RETURNING text)
--- since 17
SELECT JSON_EXISTS(document, '$.parts[*] ? (@.v > 10)'), JSON_VALUE(document, '$.id' RETURNING int DEFAULT 0 ON EMPTY ERROR ON ERROR), JSON_QUERY(document, '$.parts' WITH WRAPPER KEEP QUOTES) FROM products ORDER BY id LIMIT 3
--- since 17
SELECT p.id, t.* FROM products AS p, JSON_TABLE(p.document, '$.parts[*]' COLUMNS (place FOR ORDINALITY, k text PATH '$.k', v int PATH '$.v' DEFAULT 0 ON EMPTY, whole jsonb FORMAT JSON PATH '$', big boolean EXISTS PATH '$ ? (@.v > 100)')) AS t WHERE p.id < 4 ORDER BY 1, 2
--- since 17
SELECT * FROM JSON_TABLE('[{"a":1,"b":[{"c":2},{"c":3}]}]', '$[*]' PASSING 5 AS five COLUMNS (a int PATH '$.a', NESTED PATH '$.b[*]' COLUMNS (c int PATH '$.c'))) AS t
---
SELECT xmlelement(name foo, xmlattributes('xyz' AS bar), 'cont', 'ent'), xmlforest('abc' AS foo, 123 AS bar), xmlcomment('hello'), xmlpi(name php, 'echo'), xmlconcat('<abc/>', '<bar>foo</bar>'), xmlroot(xmlparse(document '<content>abc</content>'), version '1.0', standalone yes)
---
SELECT xpath('/sheet/@number', sheet), xpath_exists('/sheet/line', sheet), xmlexists('//line' PASSING BY VALUE sheet), sheet IS DOCUMENT, xmlserialize(CONTENT sheet AS text) FROM products ORDER BY id LIMIT 3
---
SELECT p.id, x.* FROM products AS p, XMLTABLE('/sheet' PASSING p.sheet COLUMNS number int PATH '@number', line text PATH 'line' DEFAULT 'none', place FOR ORDINALITY) AS x WHERE p.id < 4 ORDER BY 1
---
SELECT x.* FROM XMLTABLE(XMLNAMESPACES('http://example.org/x' AS x), '/x:rows/x:row' PASSING '<rows xmlns="http://example.org/x"><row id="1"/></rows>' COLUMNS id int PATH '@id') AS x
---
SELECT xmlagg(xmlelement(name c, name) ORDER BY id), xml_is_well_formed('<a/>'), xml_is_well_formed_document('x'), xml_is_well_formed_content('x'), xmlparse(content 'abc<foo>bar</foo>') FROM categories
