use std::collections::BTreeMap;

use actix_web::{HttpRequest, HttpResponse, web};
use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use dockline_contract::rest::{BuildDockerfile, ErrorBody, JobAccepted};
use dockline_docker::{Content, NewFile, Owner, one_file};
use dockline_domain::{HostId, ImageReference, JobId, access::Grant};
use dockline_jobs::{JobSpec, sealed_for};
use dockline_persistence::{NewJob, Part};
use futures::{StreamExt, stream};
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::IntoParams;

use super::context::keep;
use crate::{
    ApiError, App,
    extract::{Body, Fields, Granted, Params, PathHost},
    gate::Note,
    rest::{
        containers::through,
        jobs::{accepted_as, asker},
        one_host::enabled,
    },
};

/// Arguments of a build, which may be secrets: addresses are written into logs.
const ARGUMENTS: &str = "X-Dockline-Build-Args";
/// The most names of an image.
const MOST_TAGS: usize = 16;
/// The most bytes of all arguments.
const MOST_ARGUMENTS: usize = 8 << 10;
/// The longest path of a Dockerfile, and name of a stage.
const MOST_TEXT: usize = 255;

/// What is built of a context.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct BuildOptions {
    /// A name that the image gets; may be repeated, up to 16 times.
    #[serde(default)]
    tag: Vec<String>,
    /// The Dockerfile's path in the context; `Dockerfile` by default.
    dockerfile: Option<String>,
    /// The stage that is built; the last one without.
    target: Option<String>,
    /// Whether newer base images are looked for.
    #[serde(default)]
    pull: bool,
    /// Whether every step is done anew.
    #[serde(default)]
    no_cache: bool,
}

/// Builds an image of a context, as a background job. The context is a tar, as it is or compressed as Docker takes it.
/// Steps run as containers without anything of the host's; nothing else can be asked for.
#[utoipa::path(post, path = "/api/v1/hosts/{host}/images/build", operation_id = "build_image", tag = "images",
    params(("host" = String, Path, description = "The host's ID"), BuildOptions,
           ("X-Dockline-Build-Args" = Option<String>, Header, description = "Arguments: a JSON object of texts, in base64; kept encrypted")),
    request_body(content = String, content_type = "application/x-tar"),
    responses((status = 202, description = "The job that does it", body = JobAccepted),
              (status = 400, description = "The upload broke off", body = ErrorBody),
              (status = 404, description = "There is no such host", body = ErrorBody),
              (status = 413, description = "The context is larger than the server takes", body = ErrorBody),
              (status = 422, description = "A parameter is wrong", body = ErrorBody),
              (status = 429, description = "Too many jobs are waiting", body = ErrorBody)))]
pub(crate) async fn build(
    app: web::Data<App>,
    Granted(grant): Granted,
    note: Note,
    request: HttpRequest,
    PathHost(host): PathHost,
    Params(wanted): Params<BuildOptions>,
    body: web::Payload,
) -> Result<HttpResponse, ApiError> {
    let mut fields = Fields::default();
    let args = request.headers().get(ARGUMENTS).map(|value| decoded(value.as_bytes()));
    let args = fields.check_optional(ARGUMENTS, args).unwrap_or_default();
    let dockerfile = wanted.dockerfile.as_deref().unwrap_or("Dockerfile");
    let spec = Options { dockerfile, target: wanted.target, pull: wanted.pull, no_cache: wanted.no_cache };
    let spec = spec.parsed(fields, "tag", &host, &wanted.tag)?;
    let start = Start::new(&app, &grant, &note, &host, &args).await?;
    let (_sent, kept) = through(body, async |content| start.keep(content).await).await;
    start.finish(kept, spec, &args).await
}

/// Builds an image of a Dockerfile alone, as a background job.
#[utoipa::path(post, path = "/api/v1/hosts/{host}/images/build/dockerfile", operation_id = "build_dockerfile", tag = "images", request_body = BuildDockerfile,
    params(("host" = String, Path, description = "The host's ID")),
    responses((status = 202, description = "The job that does it", body = JobAccepted),
              (status = 404, description = "There is no such host", body = ErrorBody),
              (status = 422, description = "A field is wrong", body = ErrorBody),
              (status = 429, description = "Too many jobs are waiting", body = ErrorBody)))]
pub(crate) async fn build_dockerfile(
    app: web::Data<App>,
    Granted(grant): Granted,
    note: Note,
    PathHost(host): PathHost,
    Body(wanted): Body<BuildDockerfile>,
) -> Result<HttpResponse, ApiError> {
    let mut fields = Fields::default();
    if wanted.dockerfile.trim().is_empty() {
        fields.check::<(), _>("dockerfile", Err("it is empty"));
    }
    fields.check("args", few(&wanted.args));
    let spec = Options {
        dockerfile: "Dockerfile",
        target: wanted.target,
        pull: wanted.pull,
        no_cache: wanted.no_cache,
    };
    let spec = spec.parsed(fields, "tags", &host, &wanted.tags)?;
    let start = Start::new(&app, &grant, &note, &host, &wanted.args).await?;
    let owner = Owner { uid: 0, gid: 0, mode: 0o644 };
    let file = NewFile { name: "Dockerfile".to_owned(), size: wanted.dockerfile.len() as u64, owner };
    let (before, after) = one_file(&file).await;
    let pieces = [before, Bytes::from(wanted.dockerfile), after];
    let kept = start.keep(stream::iter(pieces.map(Ok)).boxed()).await;
    start.finish(kept, spec, &wanted.args).await
}

struct Options<'a> {
    dockerfile: &'a str,
    target: Option<String>,
    pull: bool,
    no_cache: bool,
}

impl Options<'_> {
    fn parsed(
        self,
        mut fields: Fields,
        tags_field: &str,
        host: &HostId,
        tags: &[String],
    ) -> Result<JobSpec, ApiError> {
        let tags = match tags.len() {
            1..=MOST_TAGS => {
                fields.check(tags_field, tags.iter().map(|tag| name(tag)).collect::<Result<Vec<_>, _>>())
            }
            _ => fields.check(tags_field, Err("give 1 to 16 names")),
        };
        let relative = self.dockerfile.len() <= MOST_TEXT
            && !self.dockerfile.is_empty()
            && !self.dockerfile.starts_with('/')
            && self.dockerfile.split('/').all(|part| part != "..")
            && !self.dockerfile.contains(char::is_control);
        let dockerfile =
            if relative { Ok(self.dockerfile.to_owned()) } else { Err("write a path in the context") };
        let dockerfile = fields.check("dockerfile", dockerfile);
        let target = self.target.filter(|text| !text.is_empty());
        if target.as_ref().is_some_and(|text| text.len() > MOST_TEXT || text.contains(char::is_control)) {
            fields.check::<(), _>("target", Err("write the name or number of a stage"));
        }
        let (Some(tags), Some(dockerfile)) = (tags, dockerfile) else { return Err(fields.into()) };
        fields.finish()?;
        let (host, pull, no_cache) = (host.clone(), self.pull, self.no_cache);
        Ok(JobSpec::ImageBuild { host, tags, dockerfile, target, pull, no_cache })
    }
}

/// A name with a tag: a digest is what comes of a build.
fn name(text: &str) -> Result<ImageReference, String> {
    let name: ImageReference = text.parse().map_err(|error| format!("{error}"))?;
    if name.digest().is_some() { Err("a name with a digest cannot be given".to_owned()) } else { Ok(name) }
}

/// A build whose inputs are on their way.
struct Start<'a> {
    app: &'a App,
    grant: &'a Grant,
    note: &'a Note,
    job: JobId,
}

impl<'a> Start<'a> {
    async fn new(
        app: &'a App,
        grant: &'a Grant,
        note: &'a Note,
        host: &HostId,
        args: &BTreeMap<String, String>,
    ) -> Result<Self, ApiError> {
        enabled(app, host).await?;
        // Nobody sends a context for nothing.
        app.jobs.require_room().await?;
        // Their values are nobody's business.
        note.detail("args", args.keys().cloned().collect::<Vec<_>>());
        Ok(Self { app, grant, note, job: JobId::generate() })
    }

    async fn keep(&self, content: Content) -> Result<u64, ApiError> {
        keep(&self.app.jobs, self.job, content, self.app.config.build_context_limit).await
    }

    /// Adds the job when its inputs are there.
    async fn finish(
        &self,
        kept: Result<u64, ApiError>,
        spec: JobSpec,
        args: &BTreeMap<String, String>,
    ) -> Result<HttpResponse, ApiError> {
        let added = async {
            self.note.detail("bytes", kept?);
            self.note.detail("image", spec.subject());
            if !args.is_empty() {
                let text = serde_json::to_string(args)
                    .map_err(|_| ApiError::Internal("arguments could not be written"))?;
                let sealed = self.app.sealer.seal(&sealed_for(self.job), &SecretString::from(text));
                self.app.jobs.put_input(self.job, Part::Sealed, 0, sealed).await?;
            }
            let new = NewJob { spec, asker: asker(self.grant.principal()), retry_of: None };
            accepted_as(self.app, self.note, self.job, new).await
        };
        let added = added.await;
        if added.is_err()
            && let Err(error) = self.app.jobs.drop_inputs(self.job).await
        {
            tracing::warn!(%error, "the inputs of a build that did not begin are removed later");
        }
        added
    }
}

fn decoded(value: &[u8]) -> Result<BTreeMap<String, String>, &'static str> {
    let bytes = STANDARD.decode(value).map_err(|_| "write a JSON object of texts, in base64")?;
    let args = serde_json::from_slice(&bytes).map_err(|_| "write a JSON object of texts, in base64")?;
    few(&args)?;
    Ok(args)
}

fn few(args: &BTreeMap<String, String>) -> Result<(), &'static str> {
    let bytes: usize = args.iter().map(|(name, value)| name.len() + value.len()).sum();
    let named = args.keys().all(|name| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    });
    match (named, bytes <= MOST_ARGUMENTS) {
        (true, true) => Ok(()),
        (false, _) => Err("names of arguments are letters, digits and `_`"),
        (_, false) => Err("all arguments together have more than 8 KiB"),
    }
}
