//! How sure a pair is: a logistic regression over what is known of it.

/// What the confidence of a pair depends on.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Features {
    /// The deviation of the target's length, in standard deviations.
    pub deviation: f32,
    /// Anchors that both have.
    pub anchors_common: f32,
    /// Anchors that one of them has.
    pub anchors_missing: f32,
    /// Names that both have.
    pub names: f32,
    /// The dictionary's score, 0 to 1.
    pub dictionary: f32,
    /// The number of tokens that the dictionary knows.
    pub known: f32,
    /// 1 if not one sentence belongs to one sentence.
    pub is_unequal: f32,
    /// 1 if the marks at the ends differ.
    pub ends_differ: f32,
    /// 1 if the kinds of blocks differ.
    pub kinds_differ: f32,
    /// 1 if the blocks are a fixed point.
    pub is_fixed: f32,
    /// The mean dictionary score of the pairs before and after, 0 to 1; 0.5 without any.
    pub neighbours: f32,
    /// The share of the document's text blocks, of both sides, that have a partner.
    pub aligned: f32,
    /// The mean dictionary score of the document.
    pub document: f32,
}

/// A probability in whole percent, rounded down, so that no pair counts as surer than it is.
pub fn percent(probability: f32) -> u8 {
    (probability.clamp(0.0, 1.0) * 100.0) as u8
}

/// The number of terms.
pub const TERMS: usize = 14;

/// The weights: of 1, and of each term. Fitted by `benches/alignment.py --fit` on four side-by-side sets (Korean, German, Japanese, Chinese;
/// 296,000 pairs: whole, damaged, with exchanged sections, and of other documents).
const WEIGHTS: [f32; TERMS] =
    [-3.93, -0.41, -0.21, 0.66, -0.59, 0.43, 4.75, -0.12, -2.74, -1.10, -2.40, 2.42, 2.92, 8.85];

impl Features {
    /// The terms of the regression, bounded.
    pub fn terms(&self) -> [f32; TERMS] {
        let known = (self.known / 4.0).min(1.0);
        [
            1.0,
            self.deviation.abs().min(4.0),
            (self.deviation.abs() - 2.0).clamp(0.0, 3.0),
            self.anchors_common.min(3.0),
            self.anchors_missing.min(4.0),
            self.names.min(3.0),
            known * (self.dictionary - 0.3),
            known,
            self.is_unequal,
            self.ends_differ,
            self.kinds_differ,
            self.is_fixed,
            self.neighbours - 0.5,
            self.aligned * self.document,
        ]
    }

    /// The probability that the pair is right, 0 to 1.
    pub fn confidence(&self) -> f32 {
        let sum: f32 = self.terms().iter().zip(WEIGHTS).map(|(term, weight)| term * weight).sum();
        1.0 / (1.0 + (-sum).exp())
    }
}
