//! A stream of record batches by the Arrow PyCapsule interface.

use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread::ThreadId;

use arrow_array::ffi::FFI_ArrowSchema;
use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use arrow_array::{RecordBatch, RecordBatchIterator, RecordBatchReader};
use arrow_schema::{ArrowError, SchemaRef};
use pyo3::exceptions::PyKeyboardInterrupt;
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyDict};

use crate::errors::{BitextError, Failure, failed};
use crate::job::{Job, Watch};
use crate::run::POLL;

const OF_ANOTHER_PROCESS: &str =
    "the stream was made in another process; make one in the process that reads it";

/// Receives the batches that an operation makes.
pub type Sink<'a> = dyn FnMut(RecordBatch) -> io::Result<()> + 'a;

/// Record batches that an operation makes while they are read. They can be read once, in the process that made the stream.
///
/// `pyarrow.table(stream)`, `polars.DataFrame(stream)`, `pandas.DataFrame.from_arrow(stream)` and DuckDB read it without a copy.
#[pyclass(frozen, module = "bitext")]
pub struct Stream {
    schema: SchemaRef,
    batches: Mutex<Option<Box<dyn RecordBatchReader + Send>>>,
    job: Job,
    process: u32,
}

#[pymethods]
impl Stream {
    /// The batches as a capsule. There is no conversion to another schema.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        drop(requested_schema);
        if std::process::id() != self.process {
            return Err(BitextError::new_err(OF_ANOTHER_PROCESS));
        }
        let batches = self.batches.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(batches) = batches else {
            return Err(BitextError::new_err("the stream was read already; make another one"));
        };
        PyCapsule::new_with_value(py, FFI_ArrowArrayStream::new(batches), c"arrow_array_stream")
    }

    /// The schema as a capsule.
    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        let schema = FFI_ArrowSchema::try_from(&*self.schema).map_err(failed)?;
        PyCapsule::new_with_value(py, schema, c"arrow_schema")
    }

    /// What could not be read so far: a list of dictionaries with `path`, `line` and `reason`.
    #[getter]
    fn problems<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyDict>>> {
        self.job.problems(py)
    }
}

impl Stream {
    /// Batches that are there already.
    pub fn of(schema: SchemaRef, batches: Vec<RecordBatch>, job: Job) -> Stream {
        let reader = RecordBatchIterator::new(batches.into_iter().map(Ok), SchemaRef::clone(&schema));
        Stream { schema, batches: Mutex::new(Some(Box::new(reader))), job, process: std::process::id() }
    }

    /// Batches that `work` makes on a thread of its own. Waits for the first one, so that an error before it is raised here.
    ///
    /// # Errors
    /// The failure of the work before its first batch, or what a signal handler or the callback for progress raised.
    pub fn from_work(
        py: Python<'_>,
        schema: SchemaRef,
        watch: Watch,
        work: impl FnOnce(&mut Sink<'_>) -> Result<(), Failure> + Send + 'static,
    ) -> PyResult<Stream> {
        let (sender, receiver) = sync_channel(AHEAD);
        std::thread::spawn(move || send(work, &sender));
        let (job, process) = (watch.job.clone(), std::process::id());
        let mut batches = Batches {
            schema: SchemaRef::clone(&schema),
            receiver,
            first: None,
            watch,
            owner: std::thread::current().id(),
            process,
        };
        batches.first = batches.wait(py)?;
        Ok(Stream { schema, batches: Mutex::new(Some(Box::new(batches))), job, process })
    }
}

/// The batches that are made ahead of the reader.
const AHEAD: usize = 2;

type Made = Result<RecordBatch, Failure>;

fn send(work: impl FnOnce(&mut Sink<'_>) -> Result<(), Failure>, sender: &SyncSender<Made>) {
    let gone = |_| io::Error::other("nobody reads the stream");
    if let Err(failure) = work(&mut |batch| sender.send(Ok(batch)).map_err(gone)) {
        // If nobody reads the stream, nobody needs the error.
        let _ = sender.send(Err(failure));
    }
}

/// Receives the batches.
struct Batches {
    schema: SchemaRef,
    receiver: Receiver<Made>,
    first: Option<RecordBatch>,
    watch: Watch,
    /// The thread that may enter the interpreter: another one could wait for a lock that its caller holds.
    owner: ThreadId,
    process: u32,
}

impl Batches {
    /// The next batch, on a thread of the interpreter, without its lock. `None` at the end.
    fn wait(&mut self, py: Python<'_>) -> PyResult<Option<RecordBatch>> {
        loop {
            let receiver = &mut self.receiver;
            match py.detach(move || receiver.recv_timeout(POLL)) {
                Ok(made) => return Ok(Some(made?)),
                Err(RecvTimeoutError::Timeout) => self.watch.poll(py)?,
                Err(RecvTimeoutError::Disconnected) => {
                    self.watch.report(py)?;
                    return Ok(None);
                }
            }
        }
    }

    fn receive(&mut self) -> Option<Made> {
        if std::thread::current().id() != self.owner {
            return self.receiver.recv().ok();
        }
        Python::attach(|py| self.wait(py).map_err(|error| raised(py, &error)).transpose())
    }
}

/// An exception, for a consumer that knows sentences only.
fn raised(py: Python<'_>, error: &PyErr) -> Failure {
    if !error.is_instance_of::<PyKeyboardInterrupt>(py) {
        return Failure(error.value(py).to_string());
    }
    // The consumer raises an error of its own. The interpreter raises this one again.
    let raise =
        || py.import("signal")?.call_method1("raise_signal", (py.import("signal")?.getattr("SIGINT")?,));
    // Without the signal, the consumer's error is raised alone.
    drop(raise());
    Failure("it was interrupted".to_owned())
}

impl Iterator for Batches {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        let made = if std::process::id() == self.process {
            self.first.take().map(Ok).or_else(|| self.receive())?
        } else {
            Err(Failure(OF_ANOTHER_PROCESS.to_owned()))
        };
        Some(made.map_err(|failure| {
            self.watch.job.cancel();
            // A C string ends at a null.
            ArrowError::CDataInterface(failure.0.replace('\0', " "))
        }))
    }
}

impl RecordBatchReader for Batches {
    fn schema(&self) -> SchemaRef {
        SchemaRef::clone(&self.schema)
    }
}

impl Drop for Batches {
    fn drop(&mut self) {
        self.watch.job.cancel();
    }
}
