//! SARIF 2.1.0 (OASIS, <https://docs.oasis-open.org/sarif/sarif/v2.1.0/>), the form in which code hosts read what a checker found.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::{Value, json};

use super::check::FindingObject;
use super::writer::{to_string, to_writer};
use crate::check::{CHECKS, Check, Kind, Severity};
use crate::model::shortened;

/// Writes a log with one run, result by result.
pub struct SarifWriter<W> {
    out: W,
    is_first: bool,
}

/// The characters of each text that a message has. The properties have them whole.
const IN_MESSAGE: usize = 300;

impl<W: Write> SarifWriter<W> {
    /// Writes everything before the results: the program, with its rules.
    ///
    /// # Errors
    /// Those of the output.
    pub fn new(mut out: W) -> io::Result<Self> {
        let driver = json!({
            "name": "bitext",
            "semanticVersion": env!("CARGO_PKG_VERSION"),
            "rules": CHECKS.iter().map(rule).collect::<Vec<Value>>(),
        });
        out.write_all(
            b"{\"$schema\":\"https://json.schemastore.org/sarif-2.1.0.json\",\"version\":\"2.1.0\",\"runs\":[{\"tool\":{\"driver\":",
        )?;
        to_writer(&mut out, &driver)?;
        // Ranges in the properties count characters, too.
        out.write_all(b"},\"columnKind\":\"unicodeCodePoints\",\"results\":[")?;
        Ok(SarifWriter { out, is_first: true })
    }

    /// Writes a finding in a document with an address: a path from the root of the repository, `/` separated, or a `file:` URI.
    ///
    /// # Errors
    /// Those of the output.
    pub fn write(&mut self, uri: &str, finding: &FindingObject<'_>) -> io::Result<()> {
        self.out.write_all(if self.is_first { b"\n" } else { b",\n" })?;
        self.is_first = false;
        let index = CHECKS.iter().position(|check| check.id == finding.check);
        // A segment of another tool's TMX has no line.
        let region = (finding.line > 0).then(|| json!({ "startLine": finding.line }));
        let mut physical = json!({ "artifactLocation": { "uri": uri } });
        if let Some(region) = region {
            physical["region"] = region;
        }
        let result = json!({
            "ruleId": finding.check,
            "ruleIndex": index,
            "level": level_of(finding.severity),
            "message": { "text": message(finding) },
            "locations": [{
                "physicalLocation": physical,
                "logicalLocations": [{
                    "name": finding.id,
                    "fullyQualifiedName": format!("{}/{}#{}", finding.set, finding.document, finding.id),
                }],
            }],
            "partialFingerprints": { "bitextFinding/v1": finding.finding },
            "properties": Properties {
                set: finding.set,
                source: finding.source,
                target: finding.target,
                source_ranges: &finding.source_ranges,
                target_ranges: &finding.target_ranges,
            },
        });
        self.out.write_all(to_string(&result)?.as_bytes())
    }

    /// Writes the end, and how many findings were left out because there are too many, as a notification of the run (3.20.21).
    ///
    /// # Errors
    /// Those of the output.
    pub fn finish(mut self, left_out: u64) -> io::Result<()> {
        self.out.write_all(b"\n]")?;
        if left_out > 0 {
            let text = format!(
                "{left_out} further findings, none of them worse, are left out, because code hosts accept a limited number of results."
            );
            let invocations = json!([{
                "executionSuccessful": true,
                "toolExecutionNotifications": [{ "level": "warning", "message": { "text": text } }],
            }]);
            self.out.write_all(b",\"invocations\":")?;
            to_writer(&mut self.out, &invocations)?;
        }
        self.out.write_all(b"}]}\n")?;
        self.out.flush()
    }
}

/// What SARIF has no field for.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Properties<'a> {
    set: &'a str,
    source: &'a str,
    target: &'a str,
    source_ranges: &'a [(usize, usize)],
    target_ranges: &'a [(usize, usize)],
}

fn level_of(severity: &str) -> &'static str {
    match severity {
        "error" => "error",
        "warning" => "warning",
        _ => "note",
    }
}

/// The first sentence is the reason, because a host with little room shows that alone.
fn message(finding: &FindingObject<'_>) -> String {
    let reason = finding.reason.trim_end_matches('.');
    let texts = [finding.source, finding.target].map(|text| shortened(text, IN_MESSAGE));
    let message = format!("{reason}.\nSource: {}\nTarget: {}", texts[0], texts[1]);
    // `[text](address)` in a message is a link (3.11.6), which a text of a document must not make.
    message.replace("](", "] (")
}

fn rule(check: &Check) -> Value {
    let example = check.example;
    let mut help = format!(
        "{}\n\nExample (en-US to {}):\n{}\n{}\n",
        check.says, example.locale, example.source, example.target
    );
    let mut markdown = format!(
        "{}\n\n**Example**, en-US to {}:\n\n```text\n{}\n{}\n```\n",
        check.says, example.locale, example.source, example.target
    );
    if !check.traps.is_empty() {
        help += &format!("\nFalse alarms: {}\n", check.traps);
        markdown += &format!("\n**False alarms:** {}\n", check.traps);
    }
    let severity = |severity: Severity| severity.name();
    json!({
        "id": check.id,
        "shortDescription": { "text": check.says.split_inclusive(". ").next().unwrap_or(check.says).trim() },
        "fullDescription": { "text": check.says },
        "help": { "text": help.replace("](", "] ("), "markdown": markdown },
        "defaultConfiguration": {
            "level": level_of(check.worst_severity().name()),
            "enabled": check.kind == Kind::Fault && check.worst_severity() > Severity::Info,
        },
        "properties": {
            "tags": ["translation"],
            "machineSeverity": severity(check.machine),
            "humanSeverity": severity(check.human),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_cannot_make_a_link_in_a_message() {
        let finding = FindingObject {
            finding: "0".into(),
            check: "link",
            severity: "error",
            set: "docs",
            document: "a.md",
            id: "1-101",
            line: 1,
            source: "See [x](y).",
            target: "[click](https://example.org)",
            source_ranges: Vec::new(),
            target_ranges: Vec::new(),
            workflow: None,
            reason: "the link [a](b) is missing.",
            vote: None,
            confidence: None,
        };
        let message = message(&finding);
        assert!(!message.contains("]("), "{message}");
        assert!(message.starts_with("the link [a] (b) is missing.\nSource: See [x] (y).\n"), "{message}");
    }
}
