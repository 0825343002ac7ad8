//! Queries: relations, columns, functions, marks.

use crate::check;

#[test]
fn what_from_names_is_read_and_owns_its_columns() {
    check(&[
        ("select 1", "read select | returns_rows"),
        (
            "select a, b from t where c = 1 order by d limit 10",
            "read select | limited filtered returns_rows | relations: t read | columns: t.a, t.b, t.c, t.d | limit 10",
        ),
        ("select * from t", "read select | returns_rows all_columns | relations: t read | columns: t.*"),
        (
            "select t.* from s.t",
            "read select | returns_rows all_columns | relations: s.t read | columns: t.*",
        ),
        (
            "select x.a, y.b from t x join s.u y on x.id = y.id where z = 1",
            "read select | filtered returns_rows | relations: t read, s.u read | columns: t.a, u.b, t.id, u.id, ?.z",
        ),
        ("select t from t", "read select | returns_rows all_columns | relations: t read | columns: t.t, t.*"),
        (
            "select (t).a, (t).* from t",
            "read select | returns_rows all_columns | relations: t read | columns: ?.a, t.t, t.*, ?.*",
        ),
        (
            "select a from t where exists (select 1 from u where u.id = t.id)",
            "read select | filtered returns_rows | relations: t read, u read | columns: t.a, u.id, t.id",
        ),
        (
            "select a from (select b as a from t) s",
            "read select | returns_rows | relations: t read | columns: ?.a, ?.b",
        ),
        (
            "with x as (select * from y) select * from x",
            "read select | returns_rows all_columns | relations: y read | columns: y.*, ?.*",
        ),
        (
            "with y as (select * from y) select * from y",
            "read select | returns_rows all_columns | relations: y read | columns: y.*, ?.*",
        ),
        (
            "with recursive y as (select 1 union all select n from y) select * from y",
            "read select | returns_rows all_columns | columns: ?.n, ?.*",
        ),
        (
            "with a as (select 1), b as (select * from a) select * from b, a",
            "read select | returns_rows all_columns | columns: ?.*",
        ),
        (
            "with a as (delete from t where id = 1 returning *) select * from a",
            "write select | returns_rows all_columns | relations: t read+delete | columns: t.id, t.*, ?.*",
        ),
        (
            "with a as (delete from t returning *) select * from a",
            "write select | every_row returns_rows all_columns | relations: t read+delete | columns: t.*, ?.*",
        ),
        (
            "select 1 union select a from t limit 5",
            "read select | limited returns_rows | relations: t read | columns: t.a | limit 5",
        ),
        (
            "(select a from t where b=1) union all (select c from u) order by 1 fetch first 3 rows with ties",
            "read select | limited returns_rows | relations: t read, u read | columns: t.a, t.b, u.c",
        ),
    ]);
}

#[test]
fn limits_into_and_locks_are_marked() {
    check(&[
        ("values (1), (2)", "read select | returns_rows"),
        ("table t", "read select | returns_rows all_columns | relations: t read | columns: t.*"),
        (
            "select a into u from t",
            "ddl select into | literals_decide | relations: u define, t read | columns: t.a",
        ),
        (
            "select a into temp u from t",
            "ddl select into | literals_decide temporary | relations: u define, t read | columns: t.a",
        ),
        (
            "select a from t for update",
            "read select | locks_rows returns_rows | relations: t read+lock | columns: t.a",
        ),
        (
            "select a from t, u for share of u nowait",
            "read select | locks_rows returns_rows | relations: t read, u read+lock | columns: ?.a",
        ),
        (
            "select count(*), sum(distinct a order by b) filter (where c > 0) over (partition by d order by e) from t",
            "read select | returns_rows | relations: t read | functions: count reads, sum reads | columns: t.a, t.b, t.c, t.d, t.e",
        ),
    ]);
}

#[test]
fn a_function_is_found_wherever_an_expression_stands() {
    check(&[
        ("select f(1)", "code/read select | unknown_function returns_rows | functions: f unknown"),
        (
            "select pg_catalog.lower('x'), public.lower('x'), lower('y')",
            "code/read select | unknown_function returns_rows | functions: pg_catalog.lower reads, public.lower unknown, lower reads",
        ),
        (
            "select public.similarity('a','b'), similarity('a','b')",
            "read select | returns_rows | functions: public.similarity reads, similarity reads",
        ),
        (
            "select nextval('s')",
            "write select | literals_decide writing_function returns_rows | functions: nextval acts",
        ),
        (
            "select ('s'::regclass).nextval",
            "write select | literals_decide writing_function returns_rows | functions: nextval acts | columns: ?.nextval",
        ),
        (
            "select x.nextval from cast('s' as regclass) x",
            "write select | literals_decide writing_function returns_rows | functions: nextval acts | columns: ?.nextval",
        ),
        (
            "select a operator(public.+) b from t",
            "code/read select | unknown_function returns_rows | relations: t read | functions: public.+ unknown | columns: t.a, t.b",
        ),
        (
            "select a operator(pg_catalog.+) b from t",
            "read select | returns_rows | relations: t read | columns: t.a, t.b",
        ),
        (
            "select * from t order by a using operator(public.<)",
            "code/read select | unknown_function returns_rows all_columns | relations: t read | functions: public.< unknown | columns: t.*, t.a",
        ),
        (
            "select a from t tablesample system (5)",
            "read select | returns_rows | relations: t read | columns: t.a",
        ),
        (
            "select a from t tablesample public.mine (5)",
            "code/read select | unknown_function returns_rows | relations: t read | functions: public.mine unknown | columns: t.a",
        ),
        (
            "select a from t tablesample mine (f(5)) repeatable (1)",
            "code/read select | unknown_function returns_rows | relations: t read | functions: mine unknown, f unknown | columns: t.a",
        ),
        (
            "select * from generate_series(1, 10) g",
            "read select | returns_rows all_columns | functions: generate_series reads | columns: ?.*",
        ),
        (
            "select * from rows from (f(1), generate_series(1,2)) as x(a int, b int)",
            "code/read select | unknown_function returns_rows all_columns | functions: generate_series reads, f unknown | columns: ?.*",
        ),
        (
            "select * from json_to_record('{}') as x(a int)",
            "read select | returns_rows all_columns | functions: json_to_record reads | columns: ?.*",
        ),
        (
            "select * from xmltable('/a' passing f(x) columns b int path 'c' default g(1))",
            "code/read select | unknown_function returns_rows all_columns | functions: g unknown, f unknown | columns: ?.*, ?.x",
        ),
        (
            "select * from json_table(f(a), '$' columns (b int path '$.c' default h(1) on empty, nested path '$.d' columns (e int)))",
            "code/read select | unknown_function returns_rows all_columns since_17 | functions: h unknown, f unknown | columns: ?.*, ?.a",
        ),
        (
            "select json_object('a': f(1)), json_array(select g(1)), json_arrayagg(a order by h(b)), json_objectagg(a: b), json_value(x, '$' passing k(1) as y), x is json, json_scalar(l(1)), json_serialize(m(1)), json(n(1))",
            "code/read select | unknown_function returns_rows since_16 since_17 | functions: f unknown, g unknown, h unknown, k unknown, l unknown, m unknown, n unknown | columns: ?.a, ?.b, ?.x",
        ),
        (
            "select xmlelement(name a, xmlattributes(f(1) as b), g(2)), xmlserialize(content h(x) as text), xmlforest(a as b)",
            "code/read select | unknown_function returns_rows | functions: f unknown, g unknown, h unknown | columns: ?.x, ?.a",
        ),
        (
            "select case f(a) when 1 then g(b) else h(c) end, coalesce(i(d), 1), greatest(j(e)), nullif(k(a), 1), row(l(1)), array[m(1)], a[n(1)], (a).b[o(2):p(3)]",
            "code/read select | unknown_function returns_rows | functions: f unknown, g unknown, h unknown, i unknown, j unknown, k unknown, l unknown, m unknown, n unknown, o unknown, p unknown | columns: ?.a, ?.b, ?.c, ?.d, ?.e",
        ),
        (
            "select a from t where b = any (select f(c) from u) and not d is null and e between g(1) and h(2) and x in (i(1), 2) and y like j(1)",
            "code/read select | filtered unknown_function returns_rows | relations: t read, u read | functions: f unknown, g unknown, h unknown, i unknown, j unknown | columns: t.a, t.b, ?.c, t.d, t.e, t.x, t.y",
        ),
        ("select current_user, current_date, session_user", "read select | returns_rows"),
        (
            "select a from t group by rollup (f(a)), grouping sets ((b), (c)) having grouping(a) > 0 window w as (order by g(a))",
            "code/read select | unknown_function returns_rows | relations: t read | functions: f unknown, g unknown | columns: t.a, t.b, t.c",
        ),
        (
            "select 'x'::regclass, cast(a as public.mytype), int '5', interval '1' day, a::numeric(10,2)",
            "read select | literals_decide returns_rows | columns: ?.a",
        ),
        (
            "select a from t limit f(1)",
            "code/read select | limited unknown_function returns_rows | relations: t read | functions: f unknown | columns: t.a",
        ),
        ("select a from t limit $1", "read select | limited returns_rows | relations: t read | columns: t.a"),
    ]);
}

#[test]
fn a_function_that_does_more_than_read_says_what() {
    check(&[
        ("select a from t limit all", "read select | returns_rows | relations: t read | columns: t.a"),
        (
            "select * from pg_authid",
            "read select | reads_catalog reads_secrets returns_rows all_columns | relations: pg_authid read | columns: pg_authid.*",
        ),
        (
            "select * from pg_catalog.pg_class, information_schema.tables",
            "read select | reads_catalog returns_rows all_columns | relations: pg_catalog.pg_class read, information_schema.tables read | columns: pg_class.*, tables.*",
        ),
        (
            "select pg_sleep(1), now(), pg_advisory_lock(1), pg_advisory_unlock_all()",
            "session select | literals_decide locks_advisory sleeps returns_rows | functions: pg_sleep acts, now reads, pg_advisory_lock acts, pg_advisory_unlock_all reads",
        ),
        (
            "select set_config('search_path', 'a, pg_catalog', false)",
            "session select | literals_decide changes_path returns_rows shadows_catalog | functions: set_config acts | settings: search_path = a, pg_catalog",
        ),
        (
            "select set_config('default_transaction_read_only', 'off', true)",
            "session select | literals_decide undoes_read_only changes_setting returns_rows | functions: set_config acts | settings: local default_transaction_read_only = off",
        ),
        (
            "select set_config('transaction_read_only', 'on', true)",
            "session select | literals_decide changes_setting returns_rows | functions: set_config acts | settings: local transaction_read_only = on",
        ),
        (
            "select set_config('a' || 'b', 'off', true)",
            "session select | literals_decide undoes_read_only changes_role changes_path changes_reading changes_setting returns_rows shadows_catalog | functions: set_config acts | settings: local  = off",
        ),
        (
            "select set_config($1, $2, true)",
            "session select | literals_decide undoes_read_only changes_role changes_path changes_reading changes_setting returns_rows shadows_catalog | functions: set_config acts | settings: local  = ?",
        ),
        (
            "select set_config('role'::text, current_user, false)",
            "session select | literals_decide changes_role returns_rows | functions: set_config acts | settings: role = ?",
        ),
        (
            "select set_config(setting_name => 'role', new_value => 'x', is_local => true)",
            "session select | literals_decide undoes_read_only changes_role changes_path changes_reading changes_setting returns_rows shadows_catalog | functions: set_config acts | settings:  = ?",
        ),
        (
            "select pg_notify('a', 'b'), pg_read_file('x'), query_to_xml('select 1', true, true, ''), pg_terminate_backend(1)",
            "code select | literals_decide administers server_file runs_text notifies returns_rows | functions: pg_notify acts, pg_read_file acts, query_to_xml acts, pg_terminate_backend acts",
        ),
        (
            "select txid_current()",
            "session select | literals_decide returns_rows marks_transaction | functions: txid_current acts",
        ),
    ]);
}

#[test]
fn names_are_resolved_within_their_level() {
    check(&[
        (
            "select dblink('x', 'y'), * from dblink_exec('a')",
            "code select | literals_decide runs_text returns_rows all_columns | functions: dblink acts, dblink_exec acts | columns: ?.*",
        ),
        ("select a from t where $1", "read select | returns_rows | relations: t read | columns: t.a"),
        ("select x.y.z.w from x.y.z", "read select | returns_rows | relations: y.z read | columns: z.w"),
        (
            "select ctid, tableoid from only t",
            "read select | returns_rows | relations: t read | columns: t.ctid, t.tableoid",
        ),
        (
            "select a from t as x(b), lateral (select x.b) l",
            "read select | returns_rows | relations: t read | columns: t.*, ?.a, ?.b",
        ),
        (
            "select a from t natural join u",
            "read select | returns_rows | relations: t read, u read | columns: ?.*, ?.a",
        ),
        (
            "select a from (t join u using (id)) as j",
            "read select | returns_rows | relations: t read, u read | columns: ?.id, ?.a",
        ),
        (
            "select distinct on (f(a)) b from t",
            "code/read select | unknown_function returns_rows | relations: t read | functions: f unknown | columns: t.a, t.b",
        ),
        ("select merge_action()", "read select | returns_rows since_17"),
        (
            "select extract(year from a), overlay(a placing b from 1), trim(both 'x' from a), position('a' in b), substring(a from 1 for 2), a at time zone 'utc', collation for (a), a is normalized, (a,b) overlaps (c,d), a collate \"C\" from t",
            "read select | returns_rows | relations: t read | functions: pg_catalog.extract reads, pg_catalog.overlay reads, pg_catalog.btrim reads, pg_catalog.position reads, pg_catalog.substring reads, pg_catalog.timezone reads, pg_catalog.pg_collation_for reads, pg_catalog.is_normalized reads, pg_catalog.overlaps reads | columns: t.a, t.b, t.c, t.d",
        ),
        (
            "select pg_advisory_unlock_all()",
            "read select | returns_rows | functions: pg_advisory_unlock_all reads",
        ),
        (
            "select x.b from secret as x(a, b)",
            "read select | returns_rows | relations: secret read | columns: secret.*, ?.b",
        ),
        (
            "select j.a from (t join u using (id)) as j(a, b, c)",
            "read select | returns_rows | relations: t read, u read | columns: ?.id, ?.*, ?.a",
        ),
        (
            "select a from t where b in (select c from u where d = t.a) fetch first row only",
            "read select | limited filtered returns_rows | relations: t read, u read | columns: t.a, t.b, ?.c, ?.d | limit 1",
        ),
        (
            "select t.a from s.t, r.t as t2 where s.t.b = t2.b",
            "read select | filtered returns_rows | relations: s.t read, r.t read | columns: t.a, t.b, t.b",
        ),
        (
            "select (select max(a) from t), (select 1 from u limit 5)",
            "read select | returns_rows | relations: t read, u read | functions: max reads | columns: t.a",
        ),
        (
            "select row_to_json(t) from t",
            "read select | returns_rows all_columns | relations: t read | functions: row_to_json reads | columns: t.t, t.*",
        ),
        ("select a from t where $1 = 5", "read select | returns_rows | relations: t read | columns: t.a"),
        ("select a from t where true", "read select | returns_rows | relations: t read | columns: t.a"),
        ("select a.b.c from a.b", "read select | returns_rows | relations: a.b read | columns: b.c"),
        (
            "select xmlexists('//a' passing f(x)), xmlparse(document g(1)), xmlroot(h(x), version '1.0'), xmlpi(name a, i(1))",
            "code/read select | unknown_function returns_rows | functions: pg_catalog.xmlexists reads, f unknown, g unknown, h unknown, i unknown | columns: ?.x",
        ),
        (
            "select a from t limit '10'",
            "read select | limited returns_rows | relations: t read | columns: t.a | limit 10",
        ),
        (
            "select a from (values (1), (f(2))) v (a)",
            "code/read select | unknown_function returns_rows | functions: f unknown | columns: ?.a",
        ),
        (
            "select f(variadic array[1]), g(a => h(1))",
            "code/read select | unknown_function returns_rows | functions: f unknown, g unknown, h unknown",
        ),
        (
            "select json_query(f(a), '$' returning s.mytype default g(1) on empty), json_exists(a, '$.x'), json_array(1, 2 returning jsonb), json_object('a' value 1 absent on null)",
            "code/read select | unknown_function returns_rows since_16 since_17 | functions: g unknown, f unknown | columns: ?.a",
        ),
        (
            "select a.*::text from t a",
            "read select | returns_rows all_columns | relations: t read | columns: t.*",
        ),
        (
            "select array(select f(1)), 1 = all (select g(1)), (1, 2) = (select 1, 2)",
            "code/read select | unknown_function returns_rows | functions: f unknown, g unknown",
        ),
        (
            "select a[1:f(2)] from t",
            "code/read select | unknown_function returns_rows | relations: t read | functions: f unknown | columns: t.a",
        ),
        (
            "select interval '1' year, timestamp with time zone '2020-01-01', 'a'::s.t[]",
            "read select | returns_rows",
        ),
        (
            "with recursive t(n) as (values (1) union all select n + 1 from t where n < f(100)) search depth first by n set o cycle n set c to 1 default 2 using p select * from t",
            "code/read select | unknown_function returns_rows all_columns | functions: f unknown | columns: ?.n, ?.*",
        ),
        (
            "with a as (insert into t values (1) returning b), c as (update u set d = 1 returning e) select * from a, c",
            "write select | every_row returns_rows all_columns | relations: t read+insert, u read+update | columns: t.*, t.b, u.d, u.e, ?.*",
        ),
        (
            "with x as (select 1) select * from s.x",
            "read select | returns_rows all_columns | relations: s.x read | columns: x.*",
        ),
        (
            "select 1 from t where a = 1 union select 2 from u where b = 2",
            "read select | filtered returns_rows | relations: t read, u read | columns: t.a, u.b",
        ),
        (
            "select a from t order by b using operator(pg_catalog.<), c desc nulls last",
            "read select | returns_rows | relations: t read | columns: t.a, t.b, t.c",
        ),
        (
            "select a from t for no key update skip locked",
            "read select | locks_rows returns_rows | relations: t read+lock | columns: t.a",
        ),
        (
            "select count(*) over w from t window w as (partition by f(a) order by b rows between g(1) preceding and current row)",
            "code/read select | unknown_function returns_rows | relations: t read | functions: count reads, f unknown, g unknown | columns: t.a, t.b",
        ),
    ]);
}

#[test]
fn a_limit_of_a_branch_is_not_the_statements() {
    check(&[
        (
            "(select a from t limit 5) union all (select b from u)",
            "read select | returns_rows | relations: t read, u read | columns: t.a, u.b",
        ),
        (
            "(select a from t limit 5) union all (select b from u limit 6) limit 7",
            "read select | limited returns_rows | relations: t read, u read | columns: t.a, u.b | limit 7",
        ),
        (
            "(select a from t) limit 5",
            "read select | limited returns_rows | relations: t read | columns: t.a | limit 5",
        ),
        (
            "((select a from t limit 5) union select b from u) except (select c from v limit 3)",
            "read select | returns_rows | relations: t read, u read, v read | columns: t.a, u.b, v.c",
        ),
        (
            "with x as (select 1) (select a from t limit 5) union all select b from u",
            "read select | returns_rows | relations: t read, u read | columns: t.a, u.b",
        ),
        (
            "with x as (select a from t limit 5) select a from x",
            "read select | returns_rows | relations: t read | columns: t.a, ?.a",
        ),
        (
            "(select a from t where b = 1) union all select c from u",
            "read select | returns_rows | relations: t read, u read | columns: t.a, t.b, u.c",
        ),
        (
            "(select a from t where b = 1) union all (select c from u where d = 2 limit 5)",
            "read select | filtered returns_rows | relations: t read, u read | columns: t.a, t.b, u.c, u.d",
        ),
        (
            "values ((select a from t limit 5))",
            "read select | returns_rows | relations: t read | columns: t.a",
        ),
        (
            "(with x as (delete from t where a = 1 returning *) select a from x) limit 2",
            "write select | limited returns_rows | relations: t read+delete | columns: t.a, t.*, ?.a | limit 2",
        ),
    ]);
}

#[test]
fn a_natural_join_compares_columns_it_does_not_name() {
    check(&[
        (
            "select t.a from t natural join u where t.b = 1",
            "read select | filtered returns_rows | relations: t read, u read | columns: ?.*, t.a, t.b",
        ),
        (
            "select a from t natural left join (u natural join v)",
            "read select | returns_rows | relations: t read, u read, v read | columns: ?.*, ?.a",
        ),
        (
            "select a from t join u on true",
            "read select | returns_rows | relations: t read, u read | columns: ?.a",
        ),
    ]);
}

#[test]
fn a_whole_row_returns_all_columns_however_it_is_wrapped() {
    check(&[
        (
            "select o.*::text from orders o",
            "read select | returns_rows all_columns | relations: orders read | columns: orders.*",
        ),
        (
            "select orders::text from orders",
            "read select | returns_rows all_columns | relations: orders read | columns: orders.orders, orders.*",
        ),
        (
            "select row(o.*) from orders o",
            "read select | returns_rows all_columns | relations: orders read | columns: orders.*",
        ),
        (
            "select coalesce(o) from orders o",
            "read select | returns_rows all_columns | relations: orders read | columns: orders.o, orders.*",
        ),
        (
            "select array[o] from orders o",
            "read select | returns_rows all_columns | relations: orders read | columns: orders.o, orders.*",
        ),
        (
            "select to_jsonb(orders) from orders",
            "read select | returns_rows all_columns | relations: orders read | functions: to_jsonb reads | columns: orders.orders, orders.*",
        ),
        (
            "select json_agg(o) from orders o",
            "read select | returns_rows all_columns | relations: orders read | functions: json_agg reads | columns: orders.o, orders.*",
        ),
        (
            "select json_agg(o order by o.a) filter (where o.b > 1) from orders o",
            "read select | returns_rows all_columns | relations: orders read | functions: json_agg reads | columns: orders.o, orders.*, orders.a, orders.b",
        ),
        (
            "select (select o from orders o limit 1)",
            "read select | returns_rows all_columns | relations: orders read | columns: orders.o, orders.*",
        ),
        (
            "select array(select o from orders o)",
            "read select | returns_rows all_columns | relations: orders read | columns: orders.o, orders.*",
        ),
        (
            "select to_jsonb((select x from (select 1) x))",
            "read select | returns_rows all_columns | functions: to_jsonb reads | columns: ?.x, ?.*",
        ),
        (
            "select json_build_object('a', to_json(o)) from orders o",
            "read select | returns_rows all_columns | relations: orders read | functions: json_build_object reads, to_json reads | columns: orders.o, orders.*",
        ),
        (
            "select json_arrayagg(o), json_object('a': o) from orders o",
            "read select | returns_rows all_columns since_16 | relations: orders read | columns: orders.o, orders.*",
        ),
        (
            "select json_array(select o from orders o)",
            "read select | returns_rows all_columns since_16 | relations: orders read | columns: orders.o, orders.*",
        ),
        (
            "select case when o is null then 1 end from orders o",
            "read select | returns_rows | relations: orders read | columns: orders.o, orders.*",
        ),
        (
            "select case a when 1 then o end from orders o",
            "read select | returns_rows all_columns | relations: orders read | columns: orders.a, orders.o, orders.*",
        ),
        (
            "select (o).a from orders o",
            "read select | returns_rows | relations: orders read | columns: ?.a, orders.o, orders.*",
        ),
        (
            "select (array[o])[1] from orders o",
            "read select | returns_rows all_columns | relations: orders read | columns: orders.o, orders.*",
        ),
        (
            "select (row(o)).f1 from orders o",
            "read select | returns_rows all_columns | relations: orders read | columns: ?.f1, orders.o, orders.*",
        ),
        (
            "values ((select o from orders o))",
            "read select | returns_rows all_columns | relations: orders read | columns: orders.o, orders.*",
        ),
        (
            "insert into t values (1) returning to_jsonb(t)",
            "write insert | returns_rows all_columns | relations: t read+insert | functions: to_jsonb reads | columns: t.*, t.t",
        ),
        (
            "delete from t where a = 1 returning row(t.*)",
            "write delete | filtered returns_rows all_columns | relations: t read+delete | columns: t.a, t.*",
        ),
        (
            "select a from orders o union all select o::text from orders o",
            "read select | returns_rows all_columns | relations: orders read | columns: orders.a, orders.o, orders.*",
        ),
        (
            "select xmlforest(o as a), o || 'x' from orders o",
            "read select | returns_rows all_columns | relations: orders read | columns: orders.o, orders.*",
        ),
        (
            "select count(o), count(*) from orders o",
            "read select | returns_rows | relations: orders read | functions: count reads | columns: orders.o, orders.*",
        ),
        (
            "select exists (select * from orders)",
            "read select | returns_rows | relations: orders read | columns: orders.*",
        ),
        (
            "select a in (select o from orders o) from t",
            "read select | returns_rows | relations: t read, orders read | columns: t.a, ?.o, orders.*",
        ),
        (
            "select o is not null and o.a from orders o",
            "read select | returns_rows | relations: orders read | columns: orders.o, orders.*, orders.a",
        ),
        (
            "select a from orders o where o::text like 'x' order by o",
            "read select | filtered returns_rows | relations: orders read | columns: orders.a, orders.o, orders.*",
        ),
        (
            "select row_number() over (order by o) from orders o",
            "read select | returns_rows | relations: orders read | functions: row_number reads | columns: orders.o, orders.*",
        ),
        (
            "create table x as select to_jsonb(o) from orders o",
            "ddl create table as | literals_decide | relations: x define, orders read | functions: to_jsonb reads | columns: orders.o, orders.*",
        ),
    ]);
}
