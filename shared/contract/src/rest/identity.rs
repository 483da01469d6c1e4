use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Whether the product still waits for its first administrator.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SetupStatus {
    /// True until the first administrator exists.
    pub required: bool,
}

/// Makes the first administrator.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Setup {
    /// From the set-up link.
    pub token: String,
    /// 2 to 64 lower-case letters, digits, `.`, `_`, `-` or `@`.
    #[schema(example = "ada")]
    pub username: String,
    /// 12 to 256 characters.
    #[schema(format = Password)]
    pub password: String,
}

/// Signs in.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Login {
    /// The account's name.
    pub username: String,
    /// The account's password.
    #[schema(format = Password)]
    pub password: String,
}

/// The answer to a sign-in and to a refresh. The refresh token travels in a cookie only.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SignedIn {
    /// For `Authorization: Bearer`.
    pub access_token: String,
    /// Seconds until the access token expires.
    pub expires_in: u64,
    /// Who signed in.
    pub user: SessionUser,
}

/// The signed-in account.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SessionUser {
    /// The account's ID.
    pub id: String,
    /// The account's name.
    pub username: String,
    /// `admin`, `operator` or `viewer`.
    #[schema(example = "operator")]
    pub role: String,
}

/// Who asks, and what they may do.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Me {
    /// The account.
    pub user: SessionUser,
    /// The account's roles.
    pub roles: Vec<String>,
    /// The names of everything that is allowed, for example `containers.operate`.
    pub permissions: Vec<String>,
}

/// Asks for a ticket that opens one WebSocket once.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct TicketRequest {
    /// The path of the WebSocket, without its query.
    #[schema(example = "/ws/events")]
    pub path: String,
}

/// A ticket for one WebSocket.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Ticket {
    /// To be sent as `?ticket=`.
    pub ticket: String,
    /// Seconds until it expires.
    pub expires_in: u64,
}

/// An account, as administrators see it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct User {
    /// The account's ID.
    pub id: String,
    /// The account's name.
    pub username: String,
    /// `admin`, `operator` or `viewer`.
    pub role: String,
    /// A disabled account cannot sign in, and its sessions are ended.
    pub enabled: bool,
    /// When it was made; RFC 3339.
    pub created_at: String,
    /// The last sign-in; RFC 3339.
    pub last_login_at: Option<String>,
}

/// A page of accounts.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct UserPage {
    /// The accounts, by name.
    pub items: Vec<User>,
    /// Send as `cursor` for the next page.
    pub next_cursor: Option<String>,
}

/// Makes an account.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateUser {
    /// 2 to 64 lower-case letters, digits, `.`, `_`, `-` or `@`.
    pub username: String,
    /// 12 to 256 characters.
    #[schema(format = Password)]
    pub password: String,
    /// `admin`, `operator` or `viewer`.
    pub role: String,
}

/// Changes an account; absent fields stay as they are.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateUser {
    /// A new role. Ends the account's live sockets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// Disable or enable. Disabling ends every session and socket within 5 seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// A new password. Ends every session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = Password)]
    pub password: Option<String>,
}
