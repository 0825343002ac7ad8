//! Which straight line fits best, and how sure is that?

/// A slope and its standard error, in units of y for one of x.
#[derive(Clone, Copy, Debug)]
pub struct Slope {
    pub by: f64,
    pub error: f64,
}

impl Slope {
    /// The least squares through these points; `None` where there are too few.
    pub fn of(points: &[(f64, f64)]) -> Option<Slope> {
        let count = points.len() as f64;
        if points.len() < 3 {
            return None;
        }
        let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / count;
        let (x, y) = (mean(|point| point.0), mean(|point| point.1));
        let spread: f64 = points.iter().map(|point| (point.0 - x).powi(2)).sum();
        let common: f64 = points.iter().map(|point| (point.0 - x) * (point.1 - y)).sum();
        if spread <= 0.0 {
            return None;
        }
        let by = common / spread;
        let left: f64 = points.iter().map(|point| (point.1 - y - by * (point.0 - x)).powi(2)).sum();
        Some(Slope { by, error: (left / (count - 2.0) / spread).sqrt() })
    }
}

/// The means of `count` stretches of the points, one behind the other.
pub fn stretches(points: &[(f64, f64)], count: usize) -> Vec<(f64, f64)> {
    let size = points.len().div_ceil(count).max(1);
    let mean = |stretch: &[(f64, f64)]| {
        let length = stretch.len() as f64;
        let sum = stretch.iter().fold((0.0, 0.0), |sum, point| (sum.0 + point.0, sum.1 + point.1));
        (sum.0 / length, sum.1 / length)
    };
    points.chunks(size).map(mean).collect()
}
