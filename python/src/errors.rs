//! Errors as exceptions, with the sentences of the command line.

use std::error::Error;

use pyo3::exceptions::{PyException, PyValueError};
use pyo3::{PyErr, create_exception};

create_exception!(
    bitext,
    BitextError,
    PyException,
    "An operation failed. The message says what, on what, and what to do."
);

/// Why an operation failed, on a thread without the interpreter: a sentence.
#[derive(Debug)]
pub struct Failure(pub String);

impl<E: Error + 'static> From<E> for Failure {
    fn from(error: E) -> Failure {
        Failure(sentence(&error))
    }
}

impl From<Failure> for PyErr {
    fn from(failure: Failure) -> PyErr {
        BitextError::new_err(failure.0)
    }
}

/// An error with its causes, as one sentence.
fn sentence(error: &(dyn Error + 'static)) -> String {
    let mut sentence = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let reason = error.to_string();
        if !sentence.ends_with(&reason) {
            sentence = format!("{sentence}: {reason}");
        }
        cause = error.source();
    }
    sentence
}

/// The exception of a failed operation.
pub fn failed(error: impl Error + 'static) -> PyErr {
    Failure::from(error).into()
}

/// The exception of an argument that cannot be used.
pub fn invalid(reason: impl ToString) -> PyErr {
    PyValueError::new_err(reason.to_string())
}
