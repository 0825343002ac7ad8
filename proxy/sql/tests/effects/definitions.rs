//! Definitions and privileges.

use crate::check;

#[test]
fn tables_and_what_belongs_to_them() {
    check(&[
        (
            "create table t (a int references u, b int default f(1), foreign key (a) references s.v, like w) inherits (x) partition by range (a)",
            "code/ddl create table | literals_decide unknown_function | relations: x define, u define, s.v define, w read, t define | functions: f unknown",
        ),
        ("create temp table t (a int)", "ddl create table | literals_decide temporary | relations: t define"),
        (
            "create table pg_temp.t (a int)",
            "ddl create table | literals_decide temporary | relations: pg_temp.t define",
        ),
        ("create unlogged table t ()", "ddl create table | literals_decide | relations: t define"),
        (
            "create table t partition of p for values in (1)",
            "ddl create table | literals_decide | relations: p define, t define",
        ),
        (
            "alter table t add column a int default f(1), owner to x",
            "code/privilege alter table | literals_decide unknown_function | relations: t define | functions: f unknown",
        ),
        (
            "alter table t enable row level security",
            "privilege alter table | literals_decide | relations: t define",
        ),
        (
            "alter table t attach partition p for values in (1)",
            "ddl alter table | literals_decide | relations: t define, p define",
        ),
        (
            "alter table only s.t add constraint c foreign key (a) references u",
            "ddl alter table | literals_decide | relations: s.t define, u define",
        ),
        ("alter index i rename to j", "ddl alter index | literals_decide | relations: i define"),
        ("alter table t rename column a to b", "ddl alter table | literals_decide | relations: t define"),
        ("alter table t rename to u", "ddl alter table | literals_decide | relations: t define"),
        ("alter view v set schema s", "ddl alter view | literals_decide | relations: v define"),
        ("alter sequence s restart", "ddl alter sequence | literals_decide | relations: s define"),
        (
            "create index concurrently i on t (f(a)) where g(b)",
            "code/ddl create index | literals_decide unknown_function | relations: t define | functions: f unknown, g unknown | columns: t.a, t.b",
        ),
        (
            "create view v as select f(1)",
            "code/ddl create view | literals_decide unknown_function | relations: v define | functions: f unknown",
        ),
        (
            "create temp view v as select 1",
            "ddl create view | literals_decide temporary | relations: v define",
        ),
        (
            "create or replace rule r as on insert to t do instead nothing",
            "ddl create rule | literals_decide | relations: t define",
        ),
        (
            "create trigger x before insert on t execute function f()",
            "ddl create trigger | literals_decide | relations: t define",
        ),
        (
            "create function f() returns int language sql as 'select 1'",
            "ddl create function | literals_decide",
        ),
        (
            "create procedure p() language sql begin atomic delete from t; end",
            "ddl create procedure | literals_decide",
        ),
        ("alter function f() owner to x", "privilege alter function | literals_decide"),
        ("alter function f() set search_path = a", "ddl alter function | literals_decide"),
        (
            "drop table if exists a, s.b cascade",
            "ddl drop table | literals_decide | relations: a define, s.b define",
        ),
        ("drop view v", "ddl drop view | literals_decide | relations: v define"),
        ("drop index i", "ddl drop index | literals_decide | relations: i define"),
        ("drop function f", "ddl drop function | literals_decide"),
        ("drop trigger x on s.t", "ddl drop trigger | literals_decide | relations: s.t define"),
        ("drop policy p on t", "privilege drop policy | literals_decide | relations: t define"),
        ("drop schema s", "ddl drop schema | literals_decide"),
        ("drop role r", "privilege drop role | literals_decide"),
        ("drop owned by r", "privilege drop owned | literals_decide"),
        ("drop type t", "ddl drop type | literals_decide"),
        ("drop database d", "ddl drop database | literals_decide"),
        ("create database d", "ddl create database | literals_decide"),
        (
            "create schema s create table t (a int) grant select on t to u",
            "privilege create schema | literals_decide | relations: t define",
        ),
    ]);
}

#[test]
fn other_objects() {
    check(&[
        ("create schema s authorization r", "ddl create schema | literals_decide"),
        ("create extension x", "ddl create extension | literals_decide"),
        ("create type t as (a int)", "ddl create type | literals_decide"),
        ("create type t as enum ('a')", "ddl create type | literals_decide"),
        ("create type t as range (subtype = int)", "ddl create type | literals_decide"),
        ("alter type t add value 'b'", "ddl alter type | literals_decide"),
        (
            "create domain d as int check (f(value))",
            "code/ddl create domain | literals_decide unknown_function | functions: f unknown | columns: ?.value",
        ),
        ("create aggregate a (int) (sfunc = f, stype = int)", "ddl create aggregate | literals_decide"),
        ("create operator + (procedure = f)", "ddl create operator | literals_decide"),
        ("create cast (int as text) with function f(int)", "ddl create cast | literals_decide"),
        ("create collation c from \"C\"", "ddl create collation | literals_decide"),
        (
            "create text search configuration c (copy = simple)",
            "ddl create text search configuration | literals_decide",
        ),
        (
            "create statistics s on a, b from t",
            "ddl create statistics | literals_decide | relations: t define",
        ),
        ("create publication p for table t", "ddl create publication | literals_decide replicates"),
        (
            "create subscription s connection 'x' publication p",
            "ddl create subscription | literals_decide replicates",
        ),
        (
            "create foreign table f (a int) server s",
            "unknown unknown | Unjudged(Node(\"a node the bindings leave out\"))",
        ),
        ("create server s foreign data wrapper w", "ddl create server | literals_decide"),
        ("create user mapping for u server s", "privilege create user mapping | literals_decide"),
        ("import foreign schema a from server b into c", "ddl import foreign schema | literals_decide"),
        ("create tablespace t location '/x'", "ddl create tablespace | literals_decide"),
        (
            "create event trigger e on ddl_command_start execute function f()",
            "ddl create event trigger | literals_decide",
        ),
        ("create language l", "ddl create extension | literals_decide"),
        ("create access method m type table handler h", "ddl create access method | literals_decide"),
        ("create role r superuser", "privilege create role | literals_decide"),
    ]);
}

#[test]
fn who_may_do_what_is_graver() {
    check(&[
        ("alter role r password 'x'", "privilege alter role | literals_decide"),
        ("create user u", "privilege create role | literals_decide"),
        ("create group g", "privilege create role | literals_decide"),
        ("alter group g add user u", "privilege alter role | literals_decide"),
        (
            "grant select (a), update on t, s.u to x",
            "privilege grant | literals_decide | relations: t define, s.u define",
        ),
        ("grant all on all tables in schema s to x", "privilege grant | literals_decide"),
        ("grant execute on function f() to x", "privilege grant | literals_decide"),
        ("grant usage on schema s to x", "privilege grant | literals_decide"),
        ("revoke r from x", "privilege revoke role | literals_decide"),
        (
            "alter default privileges grant select on tables to x",
            "privilege alter default privileges | literals_decide",
        ),
        ("reassign owned by a to b", "privilege reassign owned | literals_decide"),
        (
            "create policy p on t using (f(a))",
            "code/privilege create policy | literals_decide unknown_function | relations: t define | functions: f unknown | columns: t.a",
        ),
        (
            "security label for x on table t is 'y'",
            "privilege security label | literals_decide | relations: t define",
        ),
        ("comment on table s.t is 'x'", "ddl comment | literals_decide | relations: s.t define"),
        ("comment on column t.a is 'x'", "ddl comment | literals_decide | relations: t define"),
        ("comment on function f() is 'x'", "ddl comment | literals_decide"),
        ("alter database d owner to x", "privilege alter database | literals_decide"),
        ("alter database d rename to e", "ddl alter database | literals_decide"),
        ("alter large object 5 owner to x", "privilege alter large object | literals_decide"),
        (
            "alter operator family f using btree add function 1 g(int)",
            "ddl alter operator family | literals_decide",
        ),
    ]);
}

#[test]
fn the_rest_of_the_definitions() {
    check(&[
        (
            "create transform for int language l (from sql with function f(internal))",
            "ddl create transform | literals_decide",
        ),
        ("create conversion c for 'a' to 'b' from f", "ddl create conversion | literals_decide"),
        (
            "create operator class c for type int using btree as function 1 f(int)",
            "ddl create operator class | literals_decide",
        ),
        ("alter text search dictionary d (a = b)", "ddl alter text search dictionary | literals_decide"),
        ("alter extension x add table t", "ddl alter extension | literals_decide"),
        ("alter table all in tablespace a set tablespace b", "ddl alter table | literals_decide"),
        ("alter event trigger e disable", "ddl alter event trigger | literals_decide"),
        ("alter subscription s disable", "ddl alter subscription | literals_decide replicates"),
        ("drop subscription s", "ddl drop subscription | literals_decide replicates"),
        ("drop tablespace t", "ddl drop tablespace | literals_decide"),
        ("alter server s options (add a 'b')", "ddl alter server | literals_decide"),
        ("alter foreign data wrapper w handler h", "ddl alter foreign data wrapper | literals_decide"),
        ("alter domain d drop default", "ddl alter domain | literals_decide"),
        ("alter statistics s set statistics 5", "ddl alter statistics | literals_decide"),
        ("alter collation c refresh version", "ddl alter collation | literals_decide"),
        ("drop server s", "ddl drop server | literals_decide"),
        (
            "alter policy p on t using (true)",
            "privilege alter policy | literals_decide | relations: t define",
        ),
        (
            "alter system set default_transaction_read_only = off",
            "privilege alter system | literals_decide undoes_read_only changes_stored_setting | settings: default_transaction_read_only = off",
        ),
        ("drop user mapping for u server s", "privilege drop user mapping | literals_decide"),
        ("cluster", "maintenance cluster | literals_decide"),
        ("reindex database d", "maintenance reindex | literals_decide"),
        ("vacuum", "maintenance vacuum | literals_decide"),
        ("analyze", "maintenance analyze | literals_decide"),
    ]);
}

#[test]
fn what_a_definition_holds_is_looked_into() {
    check(&[
        (
            "create temp view v as select pg_read_file('x')",
            "code create view | literals_decide server_file | relations: v define | functions: pg_read_file acts",
        ),
        (
            "create view v as select a, nextval('s') from t",
            "ddl create view | literals_decide writing_function | relations: v define, t read | functions: nextval acts | columns: t.a",
        ),
        (
            "create recursive view v (n) as select 1 union all select n + f(n) from v",
            "code/ddl create view | literals_decide unknown_function | relations: v define | functions: f unknown | columns: ?.n",
        ),
        (
            "create materialized view v as select pg_read_file('x')",
            "code create materialized view | literals_decide server_file | relations: v define | functions: pg_read_file acts",
        ),
        (
            "create temp table t (a text default pg_read_file('x'))",
            "code create table | literals_decide server_file | relations: t define | functions: pg_read_file acts",
        ),
        (
            "create temp table t (a int default nextval('s'), b timestamptz default now())",
            "ddl create table | literals_decide writing_function | relations: t define | functions: now reads, nextval acts",
        ),
        (
            "create temp table t as select f(1)",
            "code/ddl create table as | literals_decide unknown_function | relations: t define | functions: f unknown",
        ),
        (
            "create temp view v as select pg_sleep(1)",
            "ddl create view | literals_decide sleeps | relations: v define | functions: pg_sleep acts",
        ),
        (
            "create temp view v as select pg_terminate_backend(1)",
            "ddl create view | literals_decide administers | relations: v define | functions: pg_terminate_backend acts",
        ),
        (
            "create table t (a int check (f(a) > 0), b int generated always as (g(a)) stored, check (h(b)), exclude using gist (i(a) with operator(s.=)) where (j(b)))",
            "code/ddl create table | literals_decide unknown_function | relations: t define | functions: s.= unknown, i unknown, j unknown, h unknown, g unknown, f unknown | columns: t.a, t.b",
        ),
        (
            "create table t (a int) partition by list (f(a))",
            "code/ddl create table | literals_decide unknown_function | relations: t define | functions: f unknown | columns: t.a",
        ),
        (
            "create table t partition of p (b default f(1)) for values from (g(1), minvalue) to (maxvalue, h(2))",
            "code/ddl create table | literals_decide unknown_function | relations: p define, t define | functions: h unknown, g unknown, f unknown",
        ),
        (
            "create table t of s.x (a default f(1))",
            "code/ddl create table | literals_decide unknown_function | relations: t define | functions: f unknown",
        ),
        (
            "create unique index i on t (lower(a), f(b)) where c = any (array[g(1)])",
            "code/ddl create index | literals_decide unknown_function | relations: t define | functions: lower reads, f unknown, g unknown | columns: t.a, t.b, t.c",
        ),
        (
            "create schema s create table t (a int default f(1)) create view v as select g(a) from t create index on t (h(a)) grant select on t to u",
            "code/privilege create schema | literals_decide unknown_function | relations: t read+define, v define | functions: h unknown, g unknown, f unknown | columns: t.a",
        ),
        (
            "create schema s create view v as select query_to_xml('select 1', true, true, '')",
            "code create schema | literals_decide runs_text | relations: v define | functions: query_to_xml acts",
        ),
        (
            "alter table t add column a text default pg_read_file('x')",
            "code alter table | literals_decide server_file | relations: t define | functions: pg_read_file acts",
        ),
        (
            "alter table t alter a set default f(1), alter b type int using g(b), add check (h(c)), add constraint x exclude (i(a) with =), alter d set expression as (j(d)), alter e drop default, alter e set storage plain",
            "code/ddl alter table | literals_decide unknown_function | relations: t define | functions: j unknown, i unknown, h unknown, g unknown, f unknown | columns: t.d, t.a, t.c, t.b",
        ),
        (
            "alter table t attach partition p for values in (f(1))",
            "code/ddl alter table | literals_decide unknown_function | relations: t define, p define | functions: f unknown",
        ),
        ("alter type t add attribute a int", "ddl alter type | literals_decide | relations: t define"),
        (
            "create domain d as int default f(1) check (g(value))",
            "code/ddl create domain | literals_decide unknown_function | functions: g unknown, f unknown | columns: ?.value",
        ),
        (
            "alter domain d set default f(1)",
            "code/ddl alter domain | literals_decide unknown_function | functions: f unknown",
        ),
        (
            "alter domain d add check (g(value))",
            "code/ddl alter domain | literals_decide unknown_function | functions: g unknown | columns: ?.value",
        ),
        ("alter domain d drop default", "ddl alter domain | literals_decide"),
        (
            "create rule r as on update to t where f(new.a) do instead (insert into u values (g(old.b)); notify n; select h(1))",
            "code/ddl create rule | literals_decide unknown_function notifies | relations: t define, u insert | functions: f unknown, h unknown, g unknown | columns: t.a, u.*, t.b",
        ),
        (
            "create policy p on t using (f(a)) with check (exists (select from u where u.b = t.b))",
            "code/privilege create policy | literals_decide unknown_function | relations: t define, u read | functions: f unknown | columns: t.a, u.b, t.b",
        ),
        (
            "alter policy p on t using (g(a))",
            "code/privilege alter policy | literals_decide unknown_function | relations: t define | functions: g unknown | columns: t.a",
        ),
        (
            "create trigger x before update on t for each row when (f(new.a)) execute function g()",
            "code/ddl create trigger | literals_decide unknown_function | relations: t define | functions: f unknown | columns: t.a",
        ),
        (
            "create statistics s on (f(a)), b from t",
            "code/ddl create statistics | literals_decide unknown_function | relations: t define | functions: f unknown | columns: t.a",
        ),
        (
            "create table t (a int default 1, b text default 'x' || current_user, c uuid default gen_random_uuid())",
            "ddl create table | literals_decide | relations: t define | functions: gen_random_uuid reads",
        ),
    ]);
}
