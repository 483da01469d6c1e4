use dockline_domain::{SessionId, UserId};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

use crate::SecretKey;

/// How long an access token is good for.
pub const ACCESS_TOKEN_SECONDS: u64 = 15 * 60;

const ISSUER: &str = "dockline";
const AUDIENCE: &str = "dockline-api";
/// Clocks of two replicas may differ by this much.
const LEEWAY_SECONDS: u64 = 5;
/// Ours have about 400 bytes; anything much longer is not worth a signature check.
const MAX_LENGTH: usize = 2_048;

/// What an access token says: who, and under which sign-in. Never a role: that is read from the
/// database for every request, so that a change of rights counts at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccessClaims {
    /// The account.
    pub user: UserId,
    /// The sign-in.
    pub session: SessionId,
    /// Seconds since the Unix epoch at which the token expires.
    pub expires_at: i64,
}

/// A fresh access token.
#[derive(Debug)]
pub struct IssuedToken {
    /// For `Authorization: Bearer`.
    pub token: SecretString,
    /// Seconds until it expires.
    pub expires_in: u64,
}

/// The text is no access token of ours, or no longer. Deliberately without a reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the access token is invalid or has expired")]
pub struct InvalidToken;

/// Issues and checks access tokens: JWT, HS256 and nothing else, each key under its own `kid`.
pub struct AccessTokens {
    current: Key,
    /// Keys that are being replaced: still accepted, never used to sign.
    previous: Vec<Key>,
    validation: Validation,
}

struct Key {
    id: String,
    encoding: EncodingKey,
    decoding: DecodingKey,
}

/// On the wire. Every field is required and has exactly this type.
#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: UserId,
    sid: SessionId,
    iat: i64,
    exp: i64,
}

impl AccessTokens {
    /// Signs with `current`; also accepts tokens that were signed with one of `previous`.
    #[must_use]
    pub fn new(current: &SecretKey, previous: &[SecretKey]) -> Self {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.leeway = LEEWAY_SECONDS;
        validation.validate_nbf = true;
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        Self { current: Key::new(current), previous: previous.iter().map(Key::new).collect(), validation }
    }

    /// A token for one sign-in.
    #[must_use]
    pub fn issue(&self, user: UserId, session: SessionId) -> IssuedToken {
        self.issue_at(user, session, OffsetDateTime::now_utc().unix_timestamp())
    }

    fn issue_at(&self, user: UserId, session: SessionId, now: i64) -> IssuedToken {
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: user,
            sid: session,
            iat: now,
            exp: now + ACCESS_TOKEN_SECONDS.cast_signed(),
        };
        let header = Header { kid: Some(self.current.id.clone()), ..Header::new(Algorithm::HS256) };
        #[expect(clippy::expect_used, reason = "claims of fixed form always serialize, HMAC takes any key")]
        let token = jsonwebtoken::encode(&header, &claims, &self.current.encoding).expect("signable");
        IssuedToken { token: token.into(), expires_in: ACCESS_TOKEN_SECONDS }
    }

    /// Checks a token: its form, algorithm, key, signature, issuer, audience and times.
    ///
    /// # Errors
    /// [`InvalidToken`] whatever is wrong.
    pub fn verify(&self, token: &str) -> Result<AccessClaims, InvalidToken> {
        if token.len() > MAX_LENGTH {
            return Err(InvalidToken);
        }
        let header = jsonwebtoken::decode_header(token).map_err(|_| InvalidToken)?;
        let id = header.kid.ok_or(InvalidToken)?;
        let key = std::iter::once(&self.current)
            .chain(&self.previous)
            .find(|key| key.id == id)
            .ok_or(InvalidToken)?;
        let claims = jsonwebtoken::decode::<Claims>(token, &key.decoding, &self.validation)
            .map_err(|_| InvalidToken)?
            .claims;
        Ok(AccessClaims { user: claims.sub, session: claims.sid, expires_at: claims.exp })
    }
}

impl Key {
    fn new(secret: &SecretKey) -> Self {
        let key = secret.derive("access-token");
        let bytes = key.expose_secret();
        Self {
            // A hash of the key names it without telling anything about it.
            id: hex::encode(&Sha256::digest(bytes)[..6]),
            encoding: EncodingKey::from_secret(bytes),
            decoding: DecodingKey::from_secret(bytes),
        }
    }
}

impl std::fmt::Debug for AccessTokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccessTokens").field("current", &self.current.id).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn tokens() -> (AccessTokens, SecretKey) {
        let key = SecretKey::generate();
        (AccessTokens::new(&key, &[]), key)
    }

    fn sign(key: &Key, header: &Header, claims: &Value) -> String {
        jsonwebtoken::encode(header, claims, &key.encoding).expect("signable")
    }

    fn claims(now: i64) -> Value {
        json!({
            "iss": ISSUER, "aud": AUDIENCE, "sub": UserId::generate(), "sid": SessionId::generate(),
            "iat": now, "exp": now + 60,
        })
    }

    fn now() -> i64 {
        OffsetDateTime::now_utc().unix_timestamp()
    }

    #[test]
    fn a_token_of_ours_is_accepted() {
        let (tokens, _) = tokens();
        let (user, session) = (UserId::generate(), SessionId::generate());
        let issued = tokens.issue(user, session);
        let claims = tokens.verify(issued.token.expose_secret()).expect("valid");
        assert_eq!((claims.user, claims.session), (user, session));
        assert!(!format!("{issued:?}{tokens:?}").contains(issued.token.expose_secret()));
    }

    #[test]
    fn an_expired_token_is_refused() {
        let (tokens, _) = tokens();
        let old = now() - ACCESS_TOKEN_SECONDS.cast_signed() - LEEWAY_SECONDS.cast_signed() - 1;
        let issued = tokens.issue_at(UserId::generate(), SessionId::generate(), old);
        assert_eq!(tokens.verify(issued.token.expose_secret()), Err(InvalidToken));
    }

    #[test]
    fn a_replaced_key_is_accepted_but_not_a_foreign_one() {
        let (old, old_key) = tokens();
        let token = old.issue(UserId::generate(), SessionId::generate()).token;
        let rotated = AccessTokens::new(&SecretKey::generate(), &[old_key]);
        assert!(rotated.verify(token.expose_secret()).is_ok());
        assert!(tokens().0.verify(token.expose_secret()).is_err());
    }

    #[test]
    fn other_algorithms_and_keys_are_refused() {
        let (tokens, _) = tokens();
        let key = &tokens.current;
        let header =
            |algorithm, kid: Option<&str>| Header { kid: kid.map(str::to_owned), ..Header::new(algorithm) };
        let good = sign(key, &header(Algorithm::HS256, Some(&key.id)), &claims(now()));
        assert!(tokens.verify(&good).is_ok());
        for bad in [
            header(Algorithm::HS384, Some(&key.id)),
            header(Algorithm::HS256, None),
            header(Algorithm::HS256, Some("0")),
        ] {
            assert!(tokens.verify(&sign(key, &bad, &claims(now()))).is_err(), "{bad:?}");
        }
        // `none`: the header is replaced, the signature dropped or kept.
        let parts: Vec<&str> = good.split('.').collect();
        let none = base64::Engine::encode(
            &base64::engine::general_purpose::URL_SAFE_NO_PAD,
            format!(r#"{{"alg":"none","typ":"JWT","kid":"{}"}}"#, key.id),
        );
        for bad in [format!("{none}.{}.", parts[1]), format!("{none}.{}.{}", parts[1], parts[2])] {
            assert!(tokens.verify(&bad).is_err());
        }
        for bad in ["", ".", "..", "a.b.c", &"x".repeat(100_000), &good[..good.len() - 1]] {
            assert!(tokens.verify(bad).is_err());
        }
    }

    #[test]
    fn claims_of_another_type_or_value_are_refused() {
        let (tokens, _) = tokens();
        let key = &tokens.current;
        let header = Header { kid: Some(key.id.clone()), ..Header::new(Algorithm::HS256) };
        let now = now();
        for (claim, value) in [
            ("exp", json!((now + 60).to_string())),
            ("exp", json!(null)),
            ("exp", json!([now + 60])),
            ("exp", json!(now - 600)),
            ("exp", json!(-1)),
            ("nbf", json!(now + 600)),
            ("nbf", json!("soon")),
            ("iat", json!("now")),
            ("sub", json!("root")),
            ("sub", json!(1)),
            ("sid", json!(true)),
            ("iss", json!("another")),
            ("aud", json!("another")),
            ("aud", json!(["another"])),
        ] {
            let mut claims = claims(now);
            claims[claim] = value.clone();
            assert!(tokens.verify(&sign(key, &header, &claims)).is_err(), "{claim}={value}");
        }
        for missing in ["exp", "iss", "aud", "sub", "sid", "iat"] {
            let mut claims = claims(now);
            claims.as_object_mut().expect("object").remove(missing);
            assert!(tokens.verify(&sign(key, &header, &claims)).is_err(), "without {missing}");
        }
    }
}
