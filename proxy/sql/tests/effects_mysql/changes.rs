//! Changes of rows: what is written to, and whether every row is.

use crate::check;

#[test]
fn rows_are_added() {
    check(&[
        (
            "insert into t (a, b) values (1, default), (2, f(3))",
            "code/write insert | unknown_function | relations: t insert | functions: f unknown | columns: t.a, t.b",
        ),
        ("insert t values (1, 2)", "write insert | relations: t insert | columns: t.*"),
        ("insert into s.t () values ()", "write insert | relations: s.t insert | columns: t.*"),
        (
            "insert low_priority ignore into t partition (p0) (a) value (1)",
            "write insert | relations: t insert | columns: t.a",
        ),
        (
            "insert into t set a = 1, t.b = default(b), c = now()",
            "write insert | relations: t insert | functions: default reads, now reads | columns: t.a, t.b, t.c",
        ),
        ("insert into t select * from u", "write insert | relations: t insert, u read | columns: t.*, u.*"),
        (
            "insert into t (a) select b from u where c = 1 limit 5",
            "write insert | relations: t insert, u read | columns: t.a, u.b, u.c",
        ),
        ("insert into t (select * from u)", "write insert | relations: t insert, u read | columns: t.*, u.*"),
        (
            "insert into t (a) (select b from u) union (select c from v)",
            "write insert | relations: t insert, u read, v read | columns: t.a, u.b, v.c",
        ),
        (
            "insert into t with x as (select a from u) select * from x",
            "write insert | relations: t insert, u read | columns: t.*, u.a, ?.*",
        ),
        ("insert into t table u", "write insert | relations: t insert, u read | columns: t.*, u.*"),
        ("insert into t values row(1, 2), row(3, 4)", "write insert | relations: t insert | columns: t.*"),
        (
            "insert into t (a, b) values (1, 2) on duplicate key update a = values(a), b = b + f(1)",
            "code/write insert | unknown_function | relations: t insert+update | functions: values reads, f unknown | columns: t.a, t.b",
        ),
        (
            "insert into t (a, b) values (1, 2) as new on duplicate key update b = new.b",
            "write insert | relations: t insert+update | columns: t.a, t.b",
        ),
        (
            "insert into t (a, b) values (1, 2) as new (x, y) on duplicate key update b = x + y",
            "write insert | relations: t insert+update | columns: t.a, t.b, t.x, t.y",
        ),
        (
            "insert into t select a from u on duplicate key update b = u.a",
            "write insert | relations: t insert+update, u read | columns: t.*, u.a, t.b, ?.a",
        ),
        (
            "insert into t values (1) returning id, a, f(b)",
            "code/write insert | unknown_function returns_rows | relations: t read+insert | functions: f unknown | columns: t.*, t.id, t.a, t.b",
        ),
        (
            "insert into t values (1) returning *",
            "write insert | returns_rows all_columns | relations: t read+insert | columns: t.*",
        ),
        (
            "insert into t (a) values ((select max(a) from u)), (@x := 1)",
            "write insert | relations: t insert, u read | functions: max reads | columns: t.a, ?.a",
        ),
        (
            "insert into t (a) select a from t for update",
            "write insert | locks_rows | relations: t read+insert+lock | columns: t.a",
        ),
        (
            r#"insert into t values (1, 'a'), (2, "b"), (3, 0x41), (4, null), (?, ?)"#,
            "write insert | relations: t insert | columns: t.*",
        ),
        (
            "insert into mysql.user values (1)",
            "write insert | reads_catalog reads_secrets | relations: mysql.user insert | columns: user.*",
        ),
        ("insert delayed into t values (1)", "write insert | relations: t insert | columns: t.*"),
        (
            "insert into t values (nextval(s))",
            "write insert | literals_decide writing_function | relations: t insert, s read+update | functions: nextval acts | columns: t.*",
        ),
        (
            "insert into t select 1 into outfile '/tmp/x'",
            "code insert | literals_decide server_file | relations: t insert | columns: t.*",
        ),
    ]);
}

#[test]
fn rows_are_replaced() {
    check(&[
        ("replace into t values (1)", "write replace | relations: t insert+delete | columns: t.*"),
        (
            "replace low_priority t (a) values (1)",
            "write replace | relations: t insert+delete | columns: t.a",
        ),
        ("replace into t set a = 1", "write replace | relations: t insert+delete | columns: t.a"),
        (
            "replace into t select * from u",
            "write replace | relations: t insert+delete, u read | columns: t.*, u.*",
        ),
        (
            "replace into t (a) values (1) returning a",
            "write replace | returns_rows | relations: t read+insert+delete | columns: t.a",
        ),
    ]);
}

#[test]
fn rows_are_changed() {
    check(&[
        ("update t set a = 1", "write update | every_row | relations: t update | columns: t.a"),
        (
            "update t set a = 1 where b = 2",
            "write update | filtered | relations: t update | columns: t.a, t.b",
        ),
        (
            "update low_priority ignore s.t set t.a = a + 1, s.t.b = default where c > 1 order by d limit 5",
            "write update | filtered | relations: s.t update | columns: t.a, t.b, t.c, t.d",
        ),
        ("update t set a = 1 limit 5", "write update | relations: t update | columns: t.a"),
        ("update t set a = 1 where 1", "write update | every_row | relations: t update | columns: t.a"),
        ("update t set a = 1 where ? = 1", "write update | every_row | relations: t update | columns: t.a"),
        (
            "update t set a = 1 where exists (select 1 from u where u.id = t.id)",
            "write update | filtered | relations: t update, u read | columns: t.a, u.id, t.id",
        ),
        (
            "update t set a = 1 where exists (select 1 from u where b = 1)",
            "write update | every_row | relations: t update, u read | columns: t.a, ?.b",
        ),
        (
            "update t as x set x.a = 1 where x.b = 2",
            "write update | filtered | relations: t update | columns: t.a, t.b",
        ),
        (
            "update t, u set t.a = u.a where t.id = u.id",
            "write update | filtered | relations: t read+update, u read | columns: t.a, u.a, t.id, u.id",
        ),
        (
            "update t join u on t.id = u.id set t.a = u.a",
            "write update | filtered | relations: t read+update, u read | columns: t.id, u.id, t.a, u.a",
        ),
        (
            "update t left join u on t.id = u.id set t.a = 1",
            "write update | every_row | relations: t read+update, u read | columns: t.id, u.id, t.a",
        ),
        (
            "update t join u using (id) set a = 1 where u.b = 1",
            "write update | filtered | relations: t read+update, u read+update | columns: ?.id, ?.a, u.b",
        ),
        (
            "update t x join (select id from u) y on x.id = y.id set x.a = 1",
            "write update | filtered | relations: t read+update, u read | columns: ?.id, t.id, t.a",
        ),
        (
            "update t, u set t.a = 1, u.b = 2 where t.id = u.id",
            "write update | filtered | relations: t read+update, u read+update | columns: t.a, u.b, t.id, u.id",
        ),
        (
            "with x as (select id from u) update t join x on t.id = x.id set t.a = 1",
            "write update | filtered | relations: u read, t read+update | columns: u.id, t.id, ?.id, t.a",
        ),
        (
            "update t for portion of p from '2020-01-01' to '2021-01-01' set a = 1 where b = 1",
            "write update | filtered | relations: t update | columns: t.a, t.b",
        ),
        (
            "update t set a = (select max(b) from u), c = f(d) where e in (select g from v)",
            "code/write update | filtered unknown_function | relations: t update, u read, v read | functions: max reads, f unknown | columns: t.a, ?.b, t.c, t.d, t.e, ?.g",
        ),
        (
            "update t set a = @x := 5 where id = 1",
            "write update | filtered | relations: t update | columns: t.a, t.id",
        ),
        (
            "update t set a = 1 where b = 1 returning a",
            "write update | filtered returns_rows | relations: t read+update | columns: t.a, t.b",
        ),
        (
            "update t partition (p0) set a = 1 where b = 1",
            "write update | filtered | relations: t update | columns: t.a, t.b",
        ),
    ]);
}

#[test]
fn rows_are_removed() {
    check(&[
        ("delete from t", "write delete | every_row | relations: t delete"),
        ("delete from t where a = 1", "write delete | filtered | relations: t delete | columns: t.a"),
        (
            "delete low_priority quick ignore from s.t where a = 1 order by b limit 5",
            "write delete | filtered | relations: s.t delete | columns: t.a, t.b",
        ),
        ("delete from t order by a limit 1000", "write delete | relations: t delete | columns: t.a"),
        ("delete from t as x where x.a = 1", "write delete | filtered | relations: t delete | columns: t.a"),
        (
            "delete from t partition (p0) where a = 1",
            "write delete | filtered | relations: t delete | columns: t.a",
        ),
        (
            "delete t from t join u on t.id = u.id",
            "write delete | filtered | relations: t read+delete, u read | columns: t.id, u.id",
        ),
        (
            "delete t, u from t inner join u inner join v where t.id = u.id and u.id = v.id",
            "write delete | filtered | relations: t read+delete, u read+delete, v read | columns: t.id, u.id, v.id",
        ),
        (
            "delete x.*, s.y from t x left join s.y on x.id = y.id where y.id is null",
            "write delete | filtered | relations: t read+delete, s.y read+delete | columns: t.id, y.id",
        ),
        (
            "delete from t, u using t join u on t.id = u.id where u.a = 1",
            "write delete | filtered | relations: t read+delete, u read+delete | columns: t.id, u.id, u.a",
        ),
        ("delete from t.* using t join u", "write delete | every_row | relations: t read+delete, u read"),
        (
            "delete a from t as A join u on u.id = a.id where u.b = 1",
            "write delete | filtered | relations: t read+delete, u read | columns: u.id, t.id, u.b",
        ),
        ("delete t from t, u", "write delete | every_row | relations: t read+delete, u read"),
        (
            "delete from t where a = 1 returning a, b",
            "write delete | filtered returns_rows | relations: t read+delete | columns: t.a, t.b",
        ),
        (
            "delete from t returning *",
            "write delete | every_row returns_rows all_columns | relations: t read+delete | columns: t.*",
        ),
        (
            "with x as (select id from u) delete from t where id in (select id from x)",
            "write delete | filtered | relations: u read, t delete | columns: u.id, t.id, ?.id",
        ),
        ("delete history from t", "write delete | relations: t delete"),
        ("delete history from t before system_time '2020-01-01'", "write delete | relations: t delete"),
        (
            "delete from t for portion of p from 1 to 2 where a = 1",
            "write delete | filtered | relations: t delete | columns: t.a",
        ),
        (
            "delete from t where exists (select * from u)",
            "write delete | every_row | relations: t delete, u read | columns: u.*",
        ),
        ("truncate t", "write truncate table | relations: t truncate"),
        ("truncate table s.t", "write truncate table | relations: s.t truncate"),
        ("truncate table t wait 5", "write truncate table | relations: t truncate"),
    ]);
}

#[test]
fn files_are_read_into_tables() {
    check(&[
        (
            "load data infile '/tmp/x' into table t",
            "code load data | literals_decide server_file | relations: t insert | columns: t.*",
        ),
        (
            "load data local infile 'x' into table t",
            "write load data | literals_decide takes_data | relations: t insert | columns: t.*",
        ),
        (
            r#"load data low_priority local infile 'x' replace into table s.t partition (p0) character set utf8 fields terminated by ',' enclosed by '"' lines terminated by '\n' ignore 1 lines (a, @b, c) set d = f(@b), e = 1"#,
            "code/write load data | literals_decide unknown_function takes_data | relations: s.t insert+delete | functions: f unknown | columns: t.a, t.c, t.d, t.e",
        ),
        (
            "load data concurrent infile 'x' ignore into table t (a)",
            "code load data | literals_decide server_file | relations: t insert | columns: t.a",
        ),
        (
            "load xml local infile 'x' into table t rows identified by '<row>'",
            "write load xml | literals_decide takes_data | relations: t insert | columns: t.*",
        ),
        (
            "load xml infile '/x' into table t",
            "code load xml | literals_decide server_file | relations: t insert | columns: t.*",
        ),
    ]);
}

#[test]
fn what_the_rules_do_not_take_is_unjudged() {
    check(&[
        (
            "insert into t",
            r#"unknown unknown | Unjudged(Syntax { position: Some(14), message: "syntax error at end of input" })"#,
        ),
        (
            "insert into t (a) values (1",
            r#"unknown unknown | Unjudged(Syntax { position: Some(28), message: "syntax error at end of input" })"#,
        ),
        (
            "update t set",
            r#"unknown unknown | Unjudged(Syntax { position: Some(13), message: "syntax error at end of input" })"#,
        ),
        (
            "update t set a",
            r#"unknown unknown | Unjudged(Syntax { position: Some(15), message: "syntax error at end of input" })"#,
        ),
        (
            "delete t where a = 1",
            r#"unknown unknown | Unjudged(Syntax { position: Some(10), message: "syntax error at or near \"where\"" })"#,
        ),
        (
            "replace t",
            r#"unknown unknown | Unjudged(Syntax { position: Some(10), message: "syntax error at end of input" })"#,
        ),
        (
            "insert into t values (1) garbage",
            r#"unknown unknown | Unjudged(Syntax { position: Some(26), message: "syntax error at or near \"garbage\"" })"#,
        ),
        (
            "update t set a = 1 where b = 1 garbage here",
            r#"unknown unknown | Unjudged(Syntax { position: Some(32), message: "syntax error at or near \"garbage\"" })"#,
        ),
    ]);
}
