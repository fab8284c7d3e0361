//! The page, without a browser: what is in it, and that it works without JavaScript.

use super::harness::{Server, encoded};

#[test]
fn what_is_typed_is_looked_up_and_searched_for() {
    let server = Server::of_fixtures(&[]);
    let html = server.get("/?q=Select+a+berth").text().to_owned();
    assert!(
        html.contains("The same and similar segments") && html.contains("Segments with this text"),
        "{html}"
    );
    assert!(html.contains("<mark>Select a berth</mark>"), "{html}");
    let html = server
        .get(&format!("/?q={}", encoded("Select a vessel, and then select **Save**.")))
        .text()
        .to_owned();
    assert!(html.contains("<del title=\"only in what you typed\">vessel</del>"), "{html}");
    assert!(html.contains("<ins title=\"only in the memory\">berth</ins>"), "{html}");
    assert!(html.contains("lang=\"ko-KR\" dir=\"ltr\""), "{html}");
    // The script asks for the results only.
    let part = server.request("GET", "/?q=berth", &[("X-Bitext-Part", "results")], b"");
    assert!(part.text().starts_with("<p") && !part.text().contains("<html"), "{}", part.text());
}

#[test]
fn what_has_an_error_is_marked_with_its_reason() {
    let server = Server::of_pairs(
        &[
            ("[선석](b&.md)을 참조하세요.", "See [Berths](a.md)."),
            ("선석이 비어 있습니다.", "The berth is free."),
        ],
        &[],
    );
    let html = server.get("/?q=Berths&min=20").text().to_owned();
    let mark = "<strong>Error</strong> <code>link</code>: <bdi>the address `a.md` became `b&amp;.md`</bdi>";
    // Once in each list.
    assert_eq!(html.matches("<p class=\"error\">").count(), 2, "{html}");
    assert_eq!(html.matches(mark).count(), 2, "{html}");
}

#[test]
fn filters_narrow_both_lists() {
    let server = Server::of_fixtures(&[]);
    let count =
        |query: &str| server.get(&format!("/?q=berth{query}")).text().matches("<li class=\"result\"").count();
    let all = count("&min=30");
    for filter in [
        "&to=ja-JP",
        "&workflow=human",
        "&document=berths/**",
        "&since=2021-06-01",
        "&until=2021-06-01",
        "&set=docs&workflow=machine",
    ] {
        let narrowed = count(&format!("&min=30{filter}"));
        assert!(narrowed < all, "{filter}: {narrowed} of {all}");
    }
    assert!(count("&to=ja-JP") > 0 && count("&workflow=human") > 0 && count("&document=berths/**") > 0);
    assert_eq!(count("&set=none"), 0);
    // Empty fields of the form are no filters.
    assert_eq!(count("&min=30&from=&to=&set=&document=&workflow=&since=&until="), all);
    let html = server.get("/?q=berth&to=ja-JP&workflow=machine&since=2019-01-01").text().to_owned();
    assert!(html.contains("/v1/export.tmx?to=ja-JP&amp;workflow=machine&amp;since=2019-01-01"), "{html}");
    let refused = server.get("/?q=berth&since=yesterday");
    assert_eq!(refused.status, 400);
    assert!(refused.text().contains("since"));
}

#[test]
fn a_result_leads_to_its_document_with_the_segment_in_view() {
    let server = Server::of_fixtures(&[]);
    let html = server.get("/?q=berth&to=ko-KR").text().to_owned();
    let start = html.find("class=\"place\" href=\"").unwrap() + "class=\"place\" href=\"".len();
    let link = html[start..].split('"').next().unwrap().replace("&amp;", "&");
    let (path, fragment) = link.split_once('#').unwrap();
    let document = server.get(path).text().to_owned();
    assert!(document.contains(&format!("<tr id=\"{fragment}\" aria-current=\"true\">")), "{document}");
    let start = document.find("others=true").unwrap();
    let start = document[..start].rfind("href=\"").unwrap() + "href=\"".len();
    let others = document[start..].split(['"', '#']).next().unwrap().replace("&amp;", "&");
    let others = server.get(&others).text().to_owned();
    assert!(others.contains("Other translations") || others.contains("no other translation"), "{others}");
    assert_eq!(server.get("/document?set=docs&document=none").status, 404);
    assert_eq!(server.get("/document").status, 400);
}

#[test]
fn the_overview_has_plots_with_their_numbers() {
    let server = Server::of_fixtures(&[]);
    let html = server.get("/overview").text().to_owned();
    for part in [
        "docs, en-US to ko-KR",
        "<svg class=\"plot\"",
        "role=\"img\"",
        "The most repeated segments",
        "Inconsistent translations",
        "hatch",
    ] {
        assert!(html.contains(part), "{part} in {html}");
    }
    // Nothing is loaded from elsewhere, and nothing is inline.
    for page in ["/overview", "/?q=berth", "/document?set=docs&document=index.md"] {
        let html = server.get(page).text().to_owned();
        for absent in ["http://", "https://", "style=\"", "onclick", "<style"] {
            assert!(!html.contains(absent) || page.contains("document"), "{absent} in {page}");
        }
    }
}

#[test]
fn the_files_of_the_page_are_kept_by_browsers() {
    let server = Server::of_fixtures(&[]);
    let html = server.get("/").text().to_owned();
    let mut found = 0;
    for part in html.split("\"/assets/").skip(1) {
        let path = format!("/assets/{}", part.split('"').next().unwrap());
        let asset = server.get(&path);
        assert_eq!(asset.status, 200, "{path}");
        assert!(asset.header("cache-control").unwrap().contains("immutable"));
        found += 1;
    }
    assert_eq!(found, 3);
    server.get("/assets/style-0").problem(404);
}
