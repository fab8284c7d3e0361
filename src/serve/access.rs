//! Who may ask: the host that a request names, the page that it comes from, and the token.
//!
//! A page of any site can make a browser send requests to this machine. Its own scripts are told apart by the header `Origin`; a
//! site that lets its name point to 127.0.0.1 (DNS rebinding) by the header `Host`.

use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use base64::{Engine as _, alphabet};

use super::failure::Failure;

/// Base64 of RFC 4648. Some clients leave out the padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Who may ask.
#[derive(Clone, Debug, Default)]
pub struct Access {
    /// The secret that each request must have; `None`: everybody may ask.
    pub token: Option<Token>,
    /// The host names that requests may name, without a port; `None`: any.
    pub hosts: Option<Vec<String>>,
    /// Origins of other pages whose scripts may ask, as in `https://translate.example.org`; `*`: any.
    pub origins: Vec<String>,
}

/// A secret. Only its hash is kept, so that a comparison takes the same time whatever is compared.
#[derive(Clone)]
pub struct Token(blake3::Hash);

impl std::fmt::Debug for Token {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Token(…)")
    }
}

/// The shortest token in bytes.
pub const SHORTEST_TOKEN: usize = 16;

impl Token {
    /// The token in the text of a file: one line. `None` if it is shorter than [`SHORTEST_TOKEN`], or not of visible ASCII.
    pub fn of_file(text: &str) -> Option<Token> {
        let token = text.trim();
        let is_usable = token.len() >= SHORTEST_TOKEN && token.bytes().all(|byte| byte.is_ascii_graphic());
        is_usable.then(|| Token(blake3::hash(token.as_bytes())))
    }

    fn is(&self, text: &[u8]) -> bool {
        // `blake3::Hash` compares in constant time.
        self.0 == blake3::hash(text)
    }

    /// Whether a header `Authorization` has the token: as a bearer token, or as the password of any user. Weblate and browsers know
    /// the second only.
    fn is_in(&self, authorization: &str) -> bool {
        let Some((scheme, value)) = authorization.split_once(' ') else { return false };
        if scheme.eq_ignore_ascii_case("bearer") {
            return self.is(value.trim().as_bytes());
        }
        let is_basic = scheme.eq_ignore_ascii_case("basic");
        let decoded = is_basic.then(|| BASE64.decode(value.trim()).ok()).flatten();
        let password = decoded.and_then(|text| {
            let colon = text.iter().position(|byte| *byte == b':')?;
            Some(text[colon + 1..].to_vec())
        });
        password.is_some_and(|password| self.is(&password))
    }
}

/// The host names of this machine itself.
pub const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// The addresses that are open without a token: whether the server lives is no secret.
const OPEN: &str = "/healthz";

/// Where a request that may be answered comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// This server's own pages, or a program.
    Own,
    /// Another page that may ask: its scripts may read the answer.
    Allowed(HeaderValue),
}

impl Access {
    /// Whether a request may be answered.
    pub(super) fn check(
        &self,
        path: &str,
        headers: &HeaderMap,
        uri_host: Option<&str>,
    ) -> Result<Origin, Failure> {
        let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or("\u{fffd}"));
        let host = text(header::HOST).or(uri_host);
        self.check_host(host)?;
        let origin = self.check_origin(host, headers)?;
        if let Some(token) = &self.token
            && path != OPEN
            && !text(header::AUTHORIZATION).is_some_and(|value| token.is_in(value))
        {
            let detail = "a token is needed: in the header Authorization, as a bearer token or as the password of any user";
            return Err(Failure::new(StatusCode::UNAUTHORIZED, detail));
        }
        Ok(origin)
    }

    fn check_host(&self, host: Option<&str>) -> Result<(), Failure> {
        let Some(allowed) = &self.hosts else { return Ok(()) };
        let Some(host) = host else {
            return Err(Failure::bad_request("the request has no header Host"));
        };
        let name = without_port(host);
        if allowed.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            return Ok(());
        }
        let detail = "this server answers to its own address only; if a proxy passes requests on, allow their host with --allow-host";
        Err(Failure::new(StatusCode::MISDIRECTED_REQUEST, detail))
    }

    fn check_origin(&self, host: Option<&str>, headers: &HeaderMap) -> Result<Origin, Failure> {
        let refused = || {
            let detail = "pages of other sites may not ask; --allow-origin allows one";
            Failure::new(StatusCode::FORBIDDEN, detail)
        };
        let Some(origin) = headers.get(header::ORIGIN) else {
            // A picture or a script of another page has no origin, but browsers say where it is embedded.
            let is = |name, value: &str| headers.get(name).is_some_and(|found: &HeaderValue| found == value);
            let is_embedded = is("sec-fetch-site", "cross-site") && !is("sec-fetch-mode", "navigate");
            return if is_embedded { Err(refused()) } else { Ok(Origin::Own) };
        };
        let text = origin.to_str().map_err(|_| refused())?;
        let is_own = text.split_once("://").is_some_and(|(_, authority)| Some(authority) == host);
        if is_own {
            return Ok(Origin::Own);
        }
        if self.origins.iter().any(|known| known == "*" || known.trim_end_matches('/') == text) {
            return Ok(Origin::Allowed(origin.clone()));
        }
        Err(refused())
    }
}

/// Whether a browser asks if it may send another request.
pub(super) fn is_preflight(method: &Method, headers: &HeaderMap) -> bool {
    method == Method::OPTIONS && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    fn status(access: &Access, pairs: &[(&'static str, &str)]) -> u16 {
        access
            .check("/v1/query", &headers(pairs), None)
            .map_or_else(|failure| failure.status.as_u16(), |_| 200)
    }

    fn local() -> Access {
        Access { hosts: Some(LOOPBACK.map(str::to_owned).to_vec()), ..Access::default() }
    }

    #[test]
    fn a_name_that_points_here_is_no_name_of_this_server() {
        for (host, expected) in [
            ("127.0.0.1:8017", 200),
            ("LOCALHOST", 200),
            ("[::1]:8017", 200),
            ("evil.example:8017", 421),
            ("127.0.0.1.evil.example", 421),
            ("localhost:8017.evil.example", 421),
        ] {
            assert_eq!(status(&local(), &[("host", host)]), expected, "{host}");
        }
        assert_eq!(status(&local(), &[]), 400);
        assert_eq!(status(&Access::default(), &[("host", "any.example")]), 200);
    }

    #[test]
    fn scripts_of_other_pages_are_refused_unless_their_origin_is_allowed() {
        let host = ("host", "localhost:8017");
        let own = ("origin", "http://localhost:8017");
        assert_eq!(status(&local(), &[host, own]), 200);
        for origin in
            ["http://localhost:8018", "https://evil.example", "null", "http://localhost:8017.evil.example"]
        {
            assert_eq!(status(&local(), &[host, ("origin", origin)]), 403, "{origin}");
        }
        let embedded = [host, ("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "no-cors")];
        assert_eq!(status(&local(), &embedded), 403);
        let link = [host, ("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")];
        assert_eq!(status(&local(), &link), 200);
        let allowed = Access { origins: vec!["https://cat.example/".to_owned()], ..local() };
        assert_eq!(status(&allowed, &[host, ("origin", "https://cat.example")]), 200);
        assert_eq!(status(&allowed, &[host, ("origin", "http://cat.example")]), 403);
    }

    #[test]
    fn a_token_is_a_bearer_token_or_a_password() {
        assert!(Token::of_file("short").is_none());
        let token = Token::of_file("0123456789abcdef\n").unwrap();
        let access = Access { token: Some(token), ..Access::default() };
        for (authorization, expected) in [
            ("Bearer 0123456789abcdef", 200),
            ("bearer 0123456789abcdeg", 401),
            // weblate:0123456789abcdef
            ("Basic d2VibGF0ZTowMTIzNDU2Nzg5YWJjZGVm", 200),
            ("Basic d2VibGF0ZTowMTIzNDU2Nzg5YWJjZGVn", 401),
            ("Basic OjAxMjM0NTY3ODlhYmNkZWY", 200),
            ("Basic !", 401),
            ("0123456789abcdef", 401),
        ] {
            assert_eq!(status(&access, &[("authorization", authorization)]), expected, "{authorization}");
        }
        assert_eq!(status(&access, &[]), 401);
        assert!(access.check("/healthz", &HeaderMap::new(), None).is_ok());
    }
}
