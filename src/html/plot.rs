//! Plots as SVG. Human is filled, machine is hatched, unknown is empty: they are told apart without colour.

use maud::{Markup, html};

use crate::operations::numbers::grouped;

/// A bar, or a column: its label, and the numbers of human, machine and other segments.
pub(crate) struct Bar {
    pub label: String,
    pub counts: [u64; 3],
}

impl Bar {
    fn total(&self) -> u64 {
        self.counts.iter().sum()
    }
}

/// What the three counts are.
pub(crate) const NAMES: [&str; 3] = ["human", "machine", "not known"];
/// Their classes in the style sheet.
const CLASSES: [&str; 3] = ["human", "machine", "unknown"];

/// The width of all plots, in units of their own.
const WIDTH: u64 = 720;
/// The height of a horizontal bar with its label, and of the bar alone.
const ROW: u64 = 40;
const BAR: u64 = 16;
/// The height of columns, and of the labels below them.
const HEIGHT: u64 = 180;
const LABELS: u64 = 24;

fn defs(id: &str) -> Markup {
    html! {
        defs {
            pattern id=(format!("hatch-{id}")) width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)" {
                rect.hatch-ground width="6" height="6" {}
                rect.hatch-line width="3" height="6" {}
            }
        }
    }
}

/// How a part is filled: the hatch is a pattern of this plot.
fn fill(id: &str, at: usize) -> Option<String> {
    (at == 1).then(|| format!("url(#hatch-{id})"))
}

/// The legend of all plots.
pub(crate) fn legend() -> Markup {
    html! {
        ul.legend aria-label="Legend" {
            @for (at, name) in NAMES.iter().enumerate() {
                li {
                    svg width="28" height="14" viewBox="0 0 28 14" aria-hidden="true" {
                        (defs(&format!("legend-{at}")))
                        rect class=(format!("part {}", CLASSES[at])) x="1" y="1" width="26" height="12"
                            fill=[fill(&format!("legend-{at}"), at)] {}
                    }
                    " " (name)
                }
            }
        }
    }
}

/// Horizontal bars, one below the other.
pub(crate) fn bars(id: &str, title: &str, bars: &[Bar]) -> Markup {
    let most = bars.iter().map(Bar::total).max().unwrap_or(0).max(1);
    let height = ROW * bars.len() as u64 + 4;
    let rows = bars.iter().enumerate().map(|(row, bar)| {
        let mut x = 0;
        let parts = bar.counts.map(|count| {
            let start = x;
            x += scaled(count, most, WIDTH - 2);
            (start, x - start)
        });
        (row as u64 * ROW, bar, parts)
    });
    html! {
        svg.plot viewBox=(format!("0 0 {WIDTH} {height}")) role="img" aria-labelledby=(format!("{id}-title")) {
            title id=(format!("{id}-title")) { (title) }
            (defs(id))
            @for (y, bar, parts) in rows {
                text.label x="0" y=(y + 14) { (bar.label) }
                text.number x=(WIDTH) y=(y + 14) text-anchor="end" { (grouped(bar.total())) }
                @for (at, (x, width)) in parts.into_iter().enumerate().filter(|(_, (_, width))| *width > 0) {
                    rect class=(format!("part {}", CLASSES[at])) x=(x + 1) y=(y + 20) width=(width) height=(BAR)
                        fill=[fill(id, at)] { title { (NAMES[at]) ": " (grouped(bar.counts[at])) } }
                }
            }
        }
    }
}

/// Columns beside each other, with a label below the first, the last, and some between.
pub(crate) fn columns(id: &str, title: &str, columns: &[Bar]) -> Markup {
    let most = columns.iter().map(Bar::total).max().unwrap_or(0).max(1);
    let count = columns.len().max(1) as u64;
    // A label is some 70 units wide.
    let every = count.div_ceil(WIDTH / 80).max(1);
    let columns = columns.iter().enumerate().map(|(at, column)| {
        let (start, end) = (WIDTH * at as u64 / count, WIDTH * (at as u64 + 1) / count);
        let mut y = HEIGHT;
        let parts = column.counts.map(|count| {
            let height = scaled(count, most, HEIGHT - 20);
            y -= height;
            (y, height)
        });
        (
            start,
            (end - start).saturating_sub(2).clamp(1, 48),
            column,
            parts,
            (at as u64).is_multiple_of(every),
        )
    });
    html! {
        svg.plot viewBox=(format!("0 0 {WIDTH} {}", HEIGHT + LABELS)) role="img" aria-labelledby=(format!("{id}-title")) {
            title id=(format!("{id}-title")) { (title) }
            (defs(id))
            text.number x="0" y="12" { "at most " (grouped(most)) }
            line.axis x1="0" x2=(WIDTH) y1=(HEIGHT) y2=(HEIGHT) {}
            @for (x, width, column, parts, has_label) in columns {
                @for (at, (y, height)) in parts.into_iter().enumerate().filter(|(_, (_, height))| *height > 0) {
                    rect class=(format!("part {}", CLASSES[at])) x=(x + 1) y=(y) width=(width) height=(height)
                        fill=[fill(id, at)] { title { (column.label) ", " (NAMES[at]) ": " (grouped(column.counts[at])) } }
                }
                @if has_label {
                    // A label that does not fit ends at the edge.
                    @let is_last = x + 56 > WIDTH;
                    text.label x=(if is_last { WIDTH } else { x }) y=(HEIGHT + 18)
                        text-anchor=[is_last.then_some("end")] { (column.label) }
                }
            }
        }
    }
}

/// A count in units of the plot. Any that is not 0 is seen.
fn scaled(count: u64, most: u64, length: u64) -> u64 {
    let length = u128::from(count) * u128::from(length) / u128::from(most);
    u64::try_from(length).unwrap_or(0).max(u64::from(count > 0))
}

/// A section with bars and their table under a heading. `column` is the head of the table's first column.
pub(crate) fn plot(id: &str, title: &str, of: &[Bar], column: &str) -> Markup {
    html! {
        section aria-labelledby=(format!("by-{id}")) {
            h2 id=(format!("by-{id}")) { (title) }
            (bars(&format!("plot-{id}"), title, of))
            (table(column, of))
        }
    }
}

/// The numbers of a plot as a table, for those who do not see it.
pub(crate) fn table(of: &str, bars: &[Bar]) -> Markup {
    html! {
        details {
            summary { "The numbers as a table" }
            div.scroll tabindex="0" role="group" aria-label="The numbers as a table" {
                table.numbers {
                    thead { tr { th scope="col" { (of) } @for name in NAMES { th scope="col" { (name) } } th scope="col" { "all" } } }
                    tbody {
                        @for bar in bars {
                            tr {
                                th scope="row" { (bar.label) }
                                @for count in bar.counts { td { (grouped(count)) } }
                                td { (grouped(bar.total())) }
                            }
                        }
                    }
                }
            }
        }
    }
}
