//! Numbers at random that are the same in every run: each comes from a seed and a place, not from what came before.

pub(crate) struct Random {
    state: u64,
}

impl Random {
    pub(crate) fn at(seed: u64, stream: u64, index: u64) -> Self {
        Self { state: mix(mix(seed ^ stream.rotate_left(32)) ^ index) }
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.state)
    }

    /// Less than `bound`.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(bound)) >> 64) as u64
    }

    pub(crate) fn percent(&mut self, chance: u64) -> bool {
        self.below(100) < chance
    }

    pub(crate) fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len() as u64) as usize]
    }

    /// The place of one of several things, each as likely as its weight says.
    pub(crate) fn weighted(&mut self, weights: &[u64]) -> usize {
        let mut rest = self.below(weights.iter().sum());
        weights
            .iter()
            .position(|weight| {
                let is_here = rest < *weight;
                rest = rest.saturating_sub(*weight);
                is_here
            })
            .unwrap_or(0)
    }

    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// Splitmix64's last step: neighbours become strangers.
pub(crate) fn mix(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

/// Ranks, of which a few are met all the time and most hardly ever: the n-th is n times rarer than the first.
pub(crate) struct Zipf {
    cumulative: Vec<f64>,
}

impl Zipf {
    pub(crate) fn new(ranks: usize) -> Self {
        let mut sum = 0.0;
        let cumulative = (1..=ranks).map(|rank| {
            sum += 1.0 / rank as f64;
            sum
        });
        Self { cumulative: cumulative.collect() }
    }

    pub(crate) fn rank(&self, random: &mut Random) -> u64 {
        let whole = self.cumulative.last().copied().unwrap_or_default();
        let point = random.unit() * whole;
        self.cumulative.partition_point(|sum| *sum <= point) as u64
    }
}
