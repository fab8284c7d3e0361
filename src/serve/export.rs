//! Exports of what is chosen, streamed: units as TMX, segments as JSON lines.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Body;
use axum::extract::State as Shared;
use axum::http::{Uri, header};
use axum::response::{IntoResponse, Response};
use regex::Regex;
use tokio::sync::oneshot;

use super::api::WORKFLOWS;
use super::failure::Failure;
use super::parameters::{Parameters, globs};
use super::spool::{SpoolReader, spool};
use super::state::State;
use crate::check::check_of_id;
use crate::exchange::formats::Format;
use crate::exchange::segments::OutputFile;
use crate::exchange::tmx::{Inline, Profile};
use crate::memory::{Memory, SegmentFilter};
use crate::model::{Kind, Versions};
use crate::operations::export::{
    Consumer, Destination, DocumentFilter, ExportError, ExportPlan, FormatPlan, OutputFiles, Quality, Rules,
    SegmentOutput, SegmentPlan, Selection, SingleOutput, TmxOutput, TmxPlan, Untranslated, export,
};
use crate::parallel::available_threads;

/// `GET /v1/export.tmx`
pub(super) async fn tmx(Shared(state): Shared<Arc<State>>, uri: Uri) -> Result<Response, Failure> {
    let mut parameters = Parameters::new(uri.query());
    let profiles = [
        ("generic", Profile::Generic),
        ("omegat", Profile::OmegaT),
        ("memoq", Profile::MemoQ),
        ("trados", Profile::Trados),
        ("okapi", Profile::Okapi),
        ("xtm", Profile::Xtm),
    ];
    let inlines = [("text", Inline::Text), ("codes", Inline::Codes), ("strip", Inline::Strip)];
    let profile = parameters.choice("profile", &profiles)?.unwrap_or(Profile::Generic);
    let format = FormatPlan::Tmx(TmxPlan {
        output: TmxOutput::File { output: SingleOutput::Stdout, profile },
        inline: parameters.choice("inline", &inlines)?.unwrap_or(Inline::Text),
        multilingual: parameters.flag("multilingual")?,
        all_variants: parameters.flag("all_variants")?,
        threads: 1,
    });
    stream(&state, parameters, format, "application/x-tmx+xml", "bitext.tmx").await
}

/// `GET /v1/export.jsonl`
pub(super) async fn jsonl(Shared(state): Shared<Arc<State>>, uri: Uri) -> Result<Response, Failure> {
    let parameters = Parameters::new(uri.query());
    let Some(Format::Segments(format)) = Format::of_name("jsonl") else { return Err(Failure::internal()) };
    let output = SegmentOutput::new(format, &Destination::Single(SingleOutput::Stdout), &[]);
    let output = output.ok_or_else(Failure::internal)?;
    let format = FormatPlan::Segments(SegmentPlan { format, output, strip_markup: false });
    stream(&state, parameters, format, "application/x-ndjson", "bitext.jsonl").await
}

/// What the quality checks decide: `clean`, `leave_out` and `labels`, as on the command line. The server reads no file of exceptions.
fn quality(parameters: &mut Parameters, format: &FormatPlan) -> Result<Quality, Failure> {
    let format = match format {
        FormatPlan::Tmx(_) => Format::Tmx,
        FormatPlan::Segments(plan) => Format::Segments(plan.format),
    };
    let consumers = [
        ("auto", Consumer::of_format(format)),
        ("translator", Consumer::Translator),
        ("training", Consumer::Training),
    ];
    let consumer = parameters.choice("clean", &consumers)?.unwrap_or(Consumer::Archive);
    let mut leave_out = consumer.leaves_out();
    for ids in parameters.all("leave_out") {
        for id in ids.split(',') {
            let unknown = || Failure::bad_request(format!("leave_out: there is no check {id:?}"));
            leave_out.checks.push(check_of_id(id).ok_or_else(unknown)?);
        }
    }
    let labels = parameters.flag("labels")?;
    Ok(Quality { leave_out, labels, threads: available_threads(), ..Quality::default() })
}

/// The plan of the parameters, which are those of `bitext export`.
fn plan(mut parameters: Parameters, format: FormatPlan) -> Result<ExportPlan, Failure> {
    let documents = DocumentFilter {
        sets: parameters.all("set"),
        paths: globs("document", &parameters.all("document"))?,
    };
    let to = parameters.all("to").iter().map(|name| name.parse()).collect::<Result<_, _>>();
    let selection = Selection {
        documents,
        from: parameters.parsed("from")?,
        to: to.map_err(|error| Failure::bad_request(format!("to: {error}")))?,
        loose: parameters.flag("loose")?,
    };
    let versions = match (parameters.flag("current")?, parameters.flag("history")?) {
        (true, true) => return Err(Failure::bad_request("current and history exclude each other")),
        (true, false) => Versions::Current,
        (false, true) => Versions::All,
        (false, false) => Versions::Best,
    };
    let kinds = [("sentence", Kind::Sentence), ("paragraph", Kind::Paragraph), ("aligned", Kind::Aligned)];
    let untranslated =
        [("auto", Untranslated::Auto), ("keep", Untranslated::Keep), ("drop", Untranslated::Drop)];
    let words = 0..=u64::from(u32::MAX);
    let least = parameters.number("min_words", words.clone())?.unwrap_or(0) as usize;
    let most = parameters.number("max_words", words)?.map_or(usize::MAX, |most| most as usize);
    let rules = Rules {
        filter: SegmentFilter {
            kind: parameters.choice("kind", &kinds)?,
            least_confidence: parameters.number("min_confidence", 0..=100)?.unwrap_or(0) as u8,
            workflow: parameters.choice("workflow", &WORKFLOWS)?,
            since: parameters.parsed("since")?,
            until: parameters.parsed("until")?,
            versions,
        },
        pattern: parameters.parsed::<Regex>("match")?,
        words: least..=most,
        untranslated: parameters.choice("untranslated", &untranslated)?.unwrap_or(Untranslated::Auto),
        dedupe: parameters.flag("dedupe")?,
        quality: quality(&mut parameters, &format)?,
    };
    parameters.finish()?;
    Ok(ExportPlan { selection, rules, format })
}

/// The output of an export: the answer. It begins when the export has found what it was asked for.
struct Answer(Mutex<Option<oneshot::Sender<Result<SpoolReader, Failure>>>>);

impl Answer {
    fn send(&self, begun: Result<SpoolReader, Failure>) {
        let sender = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(sender) = sender {
            // A client that is gone needs no answer.
            drop(sender.send(begun));
        }
    }
}

impl OutputFiles for Answer {
    fn open(&self, output: &SingleOutput) -> Result<Box<dyn OutputFile>, ExportError> {
        let failed = |source| ExportError::Write { output: output.to_string(), source };
        let (writer, reader) = spool().map_err(failed)?;
        self.send(Ok(reader));
        Ok(Box::new(writer))
    }

    fn open_with_folders(&self, _: &Path) -> Result<Box<dyn OutputFile>, ExportError> {
        self.open(&SingleOutput::Stdout)
    }
}

async fn stream(
    state: &State,
    parameters: Parameters,
    format: FormatPlan,
    media_type: &'static str,
    name: &str,
) -> Result<Response, Failure> {
    let plan = plan(parameters, format)?;
    let Ok(permit) = Arc::clone(&state.exports).try_acquire_owned() else { return Err(Failure::busy()) };
    let (sender, begun) = oneshot::channel();
    let path = state.plan.memory.clone();
    tokio::task::spawn_blocking(move || {
        let answer = Answer(Mutex::new(Some(sender)));
        let exported = || -> Result<bool, Failure> {
            let memory = Memory::open(&path)?;
            match export(&memory, &plan, &answer, &mut |_| ()) {
                Ok(counts) => Ok(counts.is_some()),
                Err(ExportError::Memory(error)) => Err(error.into()),
                Err(ExportError::Write { source, .. }) => {
                    if source.kind() == std::io::ErrorKind::BrokenPipe {
                        tracing::debug!("an export ended, because its client is gone");
                    } else {
                        tracing::error!("an export cannot be written to a temporary file: {source}");
                    }
                    Err(Failure::internal())
                }
                Err(error) => Err(Failure::not_found(error.to_string())),
            }
        };
        match exported() {
            // The answer has begun, and the end of the file ends it.
            Ok(true) => {}
            Ok(false) => answer.send(Err(Failure::not_found(
                "no document is chosen; /v1/stats lists what the memory holds",
            ))),
            // If the answer has begun, it is cut off.
            Err(failure) => answer.send(Err(failure)),
        }
        drop(permit);
    });
    let reader = begun.await.unwrap_or_else(|_| Err(Failure::internal()))?;
    let disposition = format!("attachment; filename=\"{name}\"");
    let headers = [(header::CONTENT_TYPE, media_type.to_owned()), (header::CONTENT_DISPOSITION, disposition)];
    Ok((headers, Body::from_stream(reader)).into_response())
}
