//! How do many people ask at once, each one question after the other, and how long do they wait?

use super::questions::{Asked, KINDS, Kind};
use crate::state::Dice;
use reqwest::Client;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Longest wait for one answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// How they ask.
#[derive(Clone, Copy, Debug)]
pub struct Way {
    /// How many.
    pub people: usize,
    /// Between two questions of one of them lies at least so much, from beginning to beginning.
    pub pause: Duration,
    /// Runs before anything is counted.
    pub warm_up: Duration,
    /// What is counted.
    pub window: Duration,
}

/// What came out.
#[derive(Clone, Debug, Default)]
pub struct Answers {
    /// The time of each answer in milliseconds, by the number of its kind.
    pub times: Vec<(usize, f64)>,
    /// How long was counted.
    pub seconds: f64,
    /// Answers that were none.
    pub failures: u64,
    /// The first of them.
    pub failure: Option<String>,
}

impl Answers {
    /// The sorted times of one kind, or of all.
    pub fn sorted(&self, kind: Option<usize>) -> Vec<f64> {
        let of_kind = self.times.iter().filter(|(number, _)| kind.is_none_or(|kind| kind == *number));
        let mut times: Vec<f64> = of_kind.map(|(_, time)| *time).collect();
        times.sort_by(f64::total_cmp);
        times
    }

    /// Answers for each second.
    pub fn rate(&self) -> f64 {
        self.times.len() as f64 / self.seconds
    }
}

/// The time below which `share` of some sorted times are.
pub fn percentile(sorted: &[f64], share: f64) -> f64 {
    let at = (sorted.len().saturating_sub(1) as f64 * share).round() as usize;
    sorted.get(at).copied().unwrap_or(0.0)
}

/// Asks with `tokens`, a person each, on this thread, until it was long enough or `stop` says so.
pub fn ask(
    api: SocketAddr,
    tokens: &[String],
    asked: Asked<'_>,
    way: Way,
    stop: &AtomicBool,
) -> Result<Answers, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| format!("no runtime: {error}"))?;
    let http = client()?;
    let since = Instant::now() + way.warm_up;
    let clock = Clock { since, until: since + way.window };
    let people = tokens.iter().take(way.people).enumerate();
    let people = people.map(|(number, token)| Person { http: http.clone(), api, token, asked, number, way });
    let all = people.map(|person| person.ask(clock, stop));
    let all = runtime.block_on(futures_util::future::join_all(all));
    let seconds = since.elapsed().min(way.window).as_secs_f64();
    let mut answers = Answers { seconds, ..Answers::default() };
    for one in all {
        answers.times.extend(one.times);
        answers.failures += one.failures;
        answers.failure = answers.failure.or(one.failure);
    }
    Ok(answers)
}

/// Asks a question of each kind once; what is wrong with answers.
pub fn prove(api: SocketAddr, token: &str, asked: Asked<'_>) -> Result<Vec<String>, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| format!("no runtime: {error}"))?;
    let http = client()?;
    let mut dice = Dice(11);
    let wrong = KINDS.into_iter().filter_map(|kind| {
        let path = asked.path(kind, &mut dice);
        let answer = match runtime.block_on(one(&http, api, token, &path, kind)) {
            Ok(answer) => answer,
            Err(why) => return Some(why),
        };
        let parsed = serde_json::from_slice::<serde_json::Value>(&answer);
        parsed.err().map(|error| format!("`{path}` is answered by what is no JSON: {error}"))
    });
    Ok(wrong.collect())
}

/// What asks.
pub fn client() -> Result<Client, String> {
    let built = Client::builder().no_proxy().timeout(PATIENCE).build();
    built.map_err(|error| format!("no HTTP client: {error}"))
}

#[derive(Clone, Copy)]
struct Clock {
    since: Instant,
    until: Instant,
}

struct Person<'a> {
    http: Client,
    api: SocketAddr,
    token: &'a str,
    asked: Asked<'a>,
    number: usize,
    way: Way,
}

impl Person<'_> {
    async fn ask(self, clock: Clock, stop: &AtomicBool) -> Answers {
        let mut answers = Answers::default();
        let mut dice = Dice(self.number as u64 * 7_919 + 1);
        // Neither do all begin with the same question, nor at the same moment.
        let later = self.way.pause.mul_f64(self.number as f64 / self.way.people.max(1) as f64);
        tokio::time::sleep(later).await;
        let mut next = self.number;
        while !stop.load(Ordering::Relaxed) {
            let began = Instant::now();
            if began >= clock.until {
                break;
            }
            next = (next + 1) % KINDS.len();
            let Some(kind) = KINDS.get(next) else { break };
            let path = self.asked.path(*kind, &mut dice);
            let answer = one(&self.http, self.api, self.token, &path, *kind).await;
            let took = began.elapsed();
            if let Err(why) = answer {
                answers.failures += 1;
                answers.failure = answers.failure.or(Some(why));
            } else if began >= clock.since {
                answers.times.push((next, took.as_secs_f64() * 1e3));
            }
            tokio::time::sleep_until((began + self.way.pause).into()).await;
        }
        answers
    }
}

/// One question; an answer without what has to be in it is none.
async fn one(http: &Client, api: SocketAddr, token: &str, path: &str, kind: Kind) -> Result<Vec<u8>, String> {
    let failed = |error: reqwest::Error| format!("`{path}` is not answered: {error}");
    let response = http.get(format!("http://{api}{path}")).bearer_auth(token).send().await.map_err(failed)?;
    let status = response.status();
    let body = response.bytes().await.map_err(failed)?;
    let has = |mark: &&str| body.windows(mark.len()).any(|window| window == mark.as_bytes());
    if status.is_success() && kind.marks.iter().all(has) {
        return Ok(body.into());
    }
    let said: String = String::from_utf8_lossy(&body).chars().take(300).collect();
    Err(format!("`{path}` is answered with {status}: {said}"))
}
