//! What stands in a client's frame, as far as it has come?

use flate2::{Decompress, FlushDecompress, Status};
use std::cell::RefCell;
use std::fmt;
use wire_mysql::Violation;
use wire_mysql::compression::{Algorithm, Header};
use zstd::stream::raw::{DParameter, Decoder, Operation};

/// Inflaters of zlib a thread keeps for its next frames: as many as can be amid a frame at once without
/// the client being slow.
const POOLED_MAX: usize = 4;

/// The farthest a zstd frame may look back, as a power of two: as far as the longest frame is long.
const WINDOW_LOG_MAX: u32 = 24;

thread_local! {
    static POOL: RefCell<Vec<Decompress>> = const { RefCell::new(Vec::new()) };
}

/// A frame that is being read.
#[derive(Debug)]
pub(super) struct Incoming {
    /// Bytes of it that were not taken yet.
    payload: usize,
    /// Bytes it has still to make.
    content: usize,
    how: How,
}

/// How its bytes are read.
enum How {
    /// As they are.
    Plain,
    Zlib(Decompress),
    Zstd(Box<Decoder<'static>>),
}

impl fmt::Debug for How {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            How::Plain => "Plain",
            How::Zlib(_) => "Zlib",
            How::Zstd(_) => "Zstd",
        })
    }
}

/// What one step has taken and made, and whether the end was read.
type Stepped = (usize, usize, bool);

impl Incoming {
    pub(super) fn new(header: Header, algorithm: Algorithm) -> Result<Incoming, Violation> {
        if header.payload == 0 {
            return Err(Violation::Frame);
        }
        let how = match (header.inflated, algorithm) {
            (None, _) => How::Plain,
            (Some(_), Algorithm::Zlib) => {
                let pooled = POOL.with_borrow_mut(Vec::pop);
                How::Zlib(pooled.unwrap_or_else(|| Decompress::new(true)))
            }
            (Some(_), Algorithm::Zstd { .. }) => How::Zstd(Box::new(zstd()?)),
        };
        Ok(Incoming { payload: header.payload, content: header.content(), how })
    }

    /// Whether all of it was read.
    pub(super) fn is_over(&self) -> bool {
        self.payload == 0 && self.content == 0
    }

    /// Whether it has still something to make.
    pub(super) fn has_content(&self) -> bool {
        self.content > 0
    }

    /// Goes on with what has come of it in `raw`: how much of that was taken, and how much made in `place`.
    pub(super) fn inflate(&mut self, raw: &[u8], place: &mut [u8]) -> Result<(usize, usize), Violation> {
        let raw = raw.get(..self.payload).unwrap_or(raw);
        // One byte more than there may be shows when there is more.
        let mut beyond = [0];
        let place = match self.content {
            0 => &mut beyond[..],
            content => {
                let most = content.min(place.len());
                place.get_mut(..most).unwrap_or_default()
            }
        };
        let (taken, made, ended) = self.step(raw, place)?;
        if made > self.content {
            return Err(Violation::Frame);
        }
        self.payload -= taken;
        self.content -= made;
        // With its last byte the end may not have been looked at yet.
        let ended = ended || (self.is_over() && matches!(self.step(&[], &mut [0])?, (_, 0, true)));
        let starved = self.payload == 0 && self.content > 0 && made == 0;
        // It ends early, goes on behind its end, or has not come to it.
        if ended != self.is_over() || starved {
            return Err(Violation::Frame);
        }
        if ended {
            self.keep();
        }
        Ok((taken, made))
    }

    fn step(&mut self, raw: &[u8], place: &mut [u8]) -> Result<Stepped, Violation> {
        Ok(match &mut self.how {
            How::Plain => {
                let len = raw.len().min(place.len());
                if let (Some(place), Some(raw)) = (place.get_mut(..len), raw.get(..len)) {
                    place.copy_from_slice(raw);
                }
                (len, len, len == self.payload)
            }
            How::Zlib(inflater) => {
                let before = (inflater.total_in(), inflater.total_out());
                let status = inflater.decompress(raw, place, FlushDecompress::None);
                let ended = match status {
                    Ok(Status::StreamEnd) => true,
                    Ok(Status::Ok | Status::BufError) => false,
                    Err(_) => return Err(Violation::Frame),
                };
                let since = |now: u64, then| usize::try_from(now - then).unwrap_or(usize::MAX);
                (since(inflater.total_in(), before.0), since(inflater.total_out(), before.1), ended)
            }
            How::Zstd(decoder) => {
                let status = decoder.run_on_buffers(raw, place).map_err(|_| Violation::Frame)?;
                (status.bytes_read, status.bytes_written, status.remaining == 0)
            }
        })
    }

    /// The end was read: an inflater is kept for another frame.
    fn keep(&mut self) {
        if let How::Zlib(mut inflater) = std::mem::replace(&mut self.how, How::Plain) {
            inflater.reset(true);
            POOL.with_borrow_mut(|pool| {
                if pool.len() < POOLED_MAX {
                    pool.push(inflater);
                }
            });
        }
    }
}

fn zstd() -> Result<Decoder<'static>, Violation> {
    let mut decoder = Decoder::new().map_err(|_| Violation::Frame)?;
    decoder.set_parameter(DParameter::WindowLogMax(WINDOW_LOG_MAX)).map_err(|_| Violation::Frame)?;
    Ok(decoder)
}
