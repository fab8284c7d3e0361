//! Which of many texts can reach a score: a filter that lets nothing through its fingers, and the exact work after it.
//!
//! Texts lie in [`Block`]s of one number of tokens each. The score's formula bounds the numbers of tokens worth looking at,
//! and for each of them the tokens that must be common. A text's signature, a bit for each of its tokens, gives an upper
//! bound of what is common, at a nanosecond a text; what passes is compared token by token, each token cut down to 16 bits. Two
//! tokens that fall together can only make texts look more alike. So nothing is lost, and whoever asks compares the few texts
//! that are left as they are.

mod block;
mod probe;
mod signature;

pub use block::{Block, BlockBuilder, BlockError};
pub use probe::{Hit, Probe};
