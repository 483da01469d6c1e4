//! The web UI, embedded into the binary when it was built.

use actix_web::{
    HttpRequest, HttpResponse, Route,
    http::{
        Method,
        header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH},
    },
    middleware::Compress,
    web,
};
use rust_embed::RustEmbed;

use crate::edge::{is_api, nothing_here};

#[derive(RustEmbed)]
#[folder = "../web/dist"]
struct Dist;

/// Answers everything that no route answers.
pub(crate) fn service() -> Route {
    web::route().to(serve).wrap(Compress::default())
}

/// A file of the UI; for any other path its one page, which looks at the path itself.
async fn serve(request: HttpRequest) -> HttpResponse {
    let path = request.path();
    if is_api(path) || !matches!(*request.method(), Method::GET | Method::HEAD) {
        return nothing_here();
    }
    let name = path.trim_start_matches('/');
    if let Some(file) = Dist::get(name) {
        return answer(&request, name, file);
    }
    // A missing script must not become a page: browsers would report a syntax error in HTML.
    if name.starts_with(ASSETS) {
        return nothing_here();
    }
    match Dist::get(PAGE) {
        Some(page) => answer(&request, PAGE, page),
        None => {
            HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-cache")).content_type(TEXT).body(NOT_BUILT)
        }
    }
}

const PAGE: &str = "index.html";
/// Files in here have a hash of their contents in their names.
const ASSETS: &str = "assets/";
const TEXT: &str = "text/plain; charset=utf-8";
const NOT_BUILT: &str = "Dockline runs, but its web UI was not built into this binary.\n\
    Run `make web`, build again, and reload this page. The API is at /api/v1/openapi.json.\n";

fn answer(request: &HttpRequest, name: &str, file: rust_embed::EmbeddedFile) -> HttpResponse {
    let hash = file.metadata.sha256_hash();
    let etag = format!(
        "\"{:016x}\"",
        u64::from_be_bytes([hash[0], hash[1], hash[2], hash[3], hash[4], hash[5], hash[6], hash[7],])
    );
    let cache = if name.starts_with(ASSETS) { "public, max-age=31536000, immutable" } else { "no-cache" };
    let known = request.headers().get(IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let unchanged = known.is_some_and(|known| known.contains(&etag));
    let mut response = if unchanged { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response.insert_header((CACHE_CONTROL, cache)).insert_header((ETAG, etag));
    if unchanged {
        return response.finish();
    }
    response.insert_header((CONTENT_TYPE, file.metadata.mimetype())).body(file.data.into_owned())
}
