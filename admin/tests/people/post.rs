//! What did the post bring? Mails in the folder of a control plane, and a mail server's double.
#![allow(dead_code)]

use crate::harness::Plane;
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// Longest wait for a mail.
const WAIT: Duration = Duration::from_secs(20);

/// Secrets of the links with `page` in mails to `to`, in the order they were sent.
fn secrets(plane: &Plane, to: &str, page: &str) -> Vec<String> {
    let Ok(folder) = std::fs::read_dir(plane.folder.join("mail")) else { return Vec::new() };
    let mut files: Vec<_> = folder.map(|file| file.unwrap().path()).collect();
    files.sort();
    let texts = files.iter().map(|file| std::fs::read_to_string(file).unwrap());
    let of_them = texts.filter(|text| text.contains(&format!("To: {to}\r\n")));
    // Long lines are folded (RFC 2045 section 6.7).
    let plain = of_them.map(|text| text.replace("=\r\n", "").replace("=3D", "="));
    let page = format!("/{page}#");
    plain
        .filter_map(|text| {
            let (_, behind) = text.split_once(&page)?;
            Some(behind.split_whitespace().next()?.to_owned())
        })
        .collect()
}

/// How many such mails there are.
pub fn count(plane: &Plane, to: &str, page: &str) -> usize {
    secrets(plane, to, page).len()
}

/// The secret of the link in the mail number `number` of those.
pub async fn secret(plane: &Plane, to: &str, page: &str, number: usize) -> String {
    let deadline = Instant::now() + WAIT;
    loop {
        if let Some(secret) = secrets(plane, to, page).into_iter().nth(number) {
            return secret;
        }
        assert!(Instant::now() < deadline, "no mail number {number} to {to} about {page}");
        tokio::task::yield_now().await;
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// A double of a mail server: takes mails for anybody, refuses the first `refusals` for now, and hands on
/// what it took.
pub async fn mail_server_double(refusals: usize) -> (u16, tokio::sync::mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (sender, taken) = tokio::sync::mpsc::channel(16);
    tokio::spawn(async move {
        let mut left = refusals;
        while let Ok((stream, _)) = listener.accept().await {
            let refuses = left > 0;
            left = left.saturating_sub(1);
            if let Some(mail) = take(stream, refuses).await {
                let _ = sender.send(mail).await;
            }
        }
    });
    (port, taken)
}

/// One connection of SMTP (RFC 5321).
async fn take(stream: TcpStream, refuses: bool) -> Option<String> {
    let (reading, mut writing) = stream.into_split();
    let mut lines = BufReader::new(reading).lines();
    let (mut mail, mut is_mail) = (String::new(), false);
    writing.write_all(b"220 double\r\n").await.ok()?;
    while let Ok(Some(line)) = lines.next_line().await {
        if is_mail && line != "." {
            mail.push_str(&line);
            mail.push('\n');
            continue;
        }
        let command = line.to_uppercase();
        let answer = if is_mail {
            is_mail = false;
            "250 taken"
        } else if command.starts_with("DATA") {
            is_mail = true;
            "354 go on"
        } else if command.starts_with("QUIT") {
            writing.write_all(b"221 bye\r\n").await.ok()?;
            break;
        } else if command.starts_with("MAIL") && refuses {
            "451 not now"
        } else {
            "250 yes"
        };
        writing.write_all(format!("{answer}\r\n").as_bytes()).await.ok()?;
    }
    (!mail.is_empty()).then_some(mail)
}
