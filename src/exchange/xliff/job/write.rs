//! Writes a job.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::codes::{Code, Coded, Kind, Node};
use super::{Candidate, FILLED_IN, HASH, Job, JobSegment, PENDING_V1, SET, hash_of, unit_id};
use crate::exchange::xml;
use crate::model::Workflow;

/// The version of the format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// XLIFF 2.1 (OASIS Standard, 2018), with the modules Translation Candidates and Glossary.
    V2,
    /// XLIFF 1.2 (OASIS Standard, 2008), which most tools read.
    V1,
}

/// The XLIFF file of a document, with its segments and their translations.
pub fn xliff_of_job(job: &Job<'_>, version: Version) -> Vec<u8> {
    let mut out = Vec::with_capacity(4 * job.bytes.len() + 1024);
    push(&mut out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    match version {
        Version::V2 => file_of_v2(job, &mut out),
        Version::V1 => file_of_v1(job, &mut out),
    }
    out
}

fn push(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(text.as_bytes());
}

fn attribute(out: &mut Vec<u8>, name: &str, value: &str) {
    push(out, &format!(" {name}=\""));
    xml::push_attribute(out, value);
    out.push(b'"');
}

/// The terms that stay untranslated and occur in a text.
fn terms_in<'t>(job: &Job<'t>, text: &str) -> Vec<&'t str> {
    let terms = job.no_loc.iter().map(|term| term.trim());
    terms.filter(|term| !term.is_empty() && text.contains(term)).collect()
}

fn origin(candidate: &Candidate) -> &str {
    if candidate.origin.is_empty() { "bitext" } else { &candidate.origin }
}

// XLIFF 2.1

fn file_of_v2(job: &Job<'_>, out: &mut Vec<u8>) {
    push(
        out,
        &format!(
            "<xliff xmlns=\"urn:oasis:names:tc:xliff:document:2.0\" xmlns:mtc=\"urn:oasis:names:tc:xliff:matches:2.0\" \
             xmlns:gls=\"urn:oasis:names:tc:xliff:glossary:2.0\" version=\"2.1\" srcLang=\"{}\" trgLang=\"{}\" \
             xml:space=\"preserve\">\n<file id=\"f1\" canResegment=\"no\"",
            job.source_locale, job.target_locale
        ),
    );
    attribute(out, "original", job.document);
    push(out, ">\n<skeleton>");
    push(out, &STANDARD.encode(job.bytes));
    push(out, "</skeleton>\n<notes>");
    note_of_v2(out, SET, job.set);
    note_of_v2(out, HASH, &hash_of(job.bytes));
    push(out, "</notes>\n");
    for segment in job.segments {
        unit_of_v2(job, segment, out);
    }
    if job.segments.is_empty() {
        // A file has at least a unit or a group.
        push(out, "<group id=\"empty\"/>\n");
    }
    push(out, "</file>\n</xliff>\n");
}

fn note_of_v2(out: &mut Vec<u8>, category: &str, text: &str) {
    push(out, &format!("<note category=\"{category}\">"));
    xml::push_text(out, text);
    push(out, "</note>");
}

fn unit_of_v2(job: &Job<'_>, segment: &JobSegment, out: &mut Vec<u8>) {
    let source = Coded::source(&segment.source);
    push(out, &format!("<unit id=\"{}\">\n", unit_id(&segment.range, segment.quoting)));
    // An adapted translation is none of the memory: the proposals have what it was made of.
    let filled_in = segment.translation.iter().filter(|candidate| !candidate.is_adapted);
    let candidates: Vec<&Candidate> = filled_in.chain(&segment.proposals).collect();
    if !candidates.is_empty() {
        push(out, "<mtc:matches>\n");
        for (number, candidate) in (1..).zip(candidates) {
            match_of_v2(number, candidate, &source, out);
        }
        push(out, "</mtc:matches>\n");
    }
    let terms = terms_in(job, &segment.source);
    if !terms.is_empty() {
        push(out, "<gls:glossary>");
        for (number, term) in (1..).zip(terms) {
            push(out, &format!("<gls:glossEntry id=\"t{number}\" ref=\"#s\"><gls:term>"));
            xml::push_text(out, term);
            push(out, "</gls:term><gls:translation>");
            xml::push_text(out, term);
            push(out, "</gls:translation></gls:glossEntry>");
        }
        push(out, "</gls:glossary>\n");
    }
    push(out, "<notes>");
    note_of_v2(out, "line", &segment.line.to_string());
    if let Some(translation) = &segment.translation {
        note_of_v2(out, FILLED_IN, &hash_of(translation.target.as_bytes()));
    }
    push(out, "</notes>\n");
    let target = segment.translation.as_ref().map(|candidate| Coded::target(&candidate.target, &source));
    let mut data = Data::default();
    let (mut source_content, mut target_content) = (Vec::new(), Vec::new());
    data.content(&source, &mut source_content);
    if let Some(target) = &target {
        data.content(target, &mut target_content);
    }
    data.write(out);
    let state = match &segment.translation {
        Some(Candidate { is_adapted: true, .. }) => "translated\" subState=\"bitext:adapted",
        Some(Candidate { workflow: Some(Workflow::Human), .. }) => "final",
        Some(_) => "translated",
        None => "initial",
    };
    push(out, &format!("<segment id=\"s\" state=\"{state}\">\n<source>"));
    out.extend(source_content);
    push(out, "</source>\n");
    if target.is_some() {
        push(out, "<target>");
        out.extend(target_content);
        push(out, "</target>\n");
    }
    push(out, "</segment>\n</unit>\n");
}

fn match_of_v2(number: u32, candidate: &Candidate, source: &Coded<'_>, out: &mut Vec<u8>) {
    let (kind, who) = match candidate.workflow {
        Some(Workflow::Machine) => ("mt", "machine"),
        Some(Workflow::Human) => ("tm", "human"),
        None => ("tm", "unknown"),
    };
    let percent = candidate.score.percent();
    let in_context = if percent > 100 { "icm" } else { kind };
    push(out, &format!("<mtc:match id=\"m{number}\" ref=\"#s\" similarity=\"{}\"", percent.min(100)));
    push(out, &format!(" type=\"{in_context}\" subType=\"bitext:{who}\""));
    attribute(out, "origin", origin(candidate));
    push(out, ">\n");
    // The codes have the numbers of those of the unit, so that a tool can insert the match.
    let own = Coded::target(&candidate.source, source);
    let target = Coded::target(&candidate.target, &own);
    let mut data = Data::default();
    let (mut source_content, mut target_content) = (Vec::new(), Vec::new());
    data.content(&own, &mut source_content);
    data.content(&target, &mut target_content);
    data.write(out);
    push(out, "<source>");
    out.extend(source_content);
    push(out, "</source>\n<target>");
    out.extend(target_content);
    push(out, "</target>\n</mtc:match>\n");
}

/// The texts of codes, which a unit or a match stores once each.
#[derive(Default)]
struct Data<'t> {
    ids: HashMap<&'t str, usize>,
    texts: Vec<&'t str>,
}

impl<'t> Data<'t> {
    fn id(&mut self, text: &'t str) -> usize {
        let next = self.texts.len() + 1;
        let id = *self.ids.entry(text).or_insert(next);
        if id == next {
            self.texts.push(text);
        }
        id
    }

    fn content(&mut self, coded: &Coded<'t>, out: &mut Vec<u8>) {
        for node in &coded.nodes {
            match node {
                Node::Text(text) => {
                    xml::push_text(out, text);
                }
                Node::Open(code) => {
                    let code = &coded.codes[*code];
                    let (start, end) = (self.id(code.start), self.id(code.end.unwrap_or_default()));
                    push(out, &format!("<pc id=\"{}\"{}", code.id, type_of_v2(code.kind)));
                    push(out, &format!(" dataRefStart=\"d{start}\" dataRefEnd=\"d{end}\">"));
                }
                Node::Close(_) => push(out, "</pc>"),
                Node::Alone(code) => {
                    let code = &coded.codes[*code];
                    let data = self.id(code.start);
                    push(
                        out,
                        &format!("<ph id=\"{}\"{} dataRef=\"d{data}\"", code.id, type_of_v2(code.kind)),
                    );
                    attribute(out, "disp", code.start);
                    push(out, "/>");
                }
            }
        }
    }

    fn write(&self, out: &mut Vec<u8>) {
        if self.texts.is_empty() {
            return;
        }
        push(out, "<originalData>");
        for (id, text) in (1..).zip(&self.texts) {
            push(out, &format!("<data id=\"d{id}\">"));
            super::super::content(out, text);
            push(out, "</data>");
        }
        push(out, "</originalData>\n");
    }
}

fn type_of_v2(kind: Kind) -> &'static str {
    match kind {
        Kind::Bold => " type=\"fmt\" subType=\"xlf:b\"",
        Kind::Italic => " type=\"fmt\" subType=\"xlf:i\"",
        Kind::LineBreak => " type=\"fmt\" subType=\"xlf:lb\"",
        Kind::Link => " type=\"link\"",
        Kind::Image => " type=\"image\"",
        Kind::CodeSpan => " type=\"other\" subType=\"bitext:code\"",
        Kind::Other => "",
    }
}

// XLIFF 1.2

fn file_of_v1(job: &Job<'_>, out: &mut Vec<u8>) {
    push(out, "<xliff version=\"1.2\" xmlns=\"urn:oasis:names:tc:xliff:document:1.2\">\n<file");
    attribute(out, "original", job.document);
    push(
        out,
        &format!(
            " source-language=\"{}\" target-language=\"{}\" datatype=\"x-{}\" xml:space=\"preserve\">\n<header>\n<skl>\
             <internal-file form=\"base64\">",
            job.source_locale,
            job.target_locale,
            job.media_type.replace('/', "-")
        ),
    );
    push(out, &STANDARD.encode(job.bytes));
    push(out, "</internal-file></skl>\n");
    let terms: Vec<&str> =
        job.no_loc.iter().map(|term| term.trim()).filter(|term| !term.is_empty()).collect();
    if !terms.is_empty() {
        push(out, "<glossary><internal-file form=\"text/plain\">");
        for term in terms {
            xml::push_text(out, &format!("{term}\t{term}\n"));
        }
        push(out, "</internal-file></glossary>\n");
    }
    note_of_v1(out, SET, job.set);
    note_of_v1(out, HASH, &hash_of(job.bytes));
    push(out, "</header>\n<body>\n");
    for segment in job.segments {
        unit_of_v1(segment, out);
    }
    push(out, "</body>\n</file>\n</xliff>\n");
}

fn note_of_v1(out: &mut Vec<u8>, from: &str, text: &str) {
    push(out, &format!("<note from=\"{from}\">"));
    xml::push_text(out, text);
    push(out, "</note>\n");
}

fn unit_of_v1(segment: &JobSegment, out: &mut Vec<u8>) {
    let source = Coded::source(&segment.source);
    let is_human = segment
        .translation
        .as_ref()
        .is_some_and(|candidate| candidate.workflow == Some(Workflow::Human) && !candidate.is_adapted);
    push(out, &format!("<trans-unit id=\"{}\"", unit_id(&segment.range, segment.quoting)));
    push(
        out,
        &format!(" xml:space=\"preserve\"{}>\n<source>", if is_human { " approved=\"yes\"" } else { "" }),
    );
    content_of_v1(&source, &source, out);
    push(out, "</source>\n");
    // Tools such as OmegaT translate the content of <target>, so a segment without a translation has its source there.
    let (state, target) = match &segment.translation {
        Some(translation) => {
            let state = match translation.is_adapted {
                true => "needs-review-adaptation",
                false if is_human => "final",
                false => "translated",
            };
            (state, &Coded::target(&translation.target, &source))
        }
        None => (PENDING_V1, &source),
    };
    push(out, &format!("<target state=\"{state}\">"));
    content_of_v1(target, &source, out);
    push(out, "</target>\n");
    note_of_v1(out, "line", &segment.line.to_string());
    if let Some(translation) = &segment.translation {
        note_of_v1(out, FILLED_IN, &hash_of(translation.target.as_bytes()));
    }
    for proposal in &segment.proposals {
        let who = proposal.workflow.map_or("unknown", Workflow::name);
        push(out, &format!("<alt-trans match-quality=\"{}%\"", proposal.score.percent().min(100)));
        attribute(out, "origin", &format!("{} ({who})", origin(proposal)));
        push(out, ">\n<source>");
        let own = Coded::target(&proposal.source, &source);
        content_of_v1(&own, &own, out);
        push(out, "</source>\n<target>");
        let target = Coded::target(&proposal.target, &own);
        content_of_v1(&target, &own, out);
        push(out, "</target>\n</alt-trans>\n");
    }
    push(out, "</trans-unit>\n");
}

/// A code that the source has is named by its number. Another one, such as a link with the address of a translated page, has its text.
fn content_of_v1(coded: &Coded<'_>, source: &Coded<'_>, out: &mut Vec<u8>) {
    let is_of_source = |code: &Code<'_>| {
        source.code_of(code.id).is_some_and(|other| (other.start, other.end) == (code.start, code.end))
    };
    for node in &coded.nodes {
        match node {
            Node::Text(text) => {
                xml::push_text(out, text);
            }
            Node::Open(code) => {
                let code = &coded.codes[*code];
                let kind = type_of_pair_v1(code.kind);
                if is_of_source(code) {
                    push(out, &format!("<g id=\"{}\" ctype=\"{kind}\">", code.id));
                } else {
                    push(out, &format!("<bpt id=\"{}\" ctype=\"{kind}\">", code.id));
                    xml::push_text(out, code.start);
                    push(out, "</bpt>");
                }
            }
            Node::Close(code) => {
                let code = &coded.codes[*code];
                if is_of_source(code) {
                    push(out, "</g>");
                } else {
                    push(out, &format!("<ept id=\"{}\">", code.id));
                    xml::push_text(out, code.end.unwrap_or_default());
                    push(out, "</ept>");
                }
            }
            Node::Alone(code) => {
                let code = &coded.codes[*code];
                let kind = type_alone_v1(code.kind);
                if is_of_source(code) {
                    push(out, &format!("<x id=\"{}\" ctype=\"{kind}\"", code.id));
                    attribute(out, "equiv-text", code.start);
                    push(out, "/>");
                } else {
                    push(out, &format!("<ph id=\"{}\" ctype=\"{kind}\">", code.id));
                    xml::push_text(out, code.start);
                    push(out, "</ph>");
                }
            }
        }
    }
}

/// The schema has other types for codes with content than for those without; types of one's own begin with `x-`.
fn type_of_pair_v1(kind: Kind) -> &'static str {
    match kind {
        Kind::Bold => "bold",
        Kind::Italic => "italic",
        Kind::Link => "link",
        Kind::LineBreak => "x-lb",
        Kind::Image => "x-image",
        Kind::CodeSpan => "x-code",
        Kind::Other => "x-other",
    }
}

fn type_alone_v1(kind: Kind) -> &'static str {
    match kind {
        Kind::LineBreak => "lb",
        Kind::Image => "image",
        Kind::Bold => "x-bold",
        Kind::Italic => "x-italic",
        Kind::Link => "x-link",
        Kind::CodeSpan => "x-code",
        Kind::Other => "x-other",
    }
}
