//! The problems of one file with many segments.

use crate::model::Problem;
use crate::operations::numbers::grouped;
use crate::operations::report::Problems;

/// The most problems of a file that are reported one by one. The others are only counted.
const REPORTED: usize = 100;

/// The problems of a file.
#[derive(Default)]
pub(super) struct FileProblems {
    pub first: Vec<Problem>,
    more: u64,
}

impl FileProblems {
    pub fn add(&mut self, problem: Problem) {
        if self.first.len() < REPORTED {
            self.first.push(problem);
        } else {
            self.more += 1;
        }
    }

    /// Adds one that is reported in any case, such as the error that ends a file.
    pub fn add_always(&mut self, problem: Problem) {
        self.first.push(problem);
    }

    pub fn report(&self, path: &str, problems: &mut Problems<'_>) {
        self.first.iter().for_each(|problem| problems.add(path, problem));
        if self.more > 0 {
            let reason = format!("and {} more like these", grouped(self.more));
            problems.add(path, &Problem { line: None, reason });
            problems.count += self.more - 1;
        }
    }
}
