//! Which files is the web console made of? Those that `make console` left in `ui/dist`, compressed there
//! and part of the program from here on.
//!
//! It knows their bytes, kinds and digests, and nothing of HTTP or of the API: `admin` serves what it is handed. It
//! is a crate of its own so that a change of the console compiles this and the program again, and nothing
//! else (docs/adr/0016). A program built without the console has one page that says so.

/// A file of the console.
#[derive(Clone, Copy, Debug)]
pub struct File {
    /// Where it is served, with a slash in front.
    pub path: &'static str,
    /// Its kind, as `Content-Type` says it.
    pub content_type: &'static str,
    /// The SHA-256 of its bytes, in hexadecimal digits.
    pub digest: &'static str,
    /// Whether its name changes with its bytes, so that it may be kept for ever.
    pub is_immutable: bool,
    /// Its bytes.
    pub contents: Contents,
}

/// The bytes of a file.
#[derive(Clone, Copy, Debug)]
pub enum Contents {
    /// As they are: what does not get smaller, and the page that is different in every answer.
    Plain(&'static [u8]),
    /// Compressed in both ways that browsers take.
    Packed {
        /// By brotli.
        brotli: &'static [u8],
        /// By gzip.
        gzip: &'static [u8],
    },
}

static FILES: &[File] = include!(concat!(env!("OUT_DIR"), "/files.rs"));

/// All files; `/index.html`, the page that everything begins with, is among them.
pub fn files() -> &'static [File] {
    FILES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_a_page_to_begin_with_and_no_path_twice() {
        let mut paths: Vec<&str> = files().iter().map(|file| file.path).collect();
        assert!(paths.contains(&"/index.html"), "{paths:?}");
        assert!(paths.iter().all(|path| path.starts_with('/')), "{paths:?}");
        paths.sort_unstable();
        assert!(paths.windows(2).all(|pair| pair.first() != pair.last()), "{paths:?}");
    }

    #[test]
    fn the_page_has_a_place_for_the_nonce_and_names_only_files_that_are_there() {
        let page = files().iter().find(|file| file.path == "/index.html").map(|file| file.contents);
        let text = match page {
            Some(Contents::Plain(bytes)) => String::from_utf8_lossy(bytes).into_owned(),
            other => format!("not plain: {}", other.is_some()),
        };
        assert!(text.contains("__CSP_NONCE__"), "{text}");
        let named = text.split(['"', '\'']).filter(|word| word.starts_with("/assets/"));
        for path in named {
            assert!(files().iter().any(|file| file.path == path), "{path}");
        }
    }
}
