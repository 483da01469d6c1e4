//! Stacks: the real Compose plugin, started by the real program, on real engines.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use dockline_testkit::{
    DocklineCluster, DocklineCommand, DocklineProcess, TestEngine, TestProject, compose_plugin, engines,
    eventually,
};
use serde_json::{Value, json};

use crate::client::{Api, dockline};

/// What the plugin does takes a while when much else goes on.
const PATIENCE: Duration = Duration::from_secs(60);

/// Two services of the test image, one of which prints a variable.
pub const SHOP: &str = r#"
services:
  web:
    image: local/busybox:1
    command: ["/bin/sh", "-c", "echo tag=$$TAG price=3$$; trap 'exit 0' TERM; while :; do sleep 0.1; done"]
    environment: {TAG: "${TAG:-none}"}
    volumes: ["data:/data"]
    labels: {dockline.test: "1"}
    stop_grace_period: 1s
  db:
    image: local/busybox:1
    command: ["sleep", "1000"]
    labels: {dockline.test: "1"}
    stop_grace_period: 0s
volumes:
  data: {}
"#;

pub fn engine() -> Result<TestEngine> {
    engines().into_iter().find(|engine| engine.version == "28.5").context("the engine")
}

/// The program with the plugin, and a secret of its own that no file must learn.
fn program() -> DocklineCommand {
    let plugin = compose_plugin().display().to_string();
    dockline().env("DOCKLINE_COMPOSE", plugin).env("PLANTED", "planted-secret")
}

pub async fn start(docker_host: &str) -> Result<(DocklineProcess, Api)> {
    let process = program().docker_host(docker_host).start().await?;
    let api = Api::set_up(&process).await?;
    Ok((process, api))
}

/// Asks for something that is done by a job, and waits for that job's end.
async fn done(api: &Api, method: &str, path: &str, body: Option<Value>) -> Result<Value> {
    let (status, answer) = api.call(method, path, body).await?;
    ensure!(status == 202, "{method} {path}: {status} {answer}");
    over(api, &answer["job"]["id"]).await
}

async fn over(api: &Api, job: &Value) -> Result<Value> {
    let path = format!("/api/v1/jobs/{}", job.as_str().context("an ID")?);
    eventually(PATIENCE, || async {
        let (_, job) = api.call("GET", &path, None).await?;
        ensure!(!job["finished_at"].is_null(), "{job}");
        Ok(job)
    })
    .await
}

pub async fn succeeded(api: &Api, method: &str, path: &str, body: Option<Value>) -> Result<Value> {
    let job = done(api, method, path, body).await?;
    ensure!(job["state"] == "succeeded", "{method} {path}: {job}");
    Ok(job)
}

pub async fn get(api: &Api, path: &str) -> Result<Value> {
    let (status, answer) = api.call("GET", path, None).await?;
    ensure!(status == 200, "{path}: {status} {answer}");
    Ok(answer)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stack_lives_from_its_file_to_its_removal() -> Result<()> {
    for engine in engines() {
        let project = TestProject::new(&engine, "life");
        let (mut process, api) = start(&engine.host).await?;
        let stacks = "/api/v1/hosts/local/stacks";
        let path = format!("{stacks}/{}", project.name());
        let file =
            |variables: Value| json!({ "name": project.name(), "compose": SHOP, "variables": variables });
        let job = succeeded(&api, "POST", stacks, Some(file(json!({ "TAG": "one$two" })))).await?;
        let steps: Vec<_> = job["progress"]["steps"].as_array().context("steps")?.iter().collect();
        let web = format!("{}-web-1", project.name());
        ensure!(
            steps
                .iter()
                .any(|step| step["id"] == format!("Container {web}").as_str() && step["text"] == "Started"),
            "{job}"
        );
        let seen = get(&api, &path).await?;
        ensure!(seen["state"] == "running" && seen["total"] == 2 && seen["deployed_revision"] == 1, "{seen}");
        ensure!(
            seen["networks"].as_array().context("networks")?.len() == 1 && seen["job"].is_null(),
            "{seen}"
        );
        ensure!(seen["volumes"][0]["name"] == format!("{}_data", project.name()).as_str(), "{seen}");
        let log = String::from_utf8(engine.docker(["logs", web.as_str()])?.stdout)?;
        ensure!(log.trim() == "tag=one$two price=3$", "{log}");

        // The same once more changes nothing, another value one container.
        let before = project.ids()?;
        succeeded(&api, "PUT", &path, Some(json!({}))).await?;
        ensure!(project.ids()? == before, "the containers were made anew");
        succeeded(&api, "PUT", &path, Some(json!({ "variables": { "TAG": "two" } }))).await?;
        let after = project.ids()?;
        ensure!(after.iter().filter(|id| before.contains(id)).count() == 1, "{before:?} {after:?}");
        succeeded(&api, "PUT", &path, Some(json!({ "from_revision": 1 }))).await?;
        let log = String::from_utf8(engine.docker(["logs", web.as_str()])?.stdout)?;
        ensure!(log.contains("one$two"), "{log}");

        succeeded(&api, "POST", &format!("{path}/stop"), None).await?;
        let listed = get(&api, &format!("/api/v1/stacks?q={}", project.name())).await?;
        ensure!(listed["items"][0]["state"] == "stopped", "{listed}");
        succeeded(&api, "POST", &format!("{path}/start"), None).await?;
        succeeded(&api, "POST", &format!("{path}/restart"), None).await?;
        ensure!(
            project.containers()?.iter().all(|(_, state)| state == "running"),
            "{:?}",
            project.containers()?
        );

        succeeded(&api, "DELETE", &format!("{path}?keep_file=true"), None).await?;
        let seen = get(&api, &path).await?;
        ensure!(seen["state"] == "absent" && project.volumes()?.len() == 1, "{seen}");
        succeeded(&api, "PUT", &path, Some(json!({}))).await?;
        succeeded(&api, "DELETE", &format!("{path}?volumes=true&confirm={}", project.name()), None).await?;
        ensure!(project.ids()?.is_empty() && project.volumes()?.is_empty());
        let (status, gone) = api.call("GET", &path, None).await?;
        ensure!(status == 404 && gone["code"] == "stack_not_found", "{status} {gone}");
        ensure!(process.terminate().await?.success());
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_project_of_the_plugins_own_is_found_adopted_and_changed() -> Result<()> {
    let engine = engine()?;
    let project = TestProject::new(&engine, "own");
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("compose.yaml");
    std::fs::write(&file, SHOP)?;
    project.compose(&file, &["up", "--detach"])?;
    let (mut process, api) = start(&engine.host).await?;
    let path = format!("/api/v1/hosts/local/stacks/{}", project.name());
    let seen = get(&api, &path).await?;
    ensure!(seen["managed"] == false && seen["state"] == "running", "{seen}");
    ensure!(seen["origin"]["config_files"][0] == file.display().to_string().as_str(), "{seen}");

    let before = project.ids()?;
    let (status, adopted) =
        api.call("POST", &format!("{path}/adopt"), Some(json!({ "compose": SHOP }))).await?;
    ensure!(status == 200 && adopted == json!({ "revision": 1, "only_in_file": [], "only_at_engine": [] }));
    ensure!(project.ids()? == before);
    // The same file is the same stack, whoever deploys it.
    succeeded(&api, "PUT", &path, Some(json!({}))).await?;
    ensure!(project.ids()? == before, "the containers were made anew");
    let without_db =
        SHOP.split("  db:").next().context("the first service")?.to_owned() + "volumes:\n  data: {}\n";
    succeeded(&api, "PUT", &path, Some(json!({ "compose": without_db }))).await?;
    ensure!(project.containers()?.len() == 1, "{:?}", project.containers()?);

    // One by other means: the plugin passes over it, so the stack is neither stopped nor gone while it is there.
    let other = format!("{}-other", project.name());
    let labels = [
        format!("--label=com.docker.compose.project={}", project.name()),
        "--label=com.docker.compose.service=web".to_owned(),
        "--label=dockline.test=1".to_owned(),
    ];
    let run = ["run", "--detach", "--name", &other].into_iter().chain(labels.iter().map(String::as_str));
    engine.docker(run.chain(["local/busybox:1", "sleep", "1000"]))?;
    for (method, action) in [("POST", "/stop"), ("DELETE", "")] {
        let job = done(&api, method, &format!("{path}{action}"), None).await?;
        let error = job["error"].as_str().with_context(|| job.to_string())?;
        ensure!(error.contains(&other) && error.contains("config-hash"), "{error}");
    }
    ensure!(project.containers()? == [(other.clone(), "running".to_owned())], "{:?}", project.containers()?);
    ensure!(get(&api, &path).await?["managed"] == true, "the file is not kept");
    engine.docker(["rm", "--force", other.as_str()])?;
    succeeded(&api, "DELETE", &path, None).await?;
    ensure!(api.call("GET", &path, None).await?.0 == 404);
    ensure!(process.terminate().await?.success());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_the_programs_machine_gets_into_a_stack() -> Result<()> {
    let engine = engine()?;
    let project = TestProject::new(&engine, "secrets");
    let (mut process, ada) = start(&engine.host).await?;
    let stacks = "/api/v1/hosts/local/stacks";
    // Whatever the key: no file of this machine, to an administrator neither.
    for (part, line, words) in [
        ("    env_file: /etc/passwd\n", 4, "env_file"),
        ("    env_file: /proc/self/environ\n", 4, "env_file"),
        ("    label_file: /etc/passwd\n", 4, "label_file"),
        ("    extends: {file: /etc/passwd, service: x}\n", 4, "another file"),
        ("    build: /\n", 4, "build the image first"),
        ("    volumes: [./x:/x]\n", 4, "nowhere"),
        ("    provider: {type: /bin/sh}\n", 4, "starts a program"),
        ("    nonsense: 1\n", 4, "nonsense"),
        ("    # x\u{2028}    env_file: /etc/passwd\n", 4, "U+2028"),
        ("    !!binary ZW52X2ZpbGU=: /etc/passwd\n", 4, "tag"),
        ("    depends_on: [gone]\n", 4, "gone"),
        ("secrets: {s: {file: /etc/passwd}}\n", 4, "secrets.s"),
        ("include: [/etc/passwd]\n", 4, "include"),
    ] {
        let compose = format!("services:\n  web:\n    image: local/busybox:1\n{part}");
        let body = json!({ "name": project.name(), "compose": compose, "variables": {} });
        let (status, answer) = ada.call("POST", &format!("{stacks}/validate"), Some(body.clone())).await?;
        ensure!(status == 200 && answer["valid"] == false, "{part}: {status} {answer}");
        let problem = &answer["problems"][0];
        ensure!(problem["line"] == line, "{part}: {answer}");
        ensure!(problem["message"].as_str().context("words")?.contains(words), "{part}: {answer}");
        let (status, answer) = ada.call("POST", stacks, Some(body)).await?;
        ensure!(status == 422 && answer["code"] == "invalid_compose", "{part}: {status} {answer}");
    }
    ensure!(project.ids()?.is_empty() && project.volumes()?.is_empty());

    let compose = "services:\n  web:\n    image: local/busybox:1\n    command: [env]\n    labels: {dockline.test: \"1\"}\n    environment:\n      A: \"${PLANTED:-} ${DOCKLINE_COMPOSE:-} ${DOCKLINE_DATA_DIR:-}\"\n      B: \"${HOME} ${PATH:-}\"\n      PLANTED:\n";
    let body = json!({ "name": project.name(), "compose": compose, "variables": {} });
    succeeded(&ada, "POST", stacks, Some(body)).await?;
    let name = format!("{}-web-1", project.name());
    let log = eventually(PATIENCE, || async {
        let log = String::from_utf8(engine.docker(["logs", name.as_str()])?.stdout)?;
        ensure!(log.contains("B="), "{log}");
        Ok(log)
    })
    .await?;
    ensure!(log.lines().any(|line| line == "A=  ") && !log.contains("planted"), "{log}");
    // What the plugin had is gone with it.
    let home = log.lines().find_map(|line| line.strip_prefix("B=")).and_then(|homes| homes.split(' ').next());
    let home = home.context("a folder")?;
    ensure!(home.contains("dockline-compose-") && !std::path::Path::new(home).exists(), "{home}");
    ensure!(process.terminate().await?.success());
    Ok(())
}

/// The jail by itself: what a file cannot ask for is refused by the kernel as well.
#[test]
fn the_jail_keeps_files_and_the_network_from_the_plugin() -> Result<()> {
    if !dockline_compose::jail::is_enforced() {
        eprintln!("this kernel has no Landlock");
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    let elsewhere = tempfile::tempdir()?;
    let secret = elsewhere.path().join("secret");
    std::fs::write(&secret, "A=planted-secret\n")?;
    let run = |file: &str| {
        let path = folder.path().join("compose.yaml");
        std::fs::write(&path, file)?;
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_dockline"));
        command.arg("compose-jail").arg(folder.path()).arg(compose_plugin()).arg("--");
        command.args(["--project-name", "x", "--file"]).arg(path).args(["config", "--format", "json"]);
        command.env_clear().env("HOME", folder.path()).current_dir(folder.path());
        anyhow::Ok(command.output()?)
    };
    let fine = run("services: {a: {image: x}}\n")?;
    ensure!(fine.status.success(), "{fine:?}");
    for path in ["/etc/passwd", "/proc/self/environ", &secret.display().to_string()] {
        let refused = run(&format!("services: {{a: {{image: x, env_file: {path}}}}}\n"))?;
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        ensure!(!refused.status.success() && said.contains("permission denied"), "{path}: {refused:?}");
    }
    let own = folder.path().join("own.env");
    std::fs::write(&own, "A=b\n")?;
    ensure!(run("services: {a: {image: x, env_file: own.env}}\n")?.status.success());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operators_stack_never_reaches_the_host_and_an_administrators_may() -> Result<()> {
    let engine = engine()?;
    let project = TestProject::new(&engine, "escape");
    let (mut process, ada) = start(&engine.host).await?;
    let id = ada.add_user("otto", "operator").await?;
    let otto = Api::sign_in(&process, "otto").await?;
    let stacks = "/api/v1/hosts/local/stacks";
    let path = format!("{stacks}/{}", project.name());
    let service = |part: &str| {
        format!(
            "services:\n  web:\n    image: local/busybox:1\n    command: [sleep, \"1000\"]\n    stop_grace_period: 0s\n    labels: {{dockline.test: \"1\"}}\n{part}"
        )
    };
    for (part, words) in [
        ("    privileged: true\n", "privileged"),
        ("    pid: host\n", "process namespace"),
        ("    network_mode: host\n", "network namespace"),
        ("    ipc: host\n    uts: host\n", "IPC namespace"),
        ("    volumes: [/:/host]\n", "the host's /"),
        ("    volumes: [/var/run/docker.sock:/s:ro]\n", "socket"),
        ("    devices: [/dev/null:/dev/x]\n", "/dev/null"),
        ("    cap_add: [SYS_ADMIN]\n", "SYS_ADMIN"),
        ("    security_opt: [apparmor=unconfined]\n", "apparmor"),
        ("    sysctls: {net.ipv4.ip_forward: 1}\n", "ip_forward"),
        (
            "    volumes: [data:/x]\nvolumes: {data: {driver_opts: {type: none, o: bind, device: /}}}\n",
            "the host's /",
        ),
        ("    networks: [n]\nnetworks: {n: {external: true, name: host}}\n", "network namespace"),
        ("    gpus: all\n", "by request"),
        ("    pid: container:anything\n", "whole ID"),
        ("    networks: {default: {driver_opts: {a: b}}}\n", "driver_opts"),
        ("    logging: {options: {syslog-address: 'unix:///x'}}\n", "syslog-address"),
        ("    cgroup_parent: /x\n", "control group"),
    ] {
        let body = json!({ "name": project.name(), "compose": service(part), "variables": {} });
        let (_, verdict) = otto.call("POST", &format!("{stacks}/validate"), Some(body.clone())).await?;
        ensure!(verdict["valid"] == true && verdict["may_deploy"] == false, "{part}: {verdict}");
        let (status, answer) = otto.call("POST", stacks, Some(body)).await?;
        ensure!(status == 403 && answer["code"] == "host_escape", "{part}: {status} {answer}");
        ensure!(answer["details"]["reasons"].to_string().contains(words), "{part}: {answer}");
    }
    ensure!(project.ids()?.is_empty());

    let host = service("    pid: host\n");
    succeeded(&ada, "POST", stacks, Some(json!({ "name": project.name(), "compose": host }))).await?;
    let mode = engine.docker([
        "inspect",
        "--format={{.HostConfig.PidMode}}",
        &format!("{}-web-1", project.name()),
    ])?;
    ensure!(String::from_utf8_lossy(&mode.stdout).trim() == "host");
    let (status, answer) = otto.call("PUT", &path, Some(json!({}))).await?;
    ensure!(status == 403 && answer["code"] == "host_escape", "{status} {answer}");

    // Rights are those of when it is done, not of when it was asked for.
    let promoted = json!({ "role": "admin" });
    let user = format!("/api/v1/users/{id}");
    ensure!(ada.call("PATCH", &user, Some(promoted)).await?.0 == 200);
    let otto = Api::sign_in(&process, "otto").await?;
    let (status, failing) = otto.call("PUT", &path, Some(json!({ "compose": service("    pid: host\n    image: local/absent-image:1\n").replacen("    image: local/busybox:1\n", "", 1) }))).await?;
    ensure!(status == 202, "{status} {failing}");
    let failed = over(&otto, &failing["job"]["id"]).await?;
    ensure!(failed["state"] == "failed", "{failed}");
    let error = failed["error"].as_str().context("why")?;
    ensure!(error.starts_with("web: ") && error.contains("there now: container"), "{error}");
    ensure!(ada.call("PATCH", &user, Some(json!({ "role": "operator" }))).await?.0 == 200);
    let otto = Api::sign_in(&process, "otto").await?;
    let retry = format!("/api/v1/jobs/{}/retry", failing["job"]["id"].as_str().context("an ID")?);
    let refused = done(&otto, "POST", &retry, None).await?;
    ensure!(refused["state"] == "failed", "{refused}");
    let error = refused["error"].as_str().context("why")?;
    ensure!(error.contains("host.escape") && error.contains("process namespace"), "{error}");
    ensure!(process.terminate().await?.success());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deployment_goes_on_when_its_worker_is_killed_and_stops_when_it_is_cancelled() -> Result<()> {
    let engine = engine()?;
    let project = TestProject::new(&engine, "killed");
    // The second service waits for the first one's health, which comes when a file is there.
    let compose = r#"
services:
  first:
    image: local/busybox:1
    command: ["sleep", "1000"]
    healthcheck: {test: ["CMD", "/bin/sh", "-c", "[ -e /healthy ]"], interval: 1s, retries: 100}
    labels: {dockline.test: "1"}
    stop_grace_period: 0s
  second:
    image: local/busybox:1
    command: ["sleep", "1000"]
    depends_on: {first: {condition: service_healthy}}
    labels: {dockline.test: "1"}
    stop_grace_period: 0s
"#;
    let mut cluster = DocklineCluster::start(program(), std::slice::from_ref(&engine.host), 1, 0).await?;
    cluster.add_worker().await?;
    let api = Api::set_up(&cluster.replicas[0]).await?;
    let stacks = "/api/v1/hosts/host-0/stacks";
    let path = format!("{stacks}/{}", project.name());
    let body = json!({ "name": project.name(), "compose": compose });
    let (status, begun) = api.call("POST", stacks, Some(body)).await?;
    ensure!(status == 202, "{status} {begun}");
    let first = format!("{}-first-1", project.name());
    let is_waiting = || async {
        let (_, job) = api
            .call("GET", &format!("/api/v1/jobs/{}", begun["job"]["id"].as_str().context("an ID")?), None)
            .await?;
        ensure!(job.to_string().contains("Waiting"), "{job}");
        Ok(())
    };
    eventually(PATIENCE, is_waiting).await?;
    cluster.workers[0].kill9().await?;
    cluster.workers.clear();
    cluster.add_worker().await?;
    engine.docker(["exec", first.as_str(), "touch", "/healthy"])?;
    let ended = over(&api, &begun["job"]["id"]).await?;
    ensure!(ended["state"] == "succeeded" && ended["attempt"] == 2, "{ended}");
    let running: Vec<_> = project.containers()?;
    ensure!(running.len() == 2 && running.iter().all(|(_, state)| state == "running"), "{running:?}");

    succeeded(&api, "DELETE", &format!("{path}?keep_file=true"), None).await?;
    let (status, begun) = api.call("PUT", &path, Some(json!({}))).await?;
    ensure!(status == 202, "{status} {begun}");
    let job = format!("/api/v1/jobs/{}", begun["job"]["id"].as_str().context("an ID")?);
    eventually(PATIENCE, || async {
        let (_, job) = api.call("GET", &job, None).await?;
        ensure!(job.to_string().contains("Waiting"), "{job}");
        Ok(())
    })
    .await?;
    let asked = Instant::now();
    ensure!(api.call("POST", &format!("{job}/cancel"), None).await?.0 == 202);
    let ended = over(&api, &begun["job"]["id"]).await?;
    ensure!(ended["state"] == "cancelled" && asked.elapsed() < Duration::from_secs(10), "{ended}");
    let message = ended["progress"]["message"].as_str().context("a message")?;
    ensure!(message.contains("nothing was undone") && message.contains(&first), "{message}");
    ensure!(project.containers()?.len() == 2, "{:?}", project.containers()?);
    succeeded(&api, "DELETE", &path, None).await?;
    cluster.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_plugin_is_one_clear_sentence() -> Result<()> {
    let mut process = dockline()
        .env("DOCKLINE_COMPOSE", "/nowhere/docker-compose")
        .docker_host(&engine()?.host)
        .start()
        .await?;
    let api = Api::set_up(&process).await?;
    let body = json!({ "name": "shop", "compose": SHOP });
    let (status, answer) = api.call("POST", "/api/v1/hosts/local/stacks/validate", Some(body)).await?;
    ensure!(status == 503 && answer["code"] == "compose_missing", "{status} {answer}");
    ensure!(answer["message"].as_str().context("words")?.contains("DOCKLINE_COMPOSE"), "{answer}");
    ensure!(process.terminate().await?.success());
    Ok(())
}
