//! Side-by-side documents made up by a test: one segment, one document, a set of any size.

use super::Bitext;

/// A segment as it stands in a document.
pub fn segment(id: &str, target: &str, source: &str) -> String {
    format!(
        "<span data-ttu-id=\"{id}\">{target}</span>\
         <span class=\"sxs-lookup\"><span data-stu-id=\"{id}\">{source}</span></span>"
    )
}

/// Front matter for a human translation into Korean.
pub const FRONT_MATTER: &str = "---\ntitle: 제목\nms.openlocfilehash: 0e0dc8401b29\nms.sourcegitcommit: b1ab80345b4e\n\
    ms.translationtype: HT\nms.contentlocale: ko-KR\nms.lasthandoff: 04/23/2019\nms.locfileid: \"62132303\"\n---\n";

/// A Korean document with front matter and these segments (target, source), numbered from 101, one a line.
pub fn document(prefix: &str, texts: &[(&str, &str)]) -> String {
    let mut text = FRONT_MATTER.to_owned();
    for (number, (target, source)) in (101..).zip(texts) {
        text += &segment(&format!("{prefix}-{number}"), target, source);
        text += "\n\n";
    }
    text
}

/// Writes a set of small documents below `folder`, each with some sentences of its own and some that all share.
pub fn write_set(bitext: &Bitext, folder: &str, documents: usize) {
    for number in 0..documents {
        let own = [
            (format!("{number}번 선석은 비어 있습니다."), format!("Berth {number} is free.")),
            ("저장을 선택합니다.".into(), "Select Save.".into()),
            (format!("길이는 {number}m입니다."), format!("The length is {number} m.")),
            (format!("**{}** 참고", number % 7), format!("**{}** Note", number % 7)),
        ];
        let texts: Vec<_> = own.iter().map(|(target, source)| (target.as_str(), source.as_str())).collect();
        let path = format!("{folder}/part-{:02}/berth-{number:05}.md", number % 40);
        bitext.write(path, document(&format!("{number:05x}"), &texts));
    }
}
