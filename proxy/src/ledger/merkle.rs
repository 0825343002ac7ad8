//! Which one hash stands for all writers of a ledger?
//!
//! The root of the Merkle tree of RFC 6962, section 2.1: a leaf is SHA-256 of 0x00 and its data, an inner
//! node SHA-256 of 0x01 and its two children, and of n leaves the left child holds the largest power of
//! two that is less than n. Leaves are only ever added, so what no longer changes is kept as one hash for
//! each full subtree.

use sha2::{Digest as _, Sha256};

/// A node, or the root.
pub(super) type Node = [u8; 32];

/// Leaves of which only what is needed for the next root is kept: at most 64 hashes.
#[derive(Clone, Debug, Default)]
pub(super) struct Leaves {
    /// The roots of full subtrees, widest first, each with the number of its leaves as a power of two.
    full: Vec<(u32, Node)>,
    count: u64,
}

impl Leaves {
    /// Adds one behind the others.
    pub(super) fn push(&mut self, data: &[u8]) {
        let mut node = leaf(data);
        let mut height = 0;
        while let Some((_, left)) = self.full.pop_if(|(left, _)| *left == height) {
            node = inner(&left, &node);
            height += 1;
        }
        self.full.push((height, node));
        self.count += 1;
    }

    /// How many there are.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// The root with one leaf more, which may still change and is not kept.
    pub(super) fn root_with(&self, data: &[u8]) -> Node {
        let mut all = self.clone();
        all.push(data);
        all.root()
    }

    /// The root of what was added; of nothing, SHA-256 of nothing.
    pub(super) fn root(&self) -> Node {
        let mut narrowest = self.full.iter().rev().map(|(_, node)| *node);
        let Some(right) = narrowest.next() else { return Sha256::digest([]).into() };
        narrowest.fold(right, |right, left| inner(&left, &right))
    }
}

fn leaf(data: &[u8]) -> Node {
    Sha256::new().chain_update([0]).chain_update(data).finalize().into()
}

fn inner(left: &Node, right: &Node) -> Node {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use super::*;

    /// As the RFC writes it, without anything kept.
    fn by_definition(leaves: &[Vec<u8>]) -> Node {
        match leaves.len() {
            0 => Sha256::digest([]).into(),
            1 => leaf(&leaves[0]),
            count => {
                let split = count.next_power_of_two() / 2;
                inner(&by_definition(&leaves[..split]), &by_definition(&leaves[split..]))
            }
        }
    }

    #[test]
    fn the_root_is_that_of_the_definition_for_any_number_of_leaves() {
        let mut kept = Leaves::default();
        let mut all = Vec::new();
        for number in 0..300_u32 {
            assert_eq!(kept.root(), by_definition(&all), "{number}");
            let data = number.to_be_bytes().to_vec();
            all.push(data.clone());
            assert_eq!(kept.root_with(&data), by_definition(&all), "{number}");
            kept.push(&data);
            assert_eq!(kept.count(), all.len() as u64);
        }
    }

    #[test]
    fn the_root_of_known_leaves_is_known() {
        // Of the eight leaves that implementations of the RFC try each other with.
        let leaves: [&[u8]; 8] = [
            b"",
            &[0x00],
            &[0x10],
            &[0x20, 0x21],
            &[0x30, 0x31],
            &[0x40, 0x41, 0x42, 0x43],
            &[0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57],
            &[0x60, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x6b, 0x6c, 0x6d, 0x6e, 0x6f],
        ];
        let mut kept = Leaves::default();
        leaves.iter().for_each(|leaf| kept.push(leaf));
        let hex: String = kept.root().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");
    }
}
