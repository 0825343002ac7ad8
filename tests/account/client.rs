//! What does a client that is part of the load know of itself, and what does it claim?

use crate::entry::{Marked, OK, mark};

/// A sequence of numbers that is the same in every run (xorshift).
pub struct Random(u64);

impl Random {
    /// One of its own for each client.
    pub fn of(client: usize) -> Random {
        Random(0x9e37_79b9_7f4a_7c15 ^ (client as u64 + 1).wrapping_mul(0xd134_2543_de82_ef95))
    }

    /// A number below `bound`.
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).expect("a number") % bound
    }
}

/// A client's own account: which of its statements ran, and how each ended.
pub struct Claims {
    /// Its number.
    pub client: usize,
    /// The name it gives itself.
    pub session: String,
    /// What it saw.
    pub marked: Vec<Marked>,
    /// How many requests without a mark were refused.
    pub refusals: usize,
    /// Marks of statements whose text the server does not tell.
    pub unlogged: Vec<String>,
    marks: usize,
}

impl Claims {
    /// Nothing so far.
    pub fn of(client: usize, session: &str) -> Claims {
        Claims {
            client,
            session: session.to_owned(),
            marked: Vec::new(),
            refusals: 0,
            unlogged: Vec::new(),
            marks: 0,
        }
    }

    /// A mark that nothing else has.
    pub fn mark(&mut self) -> String {
        self.marks += 1;
        mark(self.client, self.marks)
    }

    /// The statement with this mark ended so.
    pub fn ended(&mut self, mark: &str, ending: &str) {
        self.marked.push((self.session.clone(), mark.to_owned(), ending.to_owned()));
    }

    /// The statement with this mark ran.
    pub fn ran(&mut self, mark: &str) {
        self.ended(mark, OK);
    }
}
