//! Which bytes does a PostgreSQL client send and expect? Only as much as the load needs.

/// Protocol 3.0, the version in the startup message.
const PROTOCOL: i32 = 196_608;

/// The startup message; it alone has no type byte.
pub fn startup(user: &str, database: &str) -> Vec<u8> {
    let mut body = PROTOCOL.to_be_bytes().to_vec();
    for text in ["user", user, "database", database, "application_name", "bench"] {
        body.extend_from_slice(text.as_bytes());
        body.push(0);
    }
    body.push(0);
    let mut message = length_of(&body).to_vec();
    message.extend_from_slice(&body);
    message
}

/// A message: type, length, body.
pub fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut message = vec![kind];
    message.extend_from_slice(&length_of(body));
    message.extend_from_slice(body);
    message
}

/// Simple query.
pub fn query(text: &str) -> Vec<u8> {
    message(b'Q', &strings(&[text]))
}

/// Parse, with the types of the parameters left to the server.
pub fn parse(statement: &str, text: &str) -> Vec<u8> {
    let mut body = strings(&[statement, text]);
    body.extend_from_slice(&0_i16.to_be_bytes());
    message(b'P', &body)
}

/// Bind of one text parameter to the unnamed portal; results as text.
pub fn bind(statement: &str, parameter: &str) -> Vec<u8> {
    let mut body = strings(&["", statement]);
    body.extend_from_slice(&0_i16.to_be_bytes());
    body.extend_from_slice(&1_i16.to_be_bytes());
    body.extend_from_slice(&i32::try_from(parameter.len()).unwrap_or(i32::MAX).to_be_bytes());
    body.extend_from_slice(parameter.as_bytes());
    body.extend_from_slice(&0_i16.to_be_bytes());
    message(b'B', &body)
}

/// Describe of the unnamed portal.
pub fn describe() -> Vec<u8> {
    message(b'D', b"P\0")
}

/// Execute of the unnamed portal, all rows.
pub fn execute() -> Vec<u8> {
    message(b'E', &[0, 0, 0, 0, 0])
}

/// Sync.
pub fn sync() -> Vec<u8> {
    message(b'S', &[])
}

/// Terminate.
pub fn terminate() -> Vec<u8> {
    message(b'X', &[])
}

/// A whole message at the start of some bytes.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    /// The type byte.
    pub kind: u8,
    /// What follows the length.
    pub body: &'a [u8],
    /// Type, length and body.
    pub size: usize,
}

/// The first message of `bytes`, when it is there whole.
pub fn first(bytes: &[u8]) -> Option<Message<'_>> {
    let (head, rest) = bytes.split_first_chunk::<5>()?;
    let [kind, length @ ..] = *head;
    let body = usize::try_from(u32::from_be_bytes(length)).ok()?.checked_sub(4)?;
    Some(Message { kind, body: rest.get(..body)?, size: 5 + body })
}

/// The columns of a DataRow, as text; `None` is NULL.
pub fn row(body: &[u8]) -> Option<Vec<Option<String>>> {
    let (count, mut rest) = body.split_first_chunk::<2>()?;
    let mut columns = Vec::new();
    for _ in 0..u16::from_be_bytes(*count) {
        let (length, after) = rest.split_first_chunk::<4>()?;
        match usize::try_from(i32::from_be_bytes(*length)) {
            Ok(length) => {
                columns.push(Some(String::from_utf8_lossy(after.get(..length)?).into_owned()));
                rest = after.get(length..)?;
            }
            Err(_) => {
                columns.push(None);
                rest = after;
            }
        }
    }
    Some(columns)
}

/// Code and text of an ErrorResponse.
pub fn error(body: &[u8]) -> String {
    let fields = || body.split(|byte| *byte == 0).filter_map(|field| field.split_first());
    let field = |wanted: u8| {
        fields()
            .find(|(kind, _)| **kind == wanted)
            .map(|(_, text)| String::from_utf8_lossy(text).into_owned())
            .unwrap_or_default()
    };
    format!("{} {}", field(b'C'), field(b'M'))
}

fn strings(texts: &[&str]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for text in texts {
        bytes.extend_from_slice(text.as_bytes());
        bytes.push(0);
    }
    bytes
}

fn length_of(body: &[u8]) -> [u8; 4] {
    u32::try_from(body.len() + 4).unwrap_or(u32::MAX).to_be_bytes()
}
