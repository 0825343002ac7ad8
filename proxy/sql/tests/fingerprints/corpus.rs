//! Where do the statements come from that both sides are asked about?
//!
//! From templates: `{T}` is a table, `{C}` a column, `{D}` one of two, `{F}` a function, `{O}` the name of a result's
//! column, `{S}` a name of the session's own; these make a statement's shape. `{L}` is a literal,
//! `{N}` a number, `{Q}` a string, `{I}` a list of literals, `{R}` rows of as many literals as `{C}`
//! stand before it: these do not. Each shape is written several times, with other literals, lists, spaces,
//! comments and case.

/// What a shape is made of. Every one is accepted by the grammar.
const TEMPLATES: &[&str] = &[
    "select {C} from {T}",
    // Few names, so that the same ones meet in another order and under other names.
    "select {D}, {D} from events where {D} = {L}",
    "select {D} as {O} from events",
    "select {C}, {C} from {T} where {C} = {L}",
    "select * from {T} where {C} in ({I})",
    "select * from {T} where {C} not in ({I}) and {C} > {L}",
    "select {C} from {T} where {C} = {L} and {C} <> {L}",
    "select {C} as {O}, {C} as {O} from {T}",
    "select {T}.{C} from {T} as x where x.{C} like {L}",
    "select count(*) from {T} group by {C} having count(*) > {N}",
    "select distinct {C} from {T} order by {C} desc limit {N}",
    "select distinct on ({C}) {C} from {T} order by {C}, {C} desc nulls last",
    "select {F}({C}) from {T}",
    "select {F}({C}, {L}) from {T} where {F}({L}) is not null",
    "select a.{C}, b.{C} from {T} a inner join {T} b on a.{C} = b.{C} where a.{C} = {L}",
    "select a.{C} from {T} a left outer join {T} b using ({C}) where b.{C} is null",
    "select a.{C} from {T} a full outer join {T} b using ({C})",
    "select a.{C} from {T} a right outer join {T} b on true",
    "select a.{C} from {T} a cross join {T} b",
    "select a.{C} from {T} a natural inner join {T} b",
    "select {C} from {T} where {C} between {L} and {L}",
    "select {C} from {T} where {C} = any(array[{I}])",
    "select array[{I}] from {T}",
    "select ({C}, {C}) from {T} where ({C}, {C}) in (({L}, {L}), ({L}, {L}))",
    "select {C} from {T} where {C} in (select {C} from {T} where {C} = {L})",
    "select {C} from {T} where exists (select 1 from {T} where {C} = {L})",
    "select {C} from {T} where not ({C} = {L} or {C} = {L})",
    "select case when {C} > {L} then {L} else {C} end from {T}",
    "select case {C} when {L} then {C} end from {T}",
    "select coalesce({C}, {L}) from {T}",
    "select {C}::text from {T} where {C}::int = {N}",
    "select {C} -> {L} ->> {L} from {T} where {C} @> {L}",
    "select {C}[{N}] from {T}",
    "select {C} || {L} || {C} from {T}",
    "select {C} + {N} * {C} - {N} from {T}",
    "select -{C}, - {N}, {C} - {N} from {T}",
    "select {C}, row_number() over (partition by {C} order by {C}) from {T}",
    "select {C}, sum({C}) over w from {T} window w as (order by {C} rows between unbounded preceding and current row)",
    "select {F}({C}) filter (where {C} > {L}) from {T}",
    "select string_agg({C}, {L} order by {C}) from {T}",
    "select percentile_cont({N}) within group (order by {C}) from {T}",
    "select {C} from {T} tablesample bernoulli ({N})",
    "select {C} from {T} for update of {T} skip locked",
    "select {C} from {T} for share nowait",
    "select {C} from only {T}",
    "select x.{C} from {T} x, lateral (select {C} from {T} y where y.{C} = x.{C} limit {N}) z",
    "select {C} from {T} union select {C} from {T}",
    "select {C} from {T} union all select {C} from {T} where {C} = {L}",
    "select {C} from {T} intersect select {C} from {T}",
    "select {C} from {T} except all select {C} from {T}",
    "with x as (select {C} from {T} where {C} = {L}) select {C} from x",
    "with recursive x({C}) as (select {N} union all select {C} + {N} from x where {C} < {N}) select {C} from x",
    "with x as materialized (select {C} from {T}) select {C} from x join {T} using ({C})",
    "with x as (delete from {T} where {C} = {L} returning {C}) select {C} from x",
    "select * from generate_series({N}, {N}) as x(a)",
    "select * from unnest(array[{I}]) with ordinality as x(a, b)",
    "select {C} from {T} group by grouping sets (({C}), ({C}, {C}), ())",
    "select {C} from {T} group by rollup ({C}, {C})",
    "select extract(year from {C}) from {T}",
    "select {C} at time zone {Q} from {T}",
    "select {C} from {T} where {C} ilike {L} escape {Q}",
    "select {C} from {T} where {C} similar to {Q}",
    "select {C} from {T} where {C} is distinct from {L}",
    "select {C} from {T} where {C} is true",
    "select {C} from {T} where {C} ~* {L}",
    "select {C} from {T} offset {N} rows fetch first {N} rows only",
    "select current_date, current_timestamp, session_user from {T} where {C} = {L}",
    "select {C} collate \"C\" from {T}",
    "select exists(select {C} from {T})",
    "select xmlelement(name {C}, {C}) from {T}",
    "select json_object({L} : {C}) from {T}",
    "select position({L} in {C}), substring({C} from {N} for {N}), trim(both {Q} from {C}) from {T}",
    "values ({I})",
    "insert into {T} values ({I})",
    "insert into {T} ({C}, {C}) values {R}",
    "insert into {T} ({C}) values {R} returning {C}",
    "insert into {T} ({C}, {C}, {C}) values {R} on conflict do nothing",
    "insert into {T} ({C}, {C}) values {R} on conflict ({C}) do update set {C} = excluded.{C}",
    "insert into {T} ({C}) select {C} from {T} where {C} = {L}",
    "insert into {T} default values",
    "insert into {T} as x ({C}) overriding user value values {R}",
    "update {T} set {C} = {L} where {C} = {L}",
    "update {T} set {C} = {C} + {N}, {C} = {L} where {C} in ({I})",
    "update {T} set ({C}, {C}) = (select {C}, {C} from {T}) where {C} = {L}",
    "update {T} x set {C} = y.{C} from {T} y where x.{C} = y.{C}",
    "update only {T} set {C} = default returning {C}",
    "delete from {T} where {C} = {L}",
    "delete from {T} x using {T} y where x.{C} = y.{C} and y.{C} < {L}",
    "delete from {T} where {C} in ({I}) returning {C}",
    "merge into {T} x using {T} y on x.{C} = y.{C} when matched then update set {C} = y.{C}",
    "merge into {T} x using {T} y on x.{C} = y.{C} when not matched then insert ({C}) values (y.{C})",
    "merge into {T} x using {T} y on x.{C} = y.{C} when matched and x.{C} > {L} then delete",
    "truncate {T}",
    "truncate {T}, {T} restart identity cascade",
    "lock table {T} in exclusive mode",
    "create table {T} ({C} int primary key, {C} text not null default {L})",
    "create table {T} as select {C} from {T} where {C} = {L}",
    "create temporary table scratch ({C} int) on commit drop",
    "create index on {T} ({C}, {C})",
    "create unique index concurrently on {T} using btree ({C}) where {C} > {L}",
    "create view {T} as select {C} from {T}",
    "alter table {T} add column {C} bigint",
    "alter table {T} drop column {C}",
    "alter table {T} rename column old_name to new_name",
    "drop table {T}",
    "drop table if exists {T}, {T} cascade",
    "drop index if exists {C}",
    "comment on table {T} is null",
    "grant select on {T} to somebody",
    "revoke insert on {T} from somebody",
    "copy {T} from stdin",
    "copy {T} ({C}, {C}) to stdout with (format csv, header)",
    "copy (select {C} from {T} where {C} = {L}) to stdout",
    "explain select {C} from {T} where {C} = {L}",
    "explain (analyze, buffers) select {C} from {T}",
    "prepare {S} as select {C} from {T} where {C} = {L}",
    "declare {S} cursor for select {C} from {T}",
    "declare {S} scroll cursor with hold for select {C} from {T} where {C} = {L}",
    "savepoint {S}",
    "rollback to savepoint {S}",
    "release savepoint {S}",
    "deallocate {S}",
    "close {S}",
    "fetch all from {S}",
    "vacuum analyze {T}",
    "analyze {T} ({C})",
    "reindex table {T}",
    "refresh materialized view {T}",
    "call {F}({I})",
    "select {F}({I})",
    "notify {S}, {Q}",
    "listen {S}",
    "set {C} = {Q}",
    "show {C}",
    "reset {C}",
    "set transaction isolation level serializable",
    "begin isolation level repeatable read read only",
    "start transaction",
    "commit",
    "rollback",
];

const TABLES: &[&str] = &[
    "orders",
    "customers",
    "products",
    "invoices",
    "payments",
    "shipments",
    "reviews",
    "carts",
    "events",
    "visits",
    "suppliers",
    "shop.orders",
    "warehouse.stock",
    "orders_2024_01",
    "orders_2024_02",
];
const COLUMNS: &[&str] = &[
    "id",
    "customer_id",
    "status",
    "total",
    "created_at",
    "name",
    "email",
    "price",
    "quantity",
    "note",
    "kind",
    "país",
];
const FUNCTIONS: &[&str] = &["lower", "upper", "my_function", "shop.total_of", "length"];
const SPACES: &[&str] = &[
    " ",
    "  ",
    "\n",
    "\t",
    "\r\n  ",
    " /* why */ ",
    " /* a /* nested */ one; */ ",
    " -- to the end; '\n",
    "/**/",
];
const STRINGS: &[&str] = &[
    "'x'",
    "''",
    "'it''s'",
    "'a;b'",
    "'-- no comment'",
    "E'a\\'b'",
    "U&'d\\0061t'",
    "$$x$$",
    "$tag$ $$ ' $tag$",
    "B'01'",
    "X'1F'",
    "N'x'",
    "'two\n  lines'",
    "'one'\n  'literal'",
    "'ünïcode'",
];
const NUMBERS: &[&str] =
    &["0", "1", "42", "3.5", ".5", "7.", "1e10", "1.5E-3", "0x1F", "0b10", "0o17", "1_000"];

/// SplitMix64: the same corpus every time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % bound as u64).unwrap()
    }

    fn one_of<'a>(&mut self, some: &[&'a str]) -> &'a str {
        some[self.below(some.len())]
    }

    fn literal(&mut self) -> String {
        match self.below(5) {
            4 => self.one_of(&["null", "NULL", "true", "False"]).to_owned(),
            0 => self.one_of(NUMBERS).to_owned(),
            1 => format!("-{}", self.one_of(NUMBERS)),
            2 => self.one_of(STRINGS).to_owned(),
            _ => format!("${}", self.below(9) + 1),
        }
    }

    fn list(&mut self, len: usize) -> String {
        (0..len).map(|_| self.literal()).collect::<Vec<_>>().join(", ")
    }
}

/// Texts the grammar accepts.
pub struct Corpus {
    /// Each one statement.
    pub statements: Vec<String>,
}

impl Corpus {
    /// `count` statements: every template in turn, each shape several times.
    pub fn new(count: usize) -> Corpus {
        const TIMES: usize = 5;
        let mut chance = Chance(1);
        let mut statements = Vec::with_capacity(count);
        let mut templates = TEMPLATES.iter().cycle();
        while statements.len() < count {
            let shape = named(templates.next().unwrap(), &mut chance);
            statements.extend((0..TIMES).map(|_| written(&shape, &mut chance)));
        }
        Corpus { statements }
    }
}

/// A template with its names filled in; its literals are still open.
fn named(template: &str, chance: &mut Chance) -> String {
    let mut shape = String::new();
    let mut rest = template;
    let mut columns = 0;
    while let Some((before, after)) = rest.split_once('{') {
        let (slot, behind) = after.split_once('}').unwrap();
        shape.push_str(before);
        columns = if before.contains('(') { 0 } else { columns };
        match slot {
            "T" => shape.push_str(chance.one_of(TABLES)),
            "C" => {
                columns += 1;
                shape.push_str(chance.one_of(COLUMNS));
            }
            "D" => shape.push_str(chance.one_of(&COLUMNS[..2])),
            "F" => shape.push_str(chance.one_of(FUNCTIONS)),
            "O" => shape.push_str(&format!("out_{}", chance.below(4))),
            "S" => shape.push_str(&format!("my_{}", chance.below(4))),
            "R" => shape.push_str(&format!("{{R{columns}}}")),
            other => shape.push_str(&format!("{{{other}}}")),
        }
        rest = behind;
    }
    shape + rest
}

/// A shape as somebody could write it.
fn written(shape: &str, chance: &mut Chance) -> String {
    let spelled = spelled(shape, chance);
    let mut text = String::new();
    let mut rest = spelled.as_str();
    while let Some((before, after)) = rest.split_once('{') {
        let (slot, behind) = after.split_once('}').unwrap();
        text.push_str(before);
        match slot.as_bytes() {
            b"L" => text.push_str(&chance.literal()),
            b"N" => text.push_str(chance.one_of(NUMBERS)),
            b"Q" => text.push_str(chance.one_of(&STRINGS[..7])),
            b"I" => {
                let len = 1 + chance.below(6);
                text.push_str(&chance.list(len));
            }
            [b'R', columns] => {
                let row = |chance: &mut Chance| format!("({})", chance.list(usize::from(columns - b'0')));
                let rows: Vec<_> = (0..1 + chance.below(4)).map(|_| row(chance)).collect();
                text.push_str(&rows.join(", "));
            }
            other => panic!("no such slot: {}", String::from_utf8_lossy(other)),
        }
        rest = behind;
    }
    text.push_str(rest);
    if chance.below(4) == 0 {
        text.push_str(" ;");
    }
    text
}

/// Other spaces, comments and case, and the words that may be left out.
fn spelled(shape: &str, chance: &mut Chance) -> String {
    let mut text = String::new();
    for (at, word) in shape.split(' ').enumerate() {
        let optional = matches!(word, "inner" | "outer")
            || (word == "as" && !shape.starts_with("insert") && is_plain(following(shape, at)));
        if optional && chance.below(2) == 0 {
            continue;
        }
        if at > 0 {
            text.push_str(if chance.below(3) == 0 { chance.one_of(SPACES) } else { " " });
        }
        match word {
            "<>" if chance.below(2) == 0 => text.push_str("!="),
            _ if is_quotable(word) && chance.below(4) == 0 => {
                text.push_str(
                    &word.replace(word.trim_end_matches(','), &format!("\"{}\"", word.trim_end_matches(','))),
                );
            }
            _ if word.contains(['{', '"']) || chance.below(3) > 0 => text.push_str(word),
            _ => text.push_str(&word.to_ascii_uppercase()),
        }
    }
    text
}

/// The word behind the one at `at`.
fn following(shape: &str, at: usize) -> &str {
    shape.split(' ').nth(at + 1).unwrap_or_default()
}

/// Whether a word is a name that may follow another expression without `as`.
fn is_plain(word: &str) -> bool {
    word.starts_with("out_") || word == "x"
}

/// Whether a word is a name that may be quoted without being another one.
fn is_quotable(word: &str) -> bool {
    let name = word.trim_end_matches(',');
    name.starts_with("out_")
        || (name.starts_with("my_") && !name.contains('('))
        || TABLES.contains(&name) && !name.contains('.')
        || COLUMNS.contains(&name) && name.is_ascii()
}
