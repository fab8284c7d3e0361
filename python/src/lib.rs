//! The Python module `bitext._bitext`. It turns arguments into plans for the operations of `bitext`, runs them without the interpreter's
//! lock, and passes their results on: tables as Arrow, counts as the JSON that the command line prints.
//!
//! Each call opens the memory anew and closes it, so no connection crosses a `fork`.

mod arguments;
mod documents;
mod errors;
mod filter;
mod job;
mod lookups;
mod matches;
mod memory;
mod objects;
mod run;
mod stream;

use pyo3::prelude::*;

#[pymodule]
fn _bitext(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("BitextError", module.py().get_type::<errors::BitextError>())?;
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add_class::<stream::Stream>()?;
    module.add_class::<memory::Memory>()?;
    module.add_function(wrap_pyfunction!(documents::list_sets, module)?)?;
    module.add_function(wrap_pyfunction!(documents::extract, module)?)?;
    module.add_function(wrap_pyfunction!(documents::extract_bytes, module)?)?;
    module.add_function(wrap_pyfunction!(documents::segment, module)?)?;
    module.add_function(wrap_pyfunction!(documents::check, module)?)?;
    module.add_function(wrap_pyfunction!(documents::are_untranslated, module)?)?;
    module.add_function(wrap_pyfunction!(documents::translate, module)?)
}
