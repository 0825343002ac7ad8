//! Changes of rows: targets, conditions, what they read.

use crate::check;

#[test]
fn insert_update_delete_and_merge() {
    check(&[
        (
            "insert into t values (1, f(2)), (default, 3)",
            "code/write insert | unknown_function | relations: t insert | functions: f unknown | columns: t.*",
        ),
        (
            "insert into t (a, b[1], c.d) select x, y, z from u returning *",
            "write insert | returns_rows all_columns | relations: t read+insert, u read | columns: t.a, t.b, t.c, u.x, u.y, u.z, t.*",
        ),
        (
            "insert into t as q (a) values (1) on conflict (a) where b > 1 do update set c = excluded.c + q.d where q.e > 1 returning with (old as o, new as n) o.a, n.b",
            "write insert | returns_rows | relations: t read+insert+update | columns: t.a, t.c, t.b, t.e, t.d",
        ),
        ("insert into t default values", "write insert | relations: t insert | columns: t.*"),
        (
            "insert into t select * from u on conflict do nothing",
            "write insert | relations: t insert, u read | columns: t.*, u.*",
        ),
        (
            "with w as (select 1 as a) insert into t select a from w",
            "write insert | relations: t insert | columns: t.*, ?.a",
        ),
        ("update t set a = 1", "write update | every_row | relations: t update | columns: t.a"),
        ("update t set a = 1 where true", "write update | every_row | relations: t update | columns: t.a"),
        (
            "update t set a = 1 where b = 2",
            "write update | filtered | relations: t update | columns: t.a, t.b",
        ),
        (
            "update t as x set (a, b) = (select c, d from u where u.id = x.id), e = default from v where x.i = v.i returning x.*",
            "write update | filtered returns_rows all_columns | relations: t read+update, v read, u read | columns: t.a, t.b, t.e, t.i, v.i, t.*, ?.c, ?.d, u.id, t.id",
        ),
        (
            "update t set a = 1 where current of c",
            "write update | filtered uses_name | relations: t update | columns: t.a",
        ),
        (
            "update only s.t set a[f(1)] = 2 where id in (select id from u)",
            "code/write update | filtered unknown_function | relations: s.t update, u read | functions: f unknown | columns: t.a, t.id, ?.id",
        ),
        ("delete from t", "write delete | every_row | relations: t delete"),
        ("delete from t where 1 = 1", "write delete | every_row | relations: t delete"),
        (
            "delete from t using u where t.id = u.id",
            "write delete | filtered | relations: t delete, u read | columns: t.id, u.id",
        ),
        (
            "delete from t where exists (select 1 from u where u.id = t.id)",
            "write delete | filtered | relations: t delete, u read | columns: u.id, t.id",
        ),
        (
            "delete from t where exists (select 1 from u where u.id = 5)",
            "write delete | every_row | relations: t delete, u read | columns: u.id",
        ),
        (
            "delete from t where random() < 0.5",
            "write delete | every_row | relations: t delete | functions: random reads",
        ),
        (
            "merge into t using u on t.id = u.id when matched and t.x > 1 then update set a = u.a when not matched then insert (id) values (f(u.id)) when not matched by source then delete returning merge_action(), t.*",
            "code/write merge | filtered unknown_function returns_rows all_columns since_17 | relations: t read+insert+update+delete, u read | functions: f unknown | columns: t.a, t.id, u.id, u.a, t.x, t.*",
        ),
        (
            "merge into t using (select * from u) v on true when matched then delete",
            "write merge | every_row | relations: t read+delete, u read | columns: u.*",
        ),
        (
            "merge into t using u on true when not matched then insert values (1)",
            "write merge | relations: t read+insert, u read | columns: t.*",
        ),
    ]);
}

#[test]
fn changes_within_changes() {
    check(&[
        (
            "with a as (update t set b = 1 returning *) insert into u select * from a where b = 2",
            "write insert | every_row | relations: u insert, t read+update | columns: u.*, t.b, t.*, ?.*, ?.b",
        ),
        (
            "insert into t (a) values ((select max(b) from u)) returning (select c from v)",
            "write insert | returns_rows | relations: t read+insert, u read, v read | functions: max reads | columns: t.a, u.b, ?.c",
        ),
        (
            "update t set a = a + 1 from (select * from u) v where v.id = t.id",
            "write update | filtered | relations: t update, u read | columns: t.a, ?.id, t.id, u.*, ?.a",
        ),
        (
            "update t set (a, b) = row (1, f(2)) where c is null",
            "code/write update | filtered unknown_function | relations: t update | functions: f unknown | columns: t.a, t.b, t.c",
        ),
        (
            "delete from t where id = any ($1)",
            "write delete | filtered | relations: t delete | columns: t.id",
        ),
        (
            "delete from only s.t as x where x.a in (with d as (delete from u returning id) select id from d)",
            "write delete | every_row filtered | relations: s.t delete, u read+delete | columns: t.a, ?.id",
        ),
        (
            "insert into pg_catalog.pg_class (relname) values ('x')",
            "write insert | reads_catalog | relations: pg_catalog.pg_class insert | columns: pg_class.relname",
        ),
        (
            "update pg_authid set rolsuper = true where rolname = 'x'",
            "write update | filtered reads_catalog reads_secrets | relations: pg_authid update | columns: pg_authid.rolsuper, pg_authid.rolname",
        ),
        (
            "insert into t overriding system value values (1)",
            "write insert | relations: t insert | columns: t.*",
        ),
        (
            "insert into t values (1) on conflict on constraint c do update set a = default",
            "write insert | relations: t insert+update | columns: t.*, t.a",
        ),
        (
            "merge into s.t as x using u on x.id = u.id when matched then do nothing",
            "write merge | filtered | relations: s.t read, u read | columns: t.id, u.id",
        ),
        (
            "with s as (select 1 as id) merge into t using s on t.id = s.id when matched then update set (a, b) = (1, 2) when not matched by source and t.a > f(1) then delete",
            "code/write merge | filtered unknown_function | relations: t read+update+delete | functions: f unknown | columns: t.a, t.b, t.id, ?.id",
        ),
        (
            "merge into t using (u join v using (id)) on t.id = u.id when not matched then insert default values",
            "write merge | filtered | relations: t read+insert, u read, v read | columns: ?.id, t.*, t.id, u.id",
        ),
        (
            "update t set a = nextval('s') where b = 1",
            "write update | literals_decide filtered writing_function | relations: t update | functions: nextval acts | columns: t.a, t.b",
        ),
    ]);
}
