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
    /// Names that only the target has.
    pub names_alone: f32,
    /// 1 if both have words that may be names in two scripts, and none of them sound alike.
    pub sounds_differ: f32,
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
    /// 1 if the blocks are a fixed point.
    pub is_fixed: f32,
    /// The share of the document's text blocks, of both sides, that have a partner.
    pub aligned: f32,
    /// What is around the pair.
    pub around: Surroundings,
}

/// What is known of the place of a pair. A gap is a sentence without a partner.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Surroundings {
    /// By how much the words of the pairs around it translate each other: the mean over them, −0.5 to 0.5.
    pub evidence: f32,
    /// The mean number of anchors that both texts of a pair around it have.
    pub anchors_common: f32,
    /// That of anchors which one of them has.
    pub anchors_missing: f32,
    /// That of common names.
    pub names: f32,
    /// How near the next gap is, in the direction in which it is nearer: 1 beside it, 0 at a distance of thirty pairs.
    pub nearer_gap: f32,
    /// The same in the other direction.
    pub farther_gap: f32,
    /// The number of gaps up to six pairs away.
    pub gaps: f32,
    /// Gaps of each document, as a share of these and of its pairs.
    pub alone: (f32, f32),
}

/// A probability in whole percent, rounded down, so that no pair counts as surer than it is.
pub fn percent(probability: f32) -> u8 {
    (probability.clamp(0.0, 1.0) * 100.0) as u8
}

/// The number of terms.
pub const TERMS: usize = 29;

/// The weights: of 1, and of each term. Fitted by `benches/alignment_fit.py` on four side-by-side sets (Chinese, Polish, French, Korean: whole,
/// damaged, with exchanged sections, and of other documents), and on fourteen translations of eight repositories that were aligned with a source
/// which is five to twenty-five months newer (Korean, French, Chinese, Japanese, Polish); 480,000 pairs.
const WEIGHTS: [f32; TERMS] = [
    2.10, -0.63, 0.45, 0.42, -1.09, 0.57, -0.55, -0.67, 2.61, -0.70, 4.84, -0.48, -1.12, -3.92, -0.39, 0.58,
    0.57, -1.22, 2.11, 5.36, 0.25, 0.29, 0.35, -1.82, -0.59, -0.73, -0.43, -0.73, 1.07,
];

impl Features {
    /// How much the dictionary knows of the two texts, 0 to 1: four tokens or more are enough.
    fn known_share(&self) -> f32 {
        (self.known / 4.0).min(1.0)
    }

    /// By how much the words of both texts translate each other: −0.5 to 0.5, and 0 if the dictionary knows none of them.
    pub(super) fn evidence(&self) -> f32 {
        self.known_share() * (self.least - 0.5)
    }

    /// The terms of the regression, bounded.
    pub fn terms(&self) -> [f32; TERMS] {
        let (known, evidence, around) = (self.known_share(), self.evidence(), &self.around);
        // Log odds: the difference between all blocks and all but one says more than that between half and two thirds.
        let aligned = ((self.aligned + 0.005) / (1.005 - self.aligned).max(0.005)).ln() / 5.0;
        [
            1.0,
            self.deviation.abs().min(4.0),
            (self.deviation.abs() - 2.0).clamp(0.0, 3.0),
            self.anchors_common.min(3.0),
            self.anchors_missing.min(4.0),
            self.names.min(3.0),
            self.names_alone.min(4.0),
            self.sounds_differ,
            known * (self.dictionary - 0.3),
            known,
            evidence,
            (self.length.max(1.0) / 20.0).ln().clamp(-2.0, 2.0),
            self.is_unequal,
            self.is_loose,
            self.ends_differ,
            self.is_fixed,
            self.is_fixed * (1.0 - known),
            self.is_fixed * evidence,
            aligned,
            around.evidence,
            around.anchors_common,
            around.anchors_missing,
            around.names,
            around.nearer_gap,
            around.farther_gap,
            (around.gaps / 8.0).min(1.0),
            around.alone.0,
            around.alone.1,
            around.alone.0.min(around.alone.1),
        ]
    }

    /// The logarithm of the odds that the pair is right.
    pub fn log_odds(&self) -> f32 {
        self.terms().iter().zip(WEIGHTS).map(|(term, weight)| term * weight).sum()
    }

    /// The probability that the pair is right, 0 to 1.
    pub fn confidence(&self) -> f32 {
        1.0 / (1.0 + (-self.log_odds()).exp())
    }

    /// What the same texts would have at the place of another pair.
    pub fn at_the_place_of(&self, other: &Features) -> Features {
        Features { is_fixed: other.is_fixed, aligned: other.aligned, around: other.around, ..*self }
    }
}
