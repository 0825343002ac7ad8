//! Queries: relations, columns, functions, marks.

use crate::check;

#[test]
fn what_from_names_is_read_and_owns_its_columns() {
    check(&[
        ("select 1", "read select | returns_rows"),
        ("select 1 from dual", "read select | returns_rows"),
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
            "select s.t.*, s.t.a from s.t",
            "read select | returns_rows all_columns | relations: s.t read | columns: t.*, t.a",
        ),
        ("select .t.a from .t", "read select | returns_rows | relations: t read | columns: t.a"),
        (
            "select x.a, y.b from t x join s.u y on x.id = y.id where z = 1",
            "read select | filtered returns_rows | relations: t read, s.u read | columns: t.a, u.b, t.id, u.id, ?.z",
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
            "select a from (select b, c from t) s (a, d)",
            "read select | returns_rows | relations: t read | columns: ?.a, ?.b, ?.c",
        ),
        (
            "select a from t as x, lateral (select x.a, b from u where u.id = x.id) y",
            "read select | returns_rows | relations: t read, u read | columns: ?.a, t.a, ?.b, u.id, t.id",
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
            "with recursive y (n) as (select 1 union all select n + 1 from y where n < 5) cycle n restrict select * from y",
            "read select | returns_rows all_columns | columns: ?.n, ?.*",
        ),
        (
            "with a as (select 1), b as (select * from a) select * from b, a",
            "read select | returns_rows all_columns | columns: ?.*",
        ),
        ("with a (x, y) as (select 1, 2) select x from a", "read select | returns_rows | columns: ?.x"),
        (
            "with T as (select 1) select * from t",
            "read select | returns_rows all_columns | relations: t read | columns: t.*",
        ),
        (
            "select 1 union select a from t limit 5",
            "read select | limited returns_rows | relations: t read | columns: t.a | limit 5",
        ),
        (
            "select 1 union all (select a from t order by a limit 3) except select b from u intersect select c from v",
            "read select | returns_rows | relations: t read, u read, v read | columns: t.a, u.b, v.c",
        ),
        (
            "(select a from t where b = 1) union all (select c from u) order by 1 limit 3",
            "read select | limited returns_rows | relations: t read, u read | columns: t.a, t.b, u.c | limit 3",
        ),
        ("((select a from t))", "read select | returns_rows | relations: t read | columns: t.a"),
        (
            "(select a from t limit 5)",
            "read select | limited returns_rows | relations: t read | columns: t.a | limit 5",
        ),
        (
            "select a from t where b = 1 union select c from u where d = 2",
            "read select | filtered returns_rows | relations: t read, u read | columns: t.a, t.b, u.c, u.d",
        ),
        (
            "select a from t where b = 1 union select c from u",
            "read select | returns_rows | relations: t read, u read | columns: t.a, t.b, u.c",
        ),
        (
            "select a from t natural join u",
            "read select | returns_rows | relations: t read, u read | columns: ?.*, ?.a",
        ),
        (
            "select a from t join u using (id, x) left join v on v.id = u.id right outer join w on true",
            "read select | returns_rows | relations: t read, u read, v read, w read | columns: ?.a, ?.id, ?.x, v.id, u.id",
        ),
        (
            "select a from t straight_join u inner join v cross join w",
            "read select | returns_rows | relations: t read, u read, v read, w read | columns: ?.a",
        ),
        (
            "select a from (t, u) join (v left join (w join x on w.a = x.a) on v.a = w.a) on t.b = v.b",
            "read select | returns_rows | relations: t read, u read, v read, w read, x read | columns: ?.a, w.a, x.a, v.a, t.b, v.b",
        ),
        (
            "select a from ((select b from t) x join u)",
            "read select | returns_rows | relations: t read, u read | columns: ?.a, ?.b",
        ),
        (
            "select a from ((select b from t) union (select c from u)) x",
            "read select | returns_rows | relations: t read, u read | columns: ?.a, ?.b, ?.c",
        ),
        (
            "select * from { oj t left outer join u on t.a = u.a }",
            "read select | returns_rows all_columns | relations: t read, u read | columns: t.*, u.*, t.a, u.a",
        ),
        (
            "select a from t partition (p0, p1) as x use index (i, primary) ignore index for order by (j) force key () where x.b > 1",
            "read select | filtered returns_rows | relations: t read | columns: t.a, t.b",
        ),
        (
            "select a from t for system_time as of timestamp '2024-01-01' as x",
            "read select | returns_rows | relations: t read | columns: t.a",
        ),
        (
            "select a from t for system_time between '2024-01-01' and now() x, u for system_time from 1 to 2, v for system_time all",
            "read select | returns_rows | relations: t read, u read, v read | functions: now reads | columns: ?.a",
        ),
        (
            r#"select * from json_table('[{"a":1}]', '$[*]' columns (i for ordinality, a int path '$.a' default '0' on empty null on error, b int exists path '$.b', nested path '$.c[*]' columns (c varchar(10) character set utf8mb4 path '$'))) as j"#,
            "read select | returns_rows all_columns | functions: json_table reads | columns: ?.*",
        ),
        ("table t", "read select | returns_rows all_columns | relations: t read | columns: t.*"),
        (
            "table s.t order by a limit 3",
            "read select | limited returns_rows all_columns | relations: s.t read | columns: t.*, t.a | limit 3",
        ),
        ("values row(1, 2), row(3, 4)", "read select | returns_rows"),
        ("values (1), (2)", "read select | returns_rows"),
        ("select (values (1), (2) limit 1)", "read select | returns_rows"),
        (
            "select a from t, (values (1, 2), (3, 4)) v",
            "read select | returns_rows | relations: t read | columns: ?.a",
        ),
        (
            "select `a``b`, `select`, `T`.`B` from `T`",
            "read select | returns_rows | relations: T read | columns: T.a`b, T.select, T.b",
        ),
        (
            r#"select a b, c as d, e 'f', g as "h", 'i' 'j' k from t"#,
            "read select | returns_rows | relations: t read | columns: t.a, t.c, t.e, t.g",
        ),
        ("select count(*) from t", "read select | returns_rows | relations: t read | functions: count reads"),
        (
            "select t1.a from t1 where (a, b) in (select c, d from u) and (a, b) = (1, 2) and a in (1, 2, (3))",
            "read select | filtered returns_rows | relations: t1 read, u read | columns: t1.a, t1.b, ?.c, ?.d",
        ),
        (
            "select a from t where a = (select max(b) from u) or a > all (select c from v) or a <> any (select d from w) or a = some (table x)",
            "read select | filtered returns_rows | relations: t read, u read, v read, w read, x read | functions: max reads | columns: t.a, ?.b, ?.c, ?.d, x.*",
        ),
        (
            "select a, (select b from u where u.c = t.c) from t",
            "read select | returns_rows | relations: u read, t read | columns: t.a, ?.b, u.c, t.c",
        ),
        (
            "select (select * from t limit 1)",
            "read select | returns_rows all_columns | relations: t read | columns: t.*",
        ),
        (
            "select sequence, value, of, row_count, month from t",
            "read select | returns_rows | relations: t read | columns: t.sequence, t.value, t.of, t.row_count, t.month",
        ),
    ]);
}

#[test]
fn limits_locks_and_options_are_marked() {
    check(&[
        (
            "select a from t limit 5, 10",
            "read select | limited returns_rows | relations: t read | columns: t.a | limit 10",
        ),
        (
            "select a from t limit 10 offset 5",
            "read select | limited returns_rows | relations: t read | columns: t.a | limit 10",
        ),
        ("select a from t limit ?", "read select | limited returns_rows | relations: t read | columns: t.a"),
        (
            "select a from t limit ?, ?",
            "read select | limited returns_rows | relations: t read | columns: t.a",
        ),
        (
            "select a from t limit 10 rows examined 1000",
            "read select | limited returns_rows | relations: t read | columns: t.a | limit 10",
        ),
        (
            "select a from t limit rows examined 1000",
            "read select | returns_rows | relations: t read | columns: t.a",
        ),
        (
            "select a from t order by a offset 5 rows fetch next 10 rows only",
            "read select | limited returns_rows | relations: t read | columns: t.a | limit 10",
        ),
        (
            "select a from t fetch first row only",
            "read select | limited returns_rows | relations: t read | columns: t.a | limit 1",
        ),
        (
            "select a from t fetch first 3 rows with ties",
            "read select | limited returns_rows | relations: t read | columns: t.a",
        ),
        (
            "select a from t for update",
            "read select | locks_rows returns_rows | relations: t read+lock | columns: t.a",
        ),
        (
            "select a from t where b = 1 for share",
            "read select | filtered locks_rows returns_rows | relations: t read+lock | columns: t.a, t.b",
        ),
        (
            "select a from t, u for update of u nowait",
            "read select | locks_rows returns_rows | relations: t read, u read+lock | columns: ?.a",
        ),
        (
            "select a from t for update skip locked",
            "read select | locks_rows returns_rows | relations: t read+lock | columns: t.a",
        ),
        (
            "select a from t for update wait 5",
            "read select | locks_rows returns_rows | relations: t read+lock | columns: t.a",
        ),
        (
            "select a from t lock in share mode",
            "read select | locks_rows returns_rows | relations: t read+lock | columns: t.a",
        ),
        (
            "select a from t lock in share mode nowait",
            "read select | locks_rows returns_rows | relations: t read+lock | columns: t.a",
        ),
        (
            "(select a from t for update) union (select b from u)",
            "read select | locks_rows returns_rows | relations: t read+lock, u read | columns: t.a, u.b",
        ),
        (
            "select a from (select b from t for update) x",
            "read select | locks_rows returns_rows | relations: t read+lock | columns: ?.a, ?.b",
        ),
        (
            "select sql_no_cache sql_calc_found_rows high_priority straight_join distinct a from t",
            "read select | returns_rows | relations: t read | columns: t.a",
        ),
        (
            "select distinctrow sql_small_result sql_big_result sql_buffer_result a from t group by a desc with rollup",
            "read select | returns_rows | relations: t read | columns: t.a",
        ),
        (
            "select all (a) from t group by a, b having count(*) > 1 order by null",
            "read select | returns_rows | relations: t read | functions: count reads | columns: t.a, t.b",
        ),
        (
            "select a from t procedure analyse()",
            "read select | returns_rows | relations: t read | functions: analyse reads | columns: t.a",
        ),
        (
            "select a from t order by b procedure analyse(10, 2000)",
            "read select | returns_rows | relations: t read | functions: analyse reads | columns: t.a, t.b",
        ),
        (
            "select a from t procedure analyse((select 1))",
            r#"unknown unknown | Unjudged(Syntax { position: Some(35), message: "syntax error at or near \"(\"" })"#,
        ),
        (
            "select a from t procedure mine()",
            r#"unknown unknown | Unjudged(Syntax { position: Some(27), message: "syntax error at or near \"mine\"" })"#,
        ),
        ("select a from t where 1", "read select | returns_rows | relations: t read | columns: t.a"),
        (
            "select a from t where true and ? = 1",
            "read select | returns_rows | relations: t read | columns: t.a",
        ),
        (
            "select a from t having b > 1",
            "read select | returns_rows | relations: t read | columns: t.a, t.b",
        ),
    ]);
}

#[test]
fn a_query_that_goes_elsewhere_says_where() {
    check(&[
        (
            "select a from t into outfile '/tmp/x'",
            "code select | literals_decide server_file | relations: t read | columns: t.a",
        ),
        (
            r#"select a into outfile '/tmp/x' character set utf8mb4 fields terminated by ',' optionally enclosed by '"' escaped by '\\' lines starting by 'x' terminated by '\n' from t"#,
            "code select | literals_decide server_file | relations: t read | columns: t.a",
        ),
        (
            "select a from t into dumpfile '/tmp/x'",
            "code select | literals_decide server_file | relations: t read | columns: t.a",
        ),
        (
            "select a from t union select b from u into outfile '/tmp/x'",
            "code select | literals_decide server_file | relations: t read, u read | columns: t.a, u.b",
        ),
        (
            "(select a from t into outfile '/tmp/x')",
            "code select | literals_decide server_file | relations: t read | columns: t.a",
        ),
        (
            "table t into outfile '/tmp/x'",
            "code select | literals_decide server_file all_columns | relations: t read | columns: t.*",
        ),
        (
            "select a, b into @x, @`y` from t",
            "session select | literals_decide | relations: t read | columns: t.a, t.b",
        ),
        (
            "select a from t limit 1 into @x",
            "session select | literals_decide limited | relations: t read | columns: t.a | limit 1",
        ),
        (
            "select a from t into @x for update",
            "session select | literals_decide locks_rows | relations: t read+lock | columns: t.a",
        ),
        (
            "select 1 into x",
            r#"unknown unknown | Unjudged(Syntax { position: Some(15), message: "syntax error at or near \"x\"" })"#,
        ),
        ("select @a := 1, @b := @a + 1", "session select | literals_decide returns_rows"),
        (
            "select @a, @@version, @@session.sql_mode, @@global.`read_only`, @'b', @@character_set_client",
            "read select | returns_rows",
        ),
        (
            "select a from t where @x := a",
            "session select | literals_decide filtered returns_rows | relations: t read | columns: t.a",
        ),
        ("select (select 1 into outfile '/tmp/x')", "code select | literals_decide server_file"),
        (
            "explain select a into outfile '/tmp/x' from t",
            "read explain | literals_decide server_file explains returns_rows | relations: t read | columns: t.a",
        ),
    ]);
}

#[test]
fn a_function_is_found_wherever_an_expression_stands() {
    check(&[
        ("select f(1)", "code/read select | unknown_function returns_rows | functions: f unknown"),
        (
            "select s.f(1), S.F(2), f (3)",
            "code/read select | unknown_function returns_rows | functions: s.f unknown, S.f unknown, f unknown",
        ),
        ("select lower('x'), LOWER('y'), lower ('z')", "read select | returns_rows | functions: lower reads"),
        (
            "select now(), now (), count (*), sum (1), `lower`('x'), `now`()",
            "code/read select | unknown_function returns_rows | functions: now unknown, count unknown, sum unknown, lower unknown",
        ),
        (
            "select sleep(1), benchmark(10, md5('a')), get_lock('a', 1), release_lock('a'), is_free_lock('a')",
            "session select | literals_decide locks_advisory sleeps returns_rows | functions: sleep acts, benchmark acts, md5 reads, get_lock acts, release_lock acts, is_free_lock reads",
        ),
        (
            "select load_file('/etc/passwd')",
            "code select | literals_decide server_file returns_rows | functions: load_file acts",
        ),
        (
            "select nextval(s), lastval(s), setval(s, 1)",
            "write select | literals_decide writing_function returns_rows | relations: s read+update | functions: nextval acts, lastval reads, setval acts",
        ),
        (
            "select next value for s, previous value for x.s",
            "write select | literals_decide writing_function returns_rows | relations: s read+update, x.s read | functions: nextval acts",
        ),
        (
            "select s.nextval",
            "write select | literals_decide writing_function returns_rows | functions: nextval acts | columns: ?.nextval",
        ),
        (
            "select last_insert_id(), last_insert_id(5)",
            "session select | literals_decide returns_rows | functions: last_insert_id reads",
        ),
        (
            "select uuid(), uuid_short(), rand(), database(), user(), current_user, current_user(), connection_id(), version()",
            "read select | returns_rows | functions: uuid reads, uuid_short reads, rand reads, database reads, user reads, current_user reads, connection_id reads, version reads",
        ),
        (
            "select current_timestamp, current_timestamp(6), utc_date, utc_timestamp(), localtime, current_date",
            "read select | returns_rows | functions: current_timestamp reads, utc_timestamp reads",
        ),
        (
            "select case f(a) when 1 then g(b) else h(c) end, if(i(d), 1, 2), coalesce(j(e)), nullif(k(a), 1), row(l(1), 2) = row(1, 2) from t",
            "code/read select | unknown_function returns_rows | relations: t read | functions: f unknown, g unknown, h unknown, if reads, i unknown, coalesce reads, j unknown, nullif reads, k unknown, l unknown | columns: t.a, t.b, t.c, t.d, t.e",
        ),
        (
            "select a from t where b between g(1) and h(2) and x in (i(1), 2) and y like j(1) escape k('x') and not z regexp m(1)",
            "code/read select | filtered unknown_function returns_rows | relations: t read | functions: g unknown, h unknown, i unknown, j unknown, k unknown, m unknown | columns: t.a, t.b, t.x, t.y, t.z",
        ),
        (
            "select a from t order by f(a), -g(b) desc limit 3",
            "code/read select | limited unknown_function returns_rows | relations: t read | functions: f unknown, g unknown | columns: t.a, t.b | limit 3",
        ),
        (
            "select a from t join u on f(t.a) group by g(b) having h(c) > 1",
            "code/read select | unknown_function returns_rows | relations: t read, u read | functions: f unknown, g unknown, h unknown | columns: ?.a, t.a, ?.b, ?.c",
        ),
        (
            "select sum(f(a)) over (partition by g(b) order by h(c) rows between 1 preceding and unbounded following) from t",
            "code/read select | unknown_function returns_rows | relations: t read | functions: sum reads, f unknown, g unknown, h unknown | columns: t.a, t.b, t.c",
        ),
        (
            "select sum(a) over w, row_number() over (w order by b) from t window w as (partition by c), v as (w)",
            "read select | returns_rows | relations: t read | functions: sum reads, row_number reads | columns: t.a, t.b, t.c",
        ),
        (
            "select first_value(a) respect nulls over (order by b range between interval 1 day preceding and current row), nth_value(a, 2) from first over (order by b) from t",
            "read select | returns_rows | relations: t read | functions: first_value reads, nth_value reads | columns: t.a, t.b",
        ),
        (
            "select percentile_cont(0.5) within group (order by a) over (partition by b), median(a) over () from t",
            "read select | returns_rows | relations: t read | functions: percentile_cont reads, median reads | columns: t.a, t.b",
        ),
        (
            "select group_concat(distinct f(a), b order by g(c) desc, d separator ', '), group_concat(a limit 3), json_arrayagg(a order by b limit 2) from t",
            "code/read select | unknown_function returns_rows | relations: t read | functions: group_concat reads, f unknown, g unknown, json_arrayagg reads | columns: t.a, t.b, t.c, t.d",
        ),
        (
            "select cast(f(a) as char(10) character set utf8mb4), cast(b as decimal(10, 2)), cast(c as unsigned array), convert(d, signed integer), convert(e using latin1), binary g from t",
            "code/read select | unknown_function returns_rows | relations: t read | functions: cast reads, f unknown, convert reads | columns: t.a, t.b, t.c, t.d, t.e, t.g",
        ),
        (
            "select extract(year_month from f(a)), trim(leading 'x' from b), trim(both from c), trim(d), substring(e from 2 for 3), position('a' in b), timestampadd(day, 1, c), timestampdiff(second, a, b), get_format(date, 'usa') from t",
            "code/read select | unknown_function returns_rows | relations: t read | functions: extract reads, f unknown, trim reads, substring reads, position reads, timestampadd reads, timestampdiff reads, get_format reads | columns: t.a, t.b, t.c, t.d, t.e",
        ),
        (
            "select char(77, 121 using utf8mb4), weight_string(a as char(4) level 1), date_add(a, interval f(1) day_hour), a + interval 1 month, interval(3, 1, 2), date '2020-01-01', timestamp'2020-01-01 00:00:00' from t",
            "code/read select | unknown_function returns_rows | relations: t read | functions: char reads, weight_string reads, date_add reads, f unknown | columns: t.a",
        ),
        (
            "select match (a, b) against (f('x') in boolean mode), match a against ('y' with query expansion), match (a) against ('z' in natural language mode with query expansion) from t",
            "code/read select | unknown_function returns_rows | relations: t read | functions: f unknown | columns: t.a, t.b",
        ),
        (
            "select a->'$.b', a->>'$.c', 3 member of (f(a)), json_value(a, '$.b' returning decimal(4, 2) default 1 on empty error on error) from t",
            "code/read select | unknown_function returns_rows | relations: t read | functions: f unknown, json_value reads | columns: t.a",
        ),
        (
            r#"select _utf8mb4'x' collate utf8mb4_bin, _latin1 x'41', N'y', x'4d', 0x4d, b'1', 0b1, _binary 'z', \N, {d '2020-01-01'}, {fn now()}, 'a' "b""#,
            "read select | returns_rows | functions: now reads",
        ),
        (
            "select !a, ~b, -c, +d, not e, a && b, a || c, a xor b, a div b, a mod c, mod(a, b), a <=> b, a << 1, a rlike 'x', a sounds like 'y', a is not unknown, b is true from t",
            "read select | returns_rows | relations: t read | functions: mod reads | columns: t.a, t.b, t.c, t.d, t.e",
        ),
        (
            "select a from t where f(a) and exists (select 1 from u where g(b)) order by (select h(c) from v)",
            "code/read select | filtered unknown_function returns_rows | relations: t read, u read, v read | functions: f unknown, g unknown, h unknown | columns: t.a, ?.b, ?.c",
        ),
        (
            "select default(a), values(b), value(c) from t",
            "read select | returns_rows | relations: t read | functions: default reads, values reads, value reads | columns: t.a, t.b, t.c",
        ),
        (
            "select column_get(a, 'b' as int), column_create('a', 1 as unsigned int), udf(a as b), udf(a c) from t",
            "code/read select | unknown_function returns_rows | relations: t read | functions: column_get reads, column_create reads, udf unknown | columns: t.a",
        ),
        (
            "select left(a, 1), right(a, 1), insert(a, 1, 2, 'x'), replace(a, 'b', 'c'), repeat(a, 2), truncate(b, 1), date(c), time(d), year(e), schema(), charset(a), format(b, 2), password('x') from t",
            "read select | returns_rows | relations: t read | functions: left reads, right reads, insert reads, replace reads, repeat reads, truncate reads, date reads, time reads, year reads, schema reads, charset reads, format reads, password reads | columns: t.a, t.b, t.c, t.d, t.e",
        ),
        (
            "select st_astext(point(1, 2)), st_distance(a, linestring(point(1, 2), point(3, 4))) from t",
            "read select | returns_rows | relations: t read | functions: st_astext reads, point reads, st_distance reads, linestring reads | columns: t.a",
        ),
        (
            "select a from t where (((((a = 1) or b = 2) and c = 3) or (d = 4)))",
            "read select | filtered returns_rows | relations: t read | columns: t.a, t.b, t.c, t.d",
        ),
        ("select 1 where f(1)", "code/read select | unknown_function returns_rows | functions: f unknown"),
        (
            "select a from information_schema.tables",
            "read select | reads_catalog returns_rows | relations: information_schema.tables read | columns: tables.a",
        ),
        (
            "select * from mysql.user, performance_schema.threads, sys.version",
            "read select | reads_catalog reads_secrets returns_rows all_columns | relations: mysql.user read, performance_schema.threads read, sys.version read | columns: user.*, threads.*, version.*",
        ),
        (
            "select a from Information_Schema.Tables where table_schema = database()",
            "read select | filtered reads_catalog returns_rows | relations: Information_Schema.Tables read | functions: database reads | columns: Tables.a, Tables.table_schema",
        ),
        (
            "select group_concat(a separator '') into outfile '/tmp/y' from t",
            "code select | literals_decide server_file | relations: t read | functions: group_concat reads | columns: t.a",
        ),
        ("select utc_date", "read select | returns_rows"),
        (
            "select * from information_schema.INNODB_CMP_RESET",
            "maintenance select | literals_decide administers reads_catalog returns_rows all_columns | relations: information_schema.INNODB_CMP_RESET read | columns: INNODB_CMP_RESET.*",
        ),
        (
            "select 1 from t where a in (select b from `innodb_cmpmem_reset`)",
            "maintenance select | literals_decide filtered administers reads_catalog returns_rows | relations: t read, innodb_cmpmem_reset read | columns: t.a, ?.b",
        ),
        (
            "select a from innodb_cmp",
            "read select | returns_rows | relations: innodb_cmp read | columns: innodb_cmp.a",
        ),
        (
            "select a.b.c.d from a.b",
            r#"unknown unknown | Unjudged(Syntax { position: Some(13), message: "syntax error at or near \".\"" })"#,
        ),
    ]);
}
