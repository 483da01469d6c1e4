//! Whether this process is in a container, and in which.

use dockline_domain::ContainerId;

/// The container that this process is in: an engine mounts files of the container's own folder into it.
pub(super) fn own_container() -> Option<ContainerId> {
    std::fs::read_to_string("/proc/self/mountinfo").ok().as_deref().and_then(read)
}

fn read(mounts: &str) -> Option<ContainerId> {
    let own = mounts.lines().filter(|line| {
        ["/etc/hostname", "/etc/hosts", "/etc/resolv.conf"]
            .iter()
            .any(|file| line.contains(&format!(" {file} ")))
    });
    own.filter_map(|line| line.split_once("/containers/")?.1.get(..64)?.parse().ok()).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_container_knows_itself() {
        let id = "0a".repeat(32);
        let inside = format!(
            "700 690 0:55 / /proc rw - proc proc rw\n\
             712 699 8:1 /var/lib/docker/containers/{id}/hostname /etc/hostname rw,relatime - ext4 /dev/sda1 rw\n"
        );
        assert_eq!(read(&inside).map(|id| id.to_string()), Some(id.clone()));
        let engine =
            format!("31 1 8:1 /var/lib/docker/containers/{id}/mounts/shm /var/lib/x rw - tmpfs shm rw\n");
        assert_eq!(read(&engine), None, "an engine's own machine");
        assert_eq!(read("22 1 8:1 / / rw - ext4 /dev/sda1 rw\n"), None);
    }
}
