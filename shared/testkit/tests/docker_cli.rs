//! Containers on the real engines.

use std::time::Duration;

use anyhow::Result;
use dockline_testkit::{ContainerLogs, ContainerSpec, engines};

const SOON: Duration = Duration::from_secs(20);

#[test]
fn a_container_prints_ends_and_is_gone_when_dropped() -> Result<()> {
    for engine in engines() {
        let spec = ContainerSpec::script("printf 'a\\000\\377\\n'; echo e >&2; exit 7")
            .label("x", "y")
            .log_opt("max-size", "1m");
        let container = engine.run_container(&spec)?;
        assert_eq!(container.id().len(), 64);
        assert_eq!(container.wait_exit(SOON)?, 7);
        assert_eq!(
            container.logs()?,
            ContainerLogs { stdout: b"a\0\xef\xbf\xbd\n".to_vec(), stderr: b"e\n".to_vec() }
        );
        assert_eq!(
            container.inspect("{{index .Config.Labels \"x\"}} {{index .Config.Labels \"dockline.test\"}}")?,
            "y 1"
        );

        let id = container.id().to_owned();
        drop(container);
        let listed = engine.docker(["ps", "-aq", "--no-trunc", "--filter", &format!("id={id}")])?;
        assert!(listed.stdout.is_empty());
    }
    Ok(())
}

#[test]
fn a_terminal_has_one_stream() -> Result<()> {
    for engine in engines() {
        let container = engine.run_container(&ContainerSpec::script("printf '1\\r2'; echo x >&2").tty())?;
        container.wait_exit(SOON)?;
        assert_eq!(container.logs()?, ContainerLogs { stdout: b"1\r2x\r\n".to_vec(), stderr: Vec::new() });
    }
    Ok(())
}

#[test]
fn a_container_takes_orders() -> Result<()> {
    for engine in engines() {
        let container =
            engine.create_container(&ContainerSpec::script("trap '' TERM; while :; do sleep 1; done"))?;
        assert_eq!(container.inspect("{{.State.Status}}")?, "created");
        container.start()?;
        let first = container.inspect("{{.State.StartedAt}}")?;
        container.restart()?;
        assert_ne!(container.inspect("{{.State.StartedAt}}")?, first);
        assert_eq!(container.exec("echo inside")?, b"inside\n");
        container.kill()?;
        assert_eq!(container.wait_exit(SOON)?, 137);
        container.remove()?;
        assert!(container.logs().is_err());
    }
    Ok(())
}

#[test]
fn a_client_that_does_not_end_is_an_error() -> Result<()> {
    let engine = engines().remove(0);
    let container = engine.run_container(&ContainerSpec::script("sleep 60"))?;
    let error = container.wait_exit(Duration::from_millis(200)).expect_err("the container still runs");
    assert!(format!("{error:#}").contains("still running after"), "{error:#}");
    Ok(())
}
