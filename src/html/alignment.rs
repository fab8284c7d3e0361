//! The page of `align --review`: both sides in columns, pairs beside each other, doubtful ones marked. It needs no network and no script.

use maud::{DOCTYPE, PreEscaped, html};

use super::STYLE;
use super::text::{IN_LIST, name, plain};
use crate::model::Locale;
use crate::operations::align::AlignedRow;

const REVIEW_STYLE: &str = "
.review td { vertical-align: top; width: 47%; }
.review td:first-child { width: 6%; text-align: right; font-variant-numeric: tabular-nums; }
.review tr.doubtful { background: color-mix(in srgb, orange 22%, transparent); }
.review tr.wrong { background: color-mix(in srgb, red 22%, transparent); }
.review tr.alone { color: color-mix(in srgb, currentColor 60%, transparent); }
";

/// Pairs below these confidences are marked.
const DOUBTFUL: f32 = 0.8;
const WRONG: f32 = 0.5;

/// The beginning of the page.
pub(crate) fn head(set: &str, source: &Locale, target: &Locale) -> String {
    let page = html! {
        (DOCTYPE)
        meta charset="utf-8";
        meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'";
        meta name="viewport" content="width=device-width, initial-scale=1";
        meta name="color-scheme" content="light dark";
        title { "Alignment of " (name(set)) " – bitext" }
        style { (PreEscaped(STYLE)) (PreEscaped(REVIEW_STYLE)) }
        h1 { "Alignment of " (name(set)) ", " (source.as_str()) " to " (target.as_str()) }
        p {
            "Each row is a pair with its confidence, in percent. Pairs below 80 and below 50 are marked; a sentence without a partner \
             has an empty cell beside it."
        }
    };
    page.into_string()
}

/// One document.
pub(crate) fn document(path: &str, rows: &[AlignedRow], locales: (&Locale, &Locale)) -> String {
    let confidence = |row: &AlignedRow| row.features.map(|features| features.confidence());
    let doubtful = rows.iter().filter(|row| confidence(row).is_some_and(|share| share < DOUBTFUL)).count();
    let alone = rows.iter().filter(|row| row.features.is_none()).count();
    let section = html! {
        details open[doubtful > 0] {
            summary { (name(path)) ": " (rows.len()) " rows, " (doubtful) " below 80 %, " (alone) " without a partner" }
            table.review {
                @for row in rows {
                    @let share = confidence(row);
                    @let class = match share {
                        None => "alone",
                        Some(share) if share < WRONG => "wrong",
                        Some(share) if share < DOUBTFUL => "doubtful",
                        Some(_) => "sure",
                    };
                    tr class=(class) {
                        td {
                            @if let Some(share) = share { (format!("{:.0}", (share * 100.0).floor())) }
                            @if let Some(key) = row.key { " " (key) }
                        }
                        td { @if let Some(text) = &row.source { (plain(text, locales.0, IN_LIST)) } }
                        td { @if let Some(text) = &row.target { (plain(text, locales.1, IN_LIST)) } }
                    }
                }
            }
        }
    };
    section.into_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alignment::Features;

    #[test]
    fn a_text_cannot_act_on_the_page() {
        let row = |source: Option<&str>, target: Option<&str>, features| AlignedRow {
            source: source.map(str::to_owned),
            target: target.map(str::to_owned),
            features,
            key: None,
        };
        let rows = [
            row(Some("<script>a</script>"), Some("\u{202e}x"), Some(Features::default())),
            row(None, Some("y"), None),
        ];
        let locales = ("en-US".parse().unwrap(), "ar-SA".parse().unwrap());
        let page = document("a\"<b>.md", &rows, (&locales.0, &locales.1));
        assert!(!page.contains("<script>") && !page.contains("<b>") && !page.contains('\u{202e}'), "{page}");
        assert!(page.contains("dir=\"rtl\"") && page.contains("class=\"alone\""), "{page}");
    }
}
