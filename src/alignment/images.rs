//! Alternative texts of images that are no part of a sentence: of an image that is alone in its paragraph, item or cell, and of `:::image`
//! blocks. They belong together by the address of the image and by their order.

use std::collections::HashMap;
use std::ops::Range;

use super::side::Side;
use super::tokens::{self, Key};
use crate::segmentation::{InlineKind, StretchKind};

/// The ranges of alternative texts in the texts of two outlines that belong together, in the order of the target. Images with the same
/// address are paired in order, if there is the same number of them on both sides; one without a text counts.
pub fn pairs_of_images(source: &Side<'_>, target: &Side<'_>) -> Vec<(Range<usize>, Range<usize>)> {
    let (ours, theirs) = (images(source), images(target));
    let mut by_address: HashMap<Key, (Vec<usize>, usize)> = HashMap::new();
    for (at, (key, _)) in ours.iter().enumerate() {
        by_address.entry(*key).or_default().0.push(at);
    }
    for (key, _) in &theirs {
        by_address.entry(*key).or_default().1 += 1;
    }
    let mut seen: HashMap<Key, usize> = HashMap::new();
    let mut pairs = Vec::new();
    for (key, text) in theirs {
        let (sources, count) = &by_address[&key];
        let number = seen.entry(key).or_default();
        let source = sources.get(*number).filter(|_| sources.len() == *count).map(|&at| &ours[at].1);
        *number += 1;
        if let Some(source) = source.filter(|source| !source.is_empty() && !text.is_empty()) {
            pairs.push((source.clone(), text));
        }
    }
    pairs
}

/// The address and the range of the text of each image outside of sentences.
fn images(side: &Side<'_>) -> Vec<(Key, Range<usize>)> {
    let text = &*side.outline.text;
    let mut images = Vec::new();
    for stretch in side.outline.stretches.iter().filter(|stretch| stretch.sentences.is_empty()) {
        if stretch.kind == StretchKind::Instruction {
            images.extend(image_block(text, &stretch.range));
            continue;
        }
        let inlines = &side.outline.inlines[stretch.inlines.clone()];
        for inline in inlines.iter().filter(|inline| inline.kind == InlineKind::Image) {
            let raw = &text[inline.range.clone()];
            let Some(end) = raw.rfind("](") else { continue };
            let range = inline.range.start + 2..inline.range.start + end.max(2);
            images.push((tokens::address(&raw[end + 2..]), trimmed(text, range)));
        }
    }
    images
}

/// `:::image source="media/map.png" alt-text="The map.":::`
fn image_block(text: &str, range: &Range<usize>) -> Option<(Key, Range<usize>)> {
    let line = text[range.clone()].lines().next()?;
    let at = line.find(":::image ")?;
    let source = attribute(&line[at..], "source")?;
    let alternative = attribute(&line[at..], "alt-text")?;
    let start = range.start + at;
    let key = tokens::address(&line[at..][source]);
    Some((key, trimmed(text, start + alternative.start..start + alternative.end)))
}

/// The range of the value of ` name="value"`.
fn attribute(line: &str, name: &str) -> Option<Range<usize>> {
    let mut rest = 0;
    while let Some(found) = line[rest..].find(name) {
        let at = rest + found;
        rest = at + name.len();
        let Some(after) = line[rest..].trim_start().strip_prefix('=') else { continue };
        let Some(value) = after.trim_start().strip_prefix('"') else { continue };
        if !line[..at].ends_with([' ', '\t']) {
            continue;
        }
        let start = line.len() - value.len();
        return Some(start..start + value.find('"')?);
    }
    None
}

fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let value = &text[range.clone()];
    let start = range.start + (value.len() - value.trim_start().len());
    start..start + value.trim().len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::segmentation::{Cuts, Rules, Segmenter};
    use crate::side_by_side::Syntax;

    fn texts(source: &str, target: &str) -> Vec<(String, String)> {
        let mut segmenter = Segmenter::new(Rules::english());
        let mut side = |text| Side::new(segmenter.outline(text, Syntax::Markdown, Cuts::Sentences), true);
        let (one, other) = (side(source), side(target));
        let pairs = pairs_of_images(&one, &other);
        pairs.into_iter().map(|(a, b)| (source[a].to_owned(), target[b].to_owned())).collect()
    }

    #[test]
    fn alternative_texts_belong_together_by_address_and_order() {
        assert_eq!(
            texts(
                "![The map](a/map.png)\n\n:::image type=\"content\" source=\"b.png\" alt-text=\"A berth.\":::\n\n![Icon](i.svg)\n\n\
                 ![Other icon](i.svg)\n",
                ":::image type=\"content\" source=\"b.png\" alt-text=\"선석.\":::\n\n![지도](a/map.png)\n\n![아이콘](i.svg)\n\n\
                 ![다른 아이콘](i.svg)\n"
            ),
            [("A berth.", "선석."), ("The map", "지도"), ("Icon", "아이콘"), ("Other icon", "다른 아이콘")]
                .map(|(a, b)| (a.to_owned(), b.to_owned()))
        );
    }

    #[test]
    fn what_is_not_clear_is_not_paired() {
        // Another number of images, no text, and an image in a sentence.
        assert_eq!(texts("![A](i.svg)\n\n![B](i.svg)\n", "![가](i.svg)\n"), []);
        assert_eq!(texts("![](i.svg)\n", "![가](i.svg)\n"), []);
        assert_eq!(texts("See ![A](i.svg) here.\n", "여기 ![가](i.svg) 보세요.\n"), []);
        assert_eq!(
            texts(":::image source=\"i.svg\" alt-text=\"A\n", ":::image source=\"i.svg\" alt-text=\"가\n"),
            []
        );
        assert_eq!(
            texts(
                ":::image xalt-text=\"A\" source=\"i\":::\n",
                ":::image xalt-text=\"가\" source=\"i\":::\n"
            ),
            []
        );
    }
}
