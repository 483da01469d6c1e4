//! REST bodies. Times are RFC 3339 in UTC, sizes bytes.

mod audit;
mod backups;
mod build;
mod containers;
mod create;
mod error;
mod events;
mod exec;
mod files;
mod hosts;
mod identity;
mod images;
mod jobs;
mod networks;
mod operations;
mod recordings;
mod registries;
mod schedules;
mod stacks;
mod stats;
mod system;
mod updates;
mod volumes;

pub use audit::{AuditPage, AuditRecord};
pub use backups::{BackupPage, BackupRecord, RestoreBackup};
pub use build::BuildDockerfile;
pub use containers::{
    ContainerDetails, ContainerPage, ContainerSummary, EnvironmentVariable, Health, MountPoint,
    NetworkAttachment, PublishedPort, RenameContainer, RestartPolicy,
};
pub use create::{
    ContainerCreated, CreateContainer, DeviceToMap, EnvironmentEntry, HealthCheckRule, LogDriver,
    LogDriverName, MountKind, MountToMake, NetworkToJoin, PortToPublish, Protocol, RestartName, RestartRule,
};
pub use error::{ErrorBody, FieldError};
pub use events::{EventPage, EventRecord};
pub use exec::{ExecResult, RunExec};
pub use files::{ArchiveUnpacked, FileEntry, FileKind, FileListing, FileWritten};
pub use hosts::{
    CreateHost, HostList, HostOrigin, HostSecurity, HostSsh, HostState, HostStatus, HostTls, HostTrial,
    TryHost, UpdateHost,
};
pub use identity::{
    CreateUser, Login, Me, SessionUser, Setup, SetupStatus, SignedIn, Ticket, TicketRequest, UpdateUser,
    User, UserPage,
};
pub use images::{
    ContainerUse, ImageDetails, ImageHistory, ImageName, ImagePage, ImagePrunePreview, ImageStep,
    ImageSummary, ImagesImported, ImagesPruned, ImagesRemoved, PrunableImage, PruneImages, UnusedImages,
};
pub use jobs::{JobAccepted, JobAsker, JobPage, JobProgress, JobRecord, JobState, JobStep, PullImage};
pub use networks::{
    ConnectContainer, CreateNetwork, DisconnectContainer, NetworkDetails, NetworkDriver, NetworkLink,
    NetworkMember, NetworkPage, NetworkPrunePreview, NetworkSummary, NetworkTopology, NetworksPruned,
    PrunableNetwork, Subnet,
};
pub use operations::{
    BulkAction, BulkContainers, BulkResult, BulkResults, ChangeKind, CommitContainer, ContainerCommitted,
    ContainerPrunePreview, ContainersPruned, FileChange, FileChanges, ProcessList, PrunableContainer,
    UpdateContainer,
};
pub use recordings::{RecordedUser, Recording, RecordingPage, RecordingState};
pub use registries::{
    CreateRegistry, FoundImage, ImagesFound, PushImage, Registry, RegistryList, RegistrySecretKind,
    RegistryTrial, TryRegistry, TryStoredRegistry, UpdateRegistry,
};
pub use schedules::{
    CreateSchedule, PreviewSchedule, Schedule, ScheduleJob, ScheduleList, ScheduleTimes, ScheduledBackup,
    ScheduledPrune, ScheduledTask, ScheduledUpdateCheck, UpdateSchedule,
};
pub use stacks::{
    AdoptStack, DeployStack, StackAction, StackAdopted, StackAuthor, StackContainer, StackDeploying,
    StackDetails, StackFile, StackJob, StackNetwork, StackOrigin, StackPage, StackProblem, StackPull,
    StackRevision, StackRevisions, StackService, StackState, StackSummary, StackVariable, StackVerdict,
    StackVolume, UpdateStack, ValidateStack,
};
pub use stats::{StatsHistory, StatsPoint};
pub use system::{
    BuildCachePrunePreview, BuildCachePruned, DiskUsage, PruneFailure, PruneSystem, SystemPrunePreview,
    SystemPruned, UsageClass,
};
pub use updates::{CheckUpdates, ImageUpdate, RecreateAccepted, RecreateContainer};
pub use volumes::{
    CreateVolume, PrunableVolume, PruneVolumes, SizesMissing, UnusedVolumes, VolumeDetails, VolumePage,
    VolumePrunePreview, VolumeSummary, VolumesPruned,
};
