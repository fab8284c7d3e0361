//! What all pages have: head, navigation and footer.

use maud::{DOCTYPE, Markup, html};

use super::assets::{ICON, SCRIPT, STYLE};
use crate::serve::failure::Failure;

/// Which page is shown, for the navigation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Current {
    Search,
    Overview,
    Other,
}

/// A page with a title and its main content.
pub(super) fn frame(title: &str, current: Current, main: &Markup) -> Markup {
    let here = |page| (current == page).then_some("page");
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) }
                link rel="icon" href=(ICON.path()) type="image/svg+xml";
                link rel="stylesheet" href=(STYLE.path());
                script src=(SCRIPT.path()) defer {}
            }
            body {
                a.skip href="#main" { "Skip to the content" }
                header.top {
                    a.brand href="/" { "bitext" }
                    nav aria-label="Pages" {
                        a href="/" aria-current=[here(Current::Search)] { "Search" }
                        a href="/overview" aria-current=[here(Current::Overview)] { "Overview" }
                    }
                }
                main #main tabindex="-1" { (main) }
                footer.bottom {
                    p {
                        kbd { "/" } " search box, " kbd { "↑" } " " kbd { "↓" } " results, "
                        kbd { "Enter" } " document, " kbd { "c" } " copy the translation"
                    }
                    p { a href="/v1/openapi.json" { "Interface for programs" } }
                }
            }
        }
    }
}

/// The page that says why there is none.
pub(super) fn failure(failure: &Failure) -> Markup {
    let title = failure.status.canonical_reason().unwrap_or("Error");
    let main = html! {
        h1 { (title) }
        p { "This cannot be shown: " (failure.detail) "." }
        p { a href="/" { "Back to the search" } }
    };
    frame(&format!("{title} – bitext"), Current::Other, &main)
}
