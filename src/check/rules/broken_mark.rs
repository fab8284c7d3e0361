//! Marks that are broken by a space or a full-width character.

use std::ops::Range;

use super::{Check, Example, Facts, Hits, Kind, Severity, Side, Subject, quoted};

pub(in crate::check) const CHECK: Check = Check {
    id: "broken_mark",
    kind: Kind::Fault,
    machine: Severity::Warning,
    human: Severity::Warning,
    says: "A tag, a reference or an alert is broken by a space or by a full-width character, and is shown as it is written.",
    example: Example {
        locale: "zh-CN",
        source: "[!NOTE] The lock is closed.",
        target: "［！NOTE］船闸已关闭。",
    },
    traps: "",
    rule,
};

/// How broken marks begin.
const BROKEN: [&str; 11] = [
    "< br",
    "<xref :",
    "< xref",
    "< /",
    "[! NOTE",
    "[! IMPORTANT",
    "[! TIP",
    "[! WARNING",
    "［！",
    "[！",
    "<br / >",
];

fn rule(subject: &Subject<'_>, _: &Facts<'_>, hits: &mut Hits<'_>) {
    let Subject { source, target, .. } = subject;
    if let Some(mark) = broken_image(source, target) {
        return hits.in_target(mark, "an image became a link".to_owned());
    }
    if !target.prose.contains(['<', '[', '［']) {
        return;
    }
    for broken in BROKEN {
        if let Some(at) = target.prose.find(broken)
            && !source.text.contains(broken)
        {
            if broken == "< /" && !source.text.contains("</") {
                continue;
            }
            let reason = format!("{} is shown as it is written", quoted(broken));
            return hits.in_target(at..at + broken.len(), reason);
        }
    }
}

/// The beginning, up to the bracket, of an image whose exclamation mark stands apart or is full-width, `! [alt](a.png)`. Such a mark can also end a sentence before
/// a link, so an image must be missing.
fn broken_image(source: &Side<'_>, target: &Side<'_>) -> Option<Range<usize>> {
    let images = |side: &Side<'_>| side.links.iter().filter(|link| link.is_image).count();
    let mut links = target.links.iter().filter(|link| !link.is_image);
    let mark = links.find_map(|link| {
        let before = target.text[..link.whole.start].trim_end_matches(' ');
        let (start, _) = before.char_indices().next_back().filter(|(_, mark)| matches!(mark, '!' | '！'))?;
        Some(start..link.whole.start + 1)
    });
    mark.filter(|_| images(target) < images(source))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_that_became_a_link_is_found() {
        let image = "![The lock](lock.png)";
        let broken = |source: &str, target: &str| broken_image(&Side::new(source), &Side::new(target));
        assert_eq!(broken(image, "! [갑문](lock.png)"), Some(0..3));
        assert_eq!(broken(image, "여기 ！[갑문](lock.png)"), Some(7..11));
        assert_eq!(broken(image, "![갑문](lock.png)"), None);
        assert_eq!(broken("See [the lock](lock.md).", "보세요! [갑문](lock.md)"), None);
    }
}
