use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use dockline_auth::{SecretKey, SetupToken};
use secrecy::ExposeSecret;

use crate::settings::Invalid;

/// The folder that holds everything of a standalone installation. One process at a time.
#[derive(Debug)]
pub(crate) struct DataDir {
    path: PathBuf,
    /// Locked as long as it is open.
    _lock: File,
}

const OWNER_ONLY: u32 = 0o600;

impl DataDir {
    /// Opens the folder, and makes it first if it is not there.
    ///
    /// # Errors
    /// [`Invalid`]: one sentence with the folder's name and what to do.
    pub(crate) fn open(path: &Path) -> Result<Self, Invalid> {
        let shown = path.display();
        let unusable = |error: &io::Error| {
            Invalid(format!(
                "the data folder {shown} cannot be used: {error}; make it writable for this user or set DOCKLINE_DATA_DIR to another one"
            ))
        };
        fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(|error| unusable(&error))?;
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(OWNER_ONLY)
            .open(path.join("lock"))
            .map_err(|error| unusable(&error))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(Invalid(format!(
                "another dockline uses the data folder {shown}: end it, or set DOCKLINE_DATA_DIR to another one"
            ))),
            Err(TryLockError::Error(error)) => Err(unusable(&error)),
        }
    }

    /// The secret key, made at the first start.
    pub(crate) fn secret_key(&self) -> Result<SecretKey, Invalid> {
        let path = self.path.join("secret-key");
        match fs::read_to_string(&path) {
            Ok(text) => SecretKey::from_base64(text.trim()).map_err(|error| {
                Invalid(format!(
                    "{}: {error}; restore it from a backup, or remove it, which ends all sessions",
                    path.display()
                ))
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let key = SecretKey::generate();
                write_private(&path, key.to_base64().expose_secret())?;
                Ok(key)
            }
            Err(error) => Err(Invalid(format!("{} cannot be read: {error}", path.display()))),
        }
    }

    /// The set-up token: the one of an earlier start, or a new one.
    pub(crate) fn setup_token(&self) -> Result<SetupToken, Invalid> {
        let path = self.setup_token_path();
        if let Some(token) = fs::read_to_string(&path).ok().and_then(|text| SetupToken::parse(text.trim())) {
            return Ok(token);
        }
        let token = SetupToken::generate();
        write_private(&path, token.expose())?;
        Ok(token)
    }

    /// Where the set-up token is kept until it is used.
    pub(crate) fn setup_token_path(&self) -> PathBuf {
        self.path.join("setup-token")
    }
}

fn write_private(path: &Path, text: &str) -> Result<(), Invalid> {
    let write = || -> io::Result<()> {
        let mut file =
            OpenOptions::new().create(true).truncate(true).write(true).mode(OWNER_ONLY).open(path)?;
        file.set_permissions(fs::Permissions::from_mode(OWNER_ONLY))?;
        writeln!(file, "{text}")?;
        file.sync_all()
    };
    write().map_err(|error| Invalid(format!("{} cannot be written: {error}", path.display())))
}
