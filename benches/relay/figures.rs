//! What do all measurements of a run amount to: medians, spreads, ratios?

use super::arguments::Group;
use super::lane::Kind;
use super::median::Median;
use super::plan::{Held, Step, Subject};
use super::{idle, login, select, stream};

/// The figures of one step.
#[derive(Clone, Debug)]
pub enum Point {
    /// Point selects.
    Select(select::Point),
    /// Logins.
    Login(login::Point),
    /// Memory of idle sessions.
    Idle(idle::Point),
    /// A long result.
    Stream(stream::Point),
}

/// A step that gave no figures.
#[derive(Clone, Debug)]
pub struct Miss {
    /// Over which lane.
    pub lane: Kind,
    /// What fails together.
    pub group: Group,
    /// Why.
    pub why: String,
}

/// Everything measured in a run.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    points: Vec<(Step, Point)>,
    /// What failed.
    pub misses: Vec<Miss>,
}

impl Figures {
    /// Keeps what a step gave.
    pub fn add(&mut self, step: Step, point: Point) {
        self.points.push((step, point));
    }

    /// All points, as measured.
    pub fn points(&self) -> &[(Step, Point)] {
        &self.points
    }

    /// Whether a lane gave something in this group.
    pub fn has_failed(&self, lane: Kind, group: Group) -> bool {
        self.misses.iter().any(|miss| miss.lane == lane && miss.group == group)
    }

    /// The subjects measured, each once, in order.
    pub fn subjects(&self) -> Vec<Subject> {
        let mut subjects: Vec<Subject> = self.points.iter().map(|(step, _)| step.subject).collect();
        subjects.sort_unstable();
        subjects.dedup();
        subjects
    }

    /// A figure of point selects.
    pub fn select(
        &self,
        subject: Subject,
        lane: Kind,
        figure: impl Fn(&select::Point) -> Option<f64>,
    ) -> Option<Median> {
        Median::of(self.selects(subject, lane, figure).into_iter().map(|(_, value)| value).collect())
    }

    /// A figure of point selects compared with the same figure over another lane in the same round.
    pub fn select_beside(
        &self,
        subject: Subject,
        lanes: [Kind; 2],
        figure: impl Fn(&select::Point) -> Option<f64>,
        compare: impl Fn(f64, f64) -> f64,
    ) -> Option<Median> {
        let [lane, other] = lanes.map(|lane| self.selects(subject, lane, &figure));
        let beside = |round: u32| other.iter().find(|(its, _)| *its == round).map(|(_, value)| *value);
        Median::of(
            lane.into_iter().filter_map(|(round, value)| Some(compare(value, beside(round)?))).collect(),
        )
    }

    /// A figure of logins.
    pub fn login(
        &self,
        subject: Subject,
        lane: Kind,
        figure: impl Fn(&login::Point) -> Option<f64>,
    ) -> Option<Median> {
        self.median(subject, lane, |point| match point {
            Point::Login(point) => figure(point),
            _ => None,
        })
    }

    /// A figure of long results.
    pub fn stream(
        &self,
        subject: Subject,
        lane: Kind,
        figure: impl Fn(&stream::Point) -> Option<f64>,
    ) -> Option<Median> {
        self.median(subject, lane, |point| match point {
            Point::Stream(point) => figure(point),
            _ => None,
        })
    }

    /// Bytes for each idle session.
    pub fn idle(&self, held: Held, lane: Kind) -> Option<Median> {
        self.median(Subject::Idle(held), lane, |point| match point {
            Point::Idle(point) => Some(point.bytes),
            _ => None,
        })
    }

    fn selects(
        &self,
        subject: Subject,
        lane: Kind,
        figure: impl Fn(&select::Point) -> Option<f64>,
    ) -> Vec<(u32, f64)> {
        self.values(subject, lane, |point| match point {
            Point::Select(point) => figure(point),
            _ => None,
        })
    }

    fn median(&self, subject: Subject, lane: Kind, figure: impl Fn(&Point) -> Option<f64>) -> Option<Median> {
        Median::of(self.values(subject, lane, figure).into_iter().map(|(_, value)| value).collect())
    }

    fn values(
        &self,
        subject: Subject,
        lane: Kind,
        figure: impl Fn(&Point) -> Option<f64>,
    ) -> Vec<(u32, f64)> {
        let of_it = self.points.iter().filter(|(step, _)| step.subject == subject && step.lane == lane);
        of_it.filter_map(|(step, point)| Some((step.round, figure(point)?))).collect()
    }
}
