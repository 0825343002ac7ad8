//! How does a table look on a terminal and in Markdown?

/// Rows of text under a header. The first columns are names, the others are figures.
#[derive(Clone, Debug)]
pub struct Table {
    title: String,
    names: usize,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// An empty table whose first `names` columns are aligned as text.
    pub fn new(title: &str, names: usize, header: &[&str]) -> Table {
        let header = header.iter().map(|cell| (*cell).to_owned()).collect();
        Table { title: title.to_owned(), names, rows: vec![header] }
    }

    /// Adds a row.
    pub fn push(&mut self, row: Vec<String>) {
        self.rows.push(row);
    }

    /// Whether it has a header only.
    pub fn is_empty(&self) -> bool {
        self.rows.len() < 2
    }

    /// Aligned, for a terminal.
    pub fn terminal(&self) -> String {
        let mut text = format!("\n{}\n", self.title);
        for row in &self.rows {
            text.push_str(&format!("  {}\n", self.aligned(row).join("  ").trim_end()));
        }
        text
    }

    /// As Markdown, aligned as well: it is also read as text.
    pub fn markdown(&self) -> String {
        let mut text = format!("### {}\n\n", self.title);
        for (index, row) in self.rows.iter().enumerate() {
            text.push_str(&format!("| {} |\n", self.aligned(row).join(" | ")));
            if index == 0 {
                text.push_str(&format!("|{}|\n", self.rule().join("|")));
            }
        }
        text
    }

    fn aligned(&self, row: &[String]) -> Vec<String> {
        let aligned = row.iter().enumerate().map(|(column, cell)| {
            let width = self.width(column);
            if column < self.names { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
        });
        aligned.collect()
    }

    fn rule(&self) -> Vec<String> {
        let columns = self.rows.first().map_or(0, Vec::len);
        let dashes = |column| "-".repeat(self.width(column) + 1);
        let rule = (0..columns).map(|column| {
            if column < self.names { format!(":{}", dashes(column)) } else { format!("{}:", dashes(column)) }
        });
        rule.collect()
    }

    fn width(&self, column: usize) -> usize {
        self.rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    }
}
