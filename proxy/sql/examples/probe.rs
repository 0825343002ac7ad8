use std::time::Instant;
fn main() {
    let n: usize = std::env::args().nth(1).unwrap().parse().unwrap();
    for begin in ["", "select ", "explain analyze ", "select 1 "] {
    for piece in ["(","[","case ","case when ","/*","/* x */", "-- a\n","1+","*/","$$","$a$","'","\"","E'","\\","''",";","::","values (","array[","a in (","with a as (","select * from (","from a, ","explain analyze ","prepare p as ","declare c cursor for ","create function f() begin atomic ","\"a\".","U&\"a\" uescape ","not ","- ","1.","0x","\0","\u{fffd}", "select 1;", "'a'\n", "E'a\\n'\n"] {
        let text = format!("{begin}{}", piece.repeat(n / piece.len()));
        let t = Instant::now();
        let r = pg_raw_parse::parse(&text);
        let parse = t.elapsed();
        let t = Instant::now();
        let m = r.as_ref().err().map(|e| e.to_string()).unwrap_or_default();
        drop(r);
        let d = t.elapsed();
        let t = Instant::now();
        let a = sql::analyse(text.as_bytes(), sql::Lexing::default());
        let all = t.elapsed();
        if parse.as_millis() > 30 || all.as_millis() > 60 || d.as_millis() > 20 {
            println!("{begin:?} {piece:?}: parse {parse:?} drop {d:?} analyse {all:?} {} {}", a.statements.len(), m.chars().take(60).collect::<String>());
        }
    }}
}
