//! How are packets put into a frame?

use flate2::{Compress, Compression, FlushCompress, Status};
use std::cell::RefCell;
use wire_mysql::compression::{Algorithm, HEADER_BYTES, Header, LEAST};
use zstd::bulk::Compressor;

/// The highest level of zstd that is used, whatever a client asks for: higher ones keep a thread, and all
/// sessions on it, busy for little.
const ZSTD_LEVEL_MAX: u8 = 3;

thread_local! {
    static DEFLATER: RefCell<Compress> = RefCell::new(Compress::new(Compression::fast(), true));
    static COMPRESSOR: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
}

/// Appends a frame with `content`: compressed where that makes it shorter.
pub(super) fn frame(algorithm: Algorithm, number: u8, content: &[u8], out: &mut Vec<u8>) {
    let start = out.len();
    out.resize(start + HEADER_BYTES + content.len(), 0);
    let place = out.get_mut(start + HEADER_BYTES..).unwrap_or_default();
    let compressed = match algorithm {
        _ if content.len() < LEAST => None,
        Algorithm::Zlib => zlib(content, place),
        Algorithm::Zstd { level } => zstd(level.min(ZSTD_LEVEL_MAX), content, place),
    };
    let header = match compressed {
        Some(payload) => Header { payload, number, inflated: Some(content.len()) },
        None => {
            place.copy_from_slice(content);
            Header { payload: content.len(), number, inflated: None }
        }
    };
    out.truncate(start + HEADER_BYTES + header.payload);
    if let Some(place) = out.get_mut(start..start + HEADER_BYTES) {
        place.copy_from_slice(&header.bytes());
    }
}

/// The bytes written, where they are fewer than there were.
fn zlib(content: &[u8], place: &mut [u8]) -> Option<usize> {
    DEFLATER.with_borrow_mut(|deflater| {
        deflater.reset();
        let status = deflater.compress(content, place, FlushCompress::Finish).ok()?;
        let written = usize::try_from(deflater.total_out()).ok()?;
        (status == Status::StreamEnd && written < content.len()).then_some(written)
    })
}

fn zstd(level: u8, content: &[u8], place: &mut [u8]) -> Option<usize> {
    COMPRESSOR.with_borrow_mut(|kept| {
        let level = i32::from(level);
        let mut compressor = kept.take().or_else(|| Compressor::new(level).ok())?;
        compressor.set_compression_level(level).ok()?;
        let written = compressor.compress_to_buffer(content, place).ok();
        *kept = Some(compressor);
        written.filter(|written| *written < content.len())
    })
}
