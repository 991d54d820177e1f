//! Canonical URLs: by which an article is found again. Not here: fetching, redirects, tracking
//! parameters (what a parameter means is the site's business, so none is ever dropped).

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use fluent_uri::component::{IAuthority, Scheme};
use fluent_uri::{Iri, ParseErrorKind};
use thiserror::Error;

use super::excerpt::excerpt;
use super::limits;

/// The longest URL, in bytes, as given and as canonical.
pub const URL_LENGTH_MAX: usize = limits::URL_BYTES;

/// A URL in the one form under which it is compared: scheme and host in lower case, no default
/// port (80 of http and ws, 443 of https and wss, or an empty one), no fragment; nothing else is
/// changed, so `http://a.example` and `http://a.example/` are two URLs.
///
/// Any absolute URI or IRI with a host is one, whatever its scheme: archives and old newspapers
/// are cited by `ftp:` and `gopher:` too. `mailto:`, `urn:` and `file:///` have no host and are
/// external ids, not URLs. A host outside ASCII is lower-cased code point by code point and not
/// turned into Punycode.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CanonicalUrl(Arc<str>);

/// Why a text is not a URL.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum UrlError {
    /// It is longer than [`URL_LENGTH_MAX`].
    #[error("a URL has at most {URL_LENGTH_MAX} bytes, this one has {length}")]
    TooLong {
        /// Its length in bytes.
        length: usize,
    },
    /// It does not follow the grammar of RFC 3986 and RFC 3987.
    #[error("{found:?} is not an absolute URL: {reason} at byte {position}")]
    Malformed {
        /// The text, shortened.
        found: String,
        /// What is wrong, in words.
        reason: &'static str,
        /// Where it is wrong, in bytes from 0.
        position: usize,
    },
    /// It names no host.
    #[error("{found:?} has no host")]
    HostMissing {
        /// The text, shortened.
        found: String,
    },
    /// The port is above 65535.
    #[error("{port:?} is not a port")]
    Port {
        /// The port, shortened.
        port: String,
    },
}

impl CanonicalUrl {
    /// The canonical text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for CanonicalUrl {
    type Err = UrlError;

    fn from_str(text: &str) -> Result<Self, UrlError> {
        check_length(text)?;
        let iri = Iri::parse(text).map_err(|error| UrlError::Malformed {
            found: excerpt(text),
            reason: reason(error.kind()),
            position: error.index(),
        })?;
        let authority = iri
            .authority()
            .filter(|authority| !authority.host().is_empty())
            .ok_or_else(|| UrlError::HostMissing { found: excerpt(text) })?;
        let mut canonical = String::with_capacity(text.len());
        canonical.push_str(&iri.scheme().as_str().to_ascii_lowercase());
        canonical.push_str("://");
        if let Some(userinfo) = authority.userinfo() {
            canonical.push_str(userinfo.as_str());
            canonical.push('@');
        }
        // Code point by code point: lower-casing a whole word depends on what stands around.
        canonical.extend(authority.host().chars().flat_map(char::to_lowercase));
        if let Some(port) = explicit_port(iri.scheme(), &authority)? {
            canonical.push(':');
            canonical.push_str(port);
        }
        canonical.push_str(iri.path().as_str());
        if let Some(query) = iri.query() {
            canonical.push('?');
            canonical.push_str(query.as_str());
        }
        check_length(&canonical)?;
        Ok(CanonicalUrl(canonical.into()))
    }
}

fn check_length(text: &str) -> Result<(), UrlError> {
    if text.len() > URL_LENGTH_MAX {
        return Err(UrlError::TooLong { length: text.len() });
    }
    Ok(())
}

/// The port as given, unless it is empty or the scheme's own.
fn explicit_port<'a>(scheme: &Scheme, authority: &IAuthority<'a>) -> Result<Option<&'a str>, UrlError> {
    let Some(port) = authority.port().map(|port| port.as_str()).filter(|port| !port.is_empty()) else {
        return Ok(None);
    };
    let number: u16 = port.parse().map_err(|_| UrlError::Port { port: excerpt(port) })?;
    let default = match scheme.as_str().to_ascii_lowercase().as_str() {
        "http" | "ws" => Some(80),
        "https" | "wss" => Some(443),
        _ => None,
    };
    Ok(Some(port).filter(|_| Some(number) != default))
}

fn reason(kind: ParseErrorKind) -> &'static str {
    match kind {
        ParseErrorKind::InvalidIpv6Addr => "a malformed IPv6 address",
        ParseErrorKind::InvalidPctEncodedOctet => "a malformed percent-encoding",
        ParseErrorKind::UnexpectedChar => "an unexpected character or end",
    }
}

impl fmt::Display for CanonicalUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn canonical(text: &str) -> Result<String, UrlError> {
        text.parse::<CanonicalUrl>().map(|url| url.to_string())
    }

    #[test]
    fn only_scheme_host_port_and_fragment_are_touched() {
        for (given, expected) in [
            ("HTTPS://News.Example/A?B=C#d", "https://news.example/A?B=C"),
            ("http://a.example:80/", "http://a.example/"),
            ("http://a.example:080/", "http://a.example/"),
            ("http://a.example:/x", "http://a.example/x"),
            ("https://a.example:443", "https://a.example"),
            ("https://a.example:80/", "https://a.example:80/"),
            ("http://a.example/a/../b//c?", "http://a.example/a/../b//c?"),
            ("http://Me:Pw@A.example/%7Ex", "http://Me:Pw@a.example/%7Ex"),
            ("http://[2001:DB8::1]:80/", "http://[2001:db8::1]/"),
            ("https://BÜCHER.example/Ü", "https://bücher.example/Ü"),
            ("ftp://archive.example/x", "ftp://archive.example/x"),
        ] {
            assert_eq!(canonical(given).as_deref(), Ok(expected), "{given}");
        }
    }

    #[test]
    fn what_is_no_url_is_refused() {
        for text in ["mailto:a@b.example", "file:///x", "urn:isbn:1", "http:///x"] {
            let error = canonical(text).expect_err(text);
            assert_eq!(error, UrlError::HostMissing { found: text.to_owned() });
        }
        assert!(matches!(canonical("/news/1"), Err(UrlError::Malformed { position: 0, .. })));
        assert!(matches!(canonical("http://a.example/a b"), Err(UrlError::Malformed { position: 18, .. })));
        assert!(canonical("").is_err());
        assert!(matches!(canonical("http://a.example:65536/"), Err(UrlError::Port { .. })));
        let long = format!("http://a.example/{}", "x".repeat(2032));
        assert_eq!(canonical(&long), Err(UrlError::TooLong { length: 2049 }));
        assert!(canonical(&long[..2048]).is_ok());
    }

    proptest! {
        #[test]
        fn canonical_is_idempotent_and_keeps_path_and_query(
            scheme in "[a-zA-Z]{1,5}",
            host in "[a-zA-Z0-9.ÄÖİΣK-]{1,12}",
            port in "(:[0-9]{0,4})?",
            rest in "(/[a-zA-Z0-9._~!$&'()*+,;=:@%20-]{0,0}[a-zA-Z0-9._~:@+;=-]{0,9}){0,3}(\\?[a-zA-Z0-9=&/?]{0,9})?",
            fragment in "(#[a-z]{0,5})?",
        ) {
            let given = format!("{scheme}://{host}{port}{rest}{fragment}");
            let once = canonical(&given).expect("well-formed");
            prop_assert_eq!(canonical(&once), Ok(once.clone()));
            prop_assert!(once.ends_with(&rest) && !once.contains('#'));
            let lower = canonical(&format!("{}://{}{port}{rest}", scheme.to_uppercase(), host.to_ascii_uppercase()));
            prop_assert_eq!(lower, Ok(once));
        }
    }
}
