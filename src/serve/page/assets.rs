//! The files of the page, which are part of the program. Their addresses have a hash of their content, so browsers keep them.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use crate::serve::failure::Failure;

/// A file of the page.
pub(super) struct Asset {
    name: &'static str,
    media_type: &'static str,
    content: &'static str,
}

pub(super) static STYLE: Asset =
    Asset { name: "style", media_type: "text/css; charset=utf-8", content: crate::html::STYLE };
pub(super) static SCRIPT: Asset = Asset {
    name: "script",
    media_type: "text/javascript; charset=utf-8",
    content: include_str!("assets/script.js"),
};
pub(super) static ICON: Asset =
    Asset { name: "icon", media_type: "image/svg+xml", content: include_str!("assets/icon.svg") };

/// The names with hashes, in the order of the files.
static NAMES: LazyLock<[(String, &'static Asset); 3]> = LazyLock::new(|| {
    [&STYLE, &SCRIPT, &ICON].map(|asset| {
        let hash = blake3::hash(asset.content.as_bytes()).to_hex();
        (format!("{}-{}", asset.name, &hash[..12]), asset)
    })
});

impl Asset {
    /// The address.
    pub fn path(&self) -> String {
        let found = NAMES.iter().find(|(_, asset)| asset.name == self.name);
        format!("/assets/{}", found.map_or("", |(name, _)| name))
    }
}

/// `GET /assets/NAME`
pub(super) async fn asset(Path(name): Path<String>) -> Result<Response, Failure> {
    let found = NAMES.iter().find(|(known, _)| *known == name);
    let (_, asset) = found.ok_or_else(|| Failure::not_found("there is no such file; reload the page"))?;
    let headers = [
        (header::CONTENT_TYPE, asset.media_type),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    Ok((headers, asset.content).into_response())
}
