//! What is made, changed and dropped, and who may do what.

use crate::check;

#[test]
fn tables_are_made_changed_and_dropped() {
    check(&[
        ("create table t (a int)", "ddl create table | literals_decide | relations: t define"),
        (
            "create table if not exists s.t (id int unsigned not null auto_increment primary key, b varchar(10) character set utf8mb4 collate utf8mb4_bin default 'x' comment 'y', c timestamp(6) default current_timestamp(6) on update current_timestamp(6), d decimal(10, 2) default (f(1) + 2), e int generated always as (a + g(1)) stored, h int as (lower(b)) virtual check (k(h) > 1), unique key u (b(5)), key i (c), fulltext (b), constraint fk foreign key (a) references s.u (id) on delete cascade, check (length(b) > 1)) engine = innodb default charset = utf8mb4 comment = 'select f(1)' partition by range (a) (partition p0 values less than (10), partition p1 values less than maxvalue)",
            "code/ddl create table | literals_decide unknown_function | relations: s.t define, s.u read | functions: current_timestamp reads, f unknown, g unknown, lower reads, k unknown, length reads | columns: t.a, t.b, t.h",
        ),
        ("create table t like u", "ddl create table | literals_decide | relations: t define, u read"),
        ("create table t (like s.u)", "ddl create table | literals_decide | relations: t define, s.u read"),
        (
            "create table t as select a, f(b) from u",
            "code/ddl create table as | literals_decide unknown_function | relations: t define, u read | functions: f unknown | columns: u.a, u.b",
        ),
        (
            "create table t (a int) engine = myisam select b as a from u",
            "ddl create table as | literals_decide | relations: t define, u read | columns: u.b",
        ),
        (
            "create table t ignore (select a from u)",
            "ddl create table as | literals_decide | relations: t define, u read | columns: u.a",
        ),
        (
            "create table t replace as with x as (select 1 as a) select * from x",
            "ddl create table as | literals_decide | relations: t define | columns: ?.*",
        ),
        (
            "create table t as table u",
            "ddl create table as | literals_decide | relations: t define, u read | columns: u.*",
        ),
        ("create table t as values (1), (2)", "ddl create table as | literals_decide | relations: t define"),
        (
            "create table t as (values (1), (2))",
            "ddl create table as | literals_decide | relations: t define",
        ),
        (
            "create or replace table t (a int) with system versioning",
            "ddl create table | literals_decide | relations: t define",
        ),
        (
            "create temporary table t (a int)",
            "ddl create table | literals_decide temporary | relations: t define",
        ),
        (
            "create temporary table t as select a from u",
            "ddl create table as | literals_decide temporary | relations: t define, u read | columns: u.a",
        ),
        (
            "create temporary table t as select f(a) from u",
            "code/ddl create table as | literals_decide unknown_function | relations: t define, u read | functions: f unknown | columns: u.a",
        ),
        (
            "create temporary table if not exists t engine = memory as (select * from u)",
            "ddl create table as | literals_decide temporary | relations: t define, u read | columns: u.*",
        ),
        (
            "create table t (a int) data directory = '/tmp' index directory '/tmp'",
            "ddl create table | literals_decide server_file | relations: t define",
        ),
        (
            "create table t (directory int, `check` int)",
            "ddl create table | literals_decide | relations: t define",
        ),
        (
            "create table t (a int) union = (u, s.v) engine = merge",
            "ddl create table | literals_decide | relations: t define, u read, s.v read",
        ),
        (
            "create table t (a int default nextval(s))",
            "ddl create table | literals_decide writing_function | relations: t define, s read+update | functions: nextval acts",
        ),
        (
            "create table t (a int references u (b))",
            "ddl create table | literals_decide | relations: t define, u read",
        ),
        (
            "create table t (a int check (exists (select 1 from u)))",
            "ddl create table | literals_decide | relations: t define, u read",
        ),
        (
            "alter table t add column b int default (f(1)), drop column c, modify d varchar(5), add index i (b)",
            "code/ddl alter table | literals_decide unknown_function | relations: t define | functions: f unknown",
        ),
        (
            "alter table t rename to s.u",
            "ddl alter table | literals_decide | relations: t define, s.u define",
        ),
        (
            "alter table t rename u, engine = innodb",
            "ddl alter table | literals_decide | relations: t define, u define",
        ),
        (
            "alter table t rename column a to b, rename index i to j",
            "ddl alter table | literals_decide | relations: t define",
        ),
        (
            "alter table t exchange partition p with table u without validation",
            "ddl alter table | literals_decide | relations: t define, u insert+delete+define",
        ),
        (
            "alter table t convert partition p to table u",
            "ddl alter table | literals_decide | relations: t define, u insert+delete+define",
        ),
        (
            "alter table t add constraint c check (f(a))",
            "code/ddl alter table | literals_decide unknown_function | relations: t define | functions: f unknown | columns: t.a",
        ),
        ("alter ignore table t order by a", "ddl alter table | literals_decide | relations: t define"),
        ("alter online table s.t force", "ddl alter table | literals_decide | relations: s.t define"),
        ("alter table t discard tablespace", "ddl alter table | literals_decide | relations: t define"),
        (
            "alter table t add foreign key (a) references u (b)",
            "ddl alter table | literals_decide | relations: t define, u read",
        ),
        ("drop table t", "ddl drop table | literals_decide | relations: t define"),
        (
            "drop table if exists s.t, u cascade",
            "ddl drop table | literals_decide | relations: s.t define, u define",
        ),
        ("drop temporary table t", "ddl drop table | literals_decide | relations: t define"),
        ("drop tables t", "ddl drop table | literals_decide | relations: t define"),
        (
            "rename table t to u, s.v to s.w",
            "ddl rename table | literals_decide | relations: t define, u define, s.v define, s.w define",
        ),
        ("rename tables t to u", "ddl rename table | literals_decide | relations: t define, u define"),
        ("create table t", "ddl create table | literals_decide | relations: t define"),
    ]);
}

#[test]
fn other_objects_are_made_changed_and_dropped() {
    check(&[
        (
            "create view v as select a from t where f(b)",
            "code/ddl create view | literals_decide unknown_function | relations: v define, t read | functions: f unknown | columns: t.a, t.b",
        ),
        (
            "create or replace algorithm = merge definer = 'u'@'h' sql security invoker view s.v (x, y) as (select a, b from t) union (select c, d from u) with cascaded check option",
            "ddl create view | literals_decide | relations: s.v define, t read, u read | columns: t.a, t.b, u.c, u.d",
        ),
        (
            "create view v as select * from t for update",
            "ddl create view | literals_decide locks_rows | relations: v define, t read+lock | columns: t.*",
        ),
        (
            "alter view v as select a from u",
            "ddl alter view | literals_decide | relations: v define, u read | columns: u.a",
        ),
        (
            "alter algorithm = undefined definer = current_user view v as select a from u",
            "ddl alter view | literals_decide | relations: v define, u read | columns: u.a",
        ),
        ("drop view if exists v, s.w", "ddl drop view | literals_decide | relations: v define, s.w define"),
        (
            "create index i on t (a, b(10) desc, (f(c)))",
            "code/ddl create index | literals_decide unknown_function | relations: t define | functions: f unknown | columns: t.a, t.b, t.c",
        ),
        (
            "create unique index if not exists i using btree on s.t (a) comment 'x' algorithm = inplace",
            "ddl create index | literals_decide | relations: s.t define | columns: t.a",
        ),
        (
            "create fulltext index i on t (a)",
            "ddl create index | literals_decide | relations: t define | columns: t.a",
        ),
        ("drop index i on t", "ddl drop index | literals_decide | relations: t define"),
        ("create database s", "ddl create database | literals_decide"),
        ("create schema if not exists s character set utf8mb4", "ddl create database | literals_decide"),
        ("alter database s read only = 1", "ddl alter database | literals_decide"),
        ("drop schema s", "ddl drop database | literals_decide"),
        ("create sequence s start with 5", "ddl create sequence | literals_decide | relations: s define"),
        (
            "create or replace temporary sequence s",
            "ddl create sequence | literals_decide temporary | relations: s define",
        ),
        ("alter sequence s restart 10", "ddl alter sequence | literals_decide | relations: s define"),
        ("drop sequence s", "ddl drop sequence | literals_decide | relations: s define"),
        (
            "create trigger g before insert on t for each row set new.a = 1",
            "ddl create trigger | literals_decide | relations: t define",
        ),
        (
            "create definer = u@localhost trigger if not exists s.g after delete on s.t for each row begin delete from u; insert into v values (1); end",
            "ddl create trigger | literals_decide | relations: s.t define",
        ),
        ("drop trigger g", "ddl drop trigger | literals_decide"),
        ("create procedure p() select 1", "ddl create procedure | literals_decide"),
        (
            "create definer = `u`@`%` procedure s.p(in a int, out b int) begin declare x int; select 1; if a then delete from t; end if; end",
            "ddl create procedure | literals_decide",
        ),
        ("alter procedure p comment 'x'", "ddl alter procedure | literals_decide"),
        ("drop procedure if exists p", "ddl drop procedure | literals_decide"),
        (
            "create function f(a int) returns int deterministic return a + 1",
            "ddl create function | literals_decide",
        ),
        (
            "create function f returns string soname 'udf.so'",
            "code create function | literals_decide server_file",
        ),
        (
            "create aggregate function f returns real soname 'udf.so'",
            "code create function | literals_decide server_file",
        ),
        ("drop function f", "ddl drop function | literals_decide"),
        ("create event e on schedule every 1 hour do delete from t", "ddl create event | literals_decide"),
        ("alter event e disable", "ddl alter event | literals_decide"),
        ("drop event e", "ddl drop event | literals_decide"),
        (
            "create server s foreign data wrapper mysql options (host 'x', password 'y')",
            "ddl create server | literals_decide",
        ),
        ("alter server s options (user 'z')", "ddl alter server | literals_decide"),
        ("drop server s", "ddl drop server | literals_decide"),
        ("create tablespace x add datafile 'x.ibd'", "ddl create tablespace | literals_decide server_file"),
        ("drop tablespace x", "ddl drop tablespace | literals_decide"),
        (
            "create spatial reference system 4120 name 'x'",
            "ddl create spatial reference system | literals_decide",
        ),
        ("create logfile group g add undofile 'x'", "ddl create logfile group | literals_decide server_file"),
        (
            "alter instance rotate innodb master key",
            "maintenance alter instance | literals_decide administers",
        ),
        (
            "create resource group g type = user",
            "maintenance create resource group | literals_decide administers",
        ),
        (
            "alter nonsense x",
            r#"unknown unknown | Unjudged(Syntax { position: Some(7), message: "syntax error at or near \"nonsense\"" })"#,
        ),
        (
            "create",
            r#"unknown unknown | Unjudged(Syntax { position: Some(7), message: "syntax error at end of input" })"#,
        ),
        (
            "drop",
            r#"unknown unknown | Unjudged(Syntax { position: Some(5), message: "syntax error at end of input" })"#,
        ),
    ]);
}

#[test]
fn who_may_do_what() {
    check(&[
        ("create user u identified by 'x'", "privilege create user | literals_decide"),
        (
            "create or replace user 'u'@'%' identified via unix_socket",
            "privilege create user | literals_decide",
        ),
        ("alter user current_user() identified by 'x'", "privilege alter user | literals_decide"),
        ("drop user u", "privilege drop user | literals_decide"),
        ("rename user u to v", "privilege rename user | literals_decide"),
        ("create role r", "privilege create role | literals_decide"),
        ("drop role r", "privilege drop role | literals_decide"),
        ("grant select on t to u", "privilege grant | literals_decide | relations: t define"),
        (
            "grant select (a, b), insert on table s.t to 'u'@'%' with grant option",
            "privilege grant | literals_decide | relations: s.t define",
        ),
        ("grant all privileges on *.* to u", "privilege grant | literals_decide"),
        ("grant select on s.* to u", "privilege grant | literals_decide"),
        ("grant execute on procedure s.p to u", "privilege grant | literals_decide"),
        ("grant r to u", "privilege grant | literals_decide"),
        ("grant proxy on 'a'@'b' to 'c'", "privilege grant | literals_decide"),
        ("revoke select on t from u", "privilege revoke | literals_decide | relations: t define"),
        ("revoke all privileges, grant option from u", "privilege revoke | literals_decide"),
        ("revoke r from u", "privilege revoke | literals_decide"),
    ]);
}

#[test]
fn programs_end_where_their_blocks_do() {
    check(&[
        (
            "create procedure p() begin if a then select 1; elseif b then select 2; else begin select 3; end; end if; case a when 1 then select 1; else select 2; end case; end",
            "ddl create procedure | literals_decide",
        ),
        (
            "create procedure p() begin l: loop leave l; end loop l; while a do set a = case when b then 1 else 2 end; end while; repeat set a = 1; until a end repeat; end",
            "ddl create procedure | literals_decide",
        ),
        (
            "create procedure p() begin declare exit handler for sqlexception begin rollback; end; declare c cursor for select if(a, 1, 2) from t; for i in 1..5 do select i; end for; end",
            "ddl create procedure | literals_decide",
        ),
        (
            "create procedure p() l: begin select t.end from t; end l",
            "ddl create procedure | literals_decide",
        ),
        (
            "create trigger g after insert on t for each row begin insert into u values (new.a); end",
            "ddl create trigger | literals_decide | relations: t define",
        ),
        (
            "create event e on schedule every 1 day do begin delete from t; delete from u; end",
            "ddl create event | literals_decide",
        ),
        ("create function f() returns int begin return 1; end", "ddl create function | literals_decide"),
        ("begin not atomic select 1; select 2; end", "code begin not atomic | literals_decide runs_text"),
        (
            "create procedure p() begin select begin; end; drop table x; end",
            r#"unknown unknown | Unjudged(Ambiguous("where a stored program ends"))"#,
        ),
        (
            "create procedure p() select begin; drop table x; end",
            r#"unknown unknown | Unjudged(Ambiguous("where a stored program ends"))"#,
        ),
        (
            "create procedure p() begin if a then select 1; end; drop table x; end if",
            r#"unknown unknown | Unjudged(Ambiguous("where a stored program ends"))"#,
        ),
    ]);
}
