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
    /// The weighted share of the known tokens of one side that have a translation on the other: the lower one of both sides, 0 to 1.
    pub least: f32,
    /// The visible characters of the source.
    pub length: f32,
    /// 1 if not one sentence belongs to one sentence.
    pub is_unequal: f32,
    /// 1 if the target was cut at a blank, where no mark is.
    pub is_loose: f32,
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
pub const TERMS: usize = 22;

/// The weights: of 1, and of each term. Fitted by `benches/alignment_fit.py` on four side-by-side sets (Chinese, Polish, French, Korean: whole,
/// damaged, with exchanged sections, and of other documents), and on translations that were aligned with a source of up to eight months
/// later (French, Polish, Chinese); 269,000 pairs.
const WEIGHTS: [f32; TERMS] = [
    -3.79, -0.71, 0.42, 0.74, -1.34, 0.23, 0.43, -0.45, -3.32, -1.19, -1.77, 1.24, 1.66, 5.55, 4.86, -1.85,
    4.34, -0.36, -2.05, -0.81, -1.22, 1.69,
];

impl Features {
    /// The terms of the regression, bounded.
    pub fn terms(&self) -> [f32; TERMS] {
        let known = (self.known / 4.0).min(1.0);
        // Log odds: the difference between all blocks and all but one says more than that between half and two thirds.
        let aligned = ((self.aligned + 0.005) / (1.005 - self.aligned).max(0.005)).ln() / 5.0;
        let length = (self.length.max(1.0) / 20.0).ln().clamp(-2.0, 2.0);
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
            self.document,
            known * (self.least - 0.5),
            length,
            aligned,
            self.is_fixed * self.anchors_common.min(1.0),
            self.is_loose,
            self.is_fixed * (1.0 - known),
            self.is_fixed * known * (self.least - 0.5),
            known * length,
        ]
    }

    /// The probability that the pair is right, 0 to 1.
    pub fn confidence(&self) -> f32 {
        let sum: f32 = self.terms().iter().zip(WEIGHTS).map(|(term, weight)| term * weight).sum();
        1.0 / (1.0 + (-sum).exp())
    }
}
