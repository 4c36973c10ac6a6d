namespace LinuxP2V.Agent.Tests.Architecture;

/// <summary>A room is a namespace of the agent: one folder below src/LinuxP2V.Agent.</summary>
/// <param name="Name">Behind <c>LinuxP2V.Agent.</c>; empty for the root.</param>
/// <param name="Holds">What is in it.</param>
/// <param name="MayReferTo">Rooms that stand above it in the list.</param>
public sealed record Room(string Name, string Holds, params string[] MayReferTo)
{
    public string Namespace => Name.Length == 0 ? AgentRooms.Root : $"{AgentRooms.Root}.{Name}";

    public override string ToString() => Name.Length == 0 ? "(root)" : Name;
}

/// <summary>
/// The rooms of the agent, from the ground up. Each refers only to rooms above it in this list, so no cycle is possible.
/// A new reference between two rooms is written down here first, with the room that may have it.
/// </summary>
public static class AgentRooms
{
    public const string Root = "LinuxP2V.Agent";

    public static IReadOnlyList<Room> All { get; } =
    [
        // What everything stands on.
        new("Events", "where work reports progress and incidents, and the failure that the engine shows"),
        new("Platform", "Linux: system calls, processes, the agent's own paths", "Events"),
        new("Source", "SSH to the source: login, prompts, commands", "Events", "Platform"),
        new("Services", "services that a cutover stops on the source, and starts again", "Events", "Source"),
        new("Storage", "the copy's disks: partitions, LVM, file systems, mounts, the journal", "Events", "Platform"),
        // What copy, sync and verify share.
        new(
            "Streams",
            "parallel connections to the source: bandwidth limit, compression, the source's tools",
            "Events",
            "Platform",
            "Source"
        ),
        new(
            "Views",
            "how a volume of the source is seen: as it runs, or as a snapshot holds it",
            "Events",
            "Platform",
            "Source",
            "Storage",
            "Streams"
        ),
        new(
            "Volumes",
            "one volume's work: what copy, sync and verify are given, and give back",
            "Events",
            "Platform",
            "Source",
            "Services",
            "Storage",
            "Streams",
            "Views"
        ),
        new(
            "Listing",
            "the manifest: every entry of a volume, as find lists them",
            "Events",
            "Platform",
            "Source",
            "Storage",
            "Streams",
            "Views",
            "Volumes"
        ),
        // The copy.
        new(
            "Copy.Tar",
            "archives: tar's options and messages, headers, the tar that unpacks",
            "Events",
            "Platform",
            "Storage",
            "Streams",
            "Views",
            "Listing"
        ),
        new(
            "Copy.Flags",
            "file flags such as immutable",
            "Events",
            "Platform",
            "Source",
            "Storage",
            "Streams",
            "Views",
            "Volumes",
            "Listing"
        ),
        new(
            "Copy.Files",
            "a copy by files: shards of the manifest over all streams at once",
            "Events",
            "Platform",
            "Source",
            "Storage",
            "Streams",
            "Views",
            "Volumes",
            "Listing",
            "Copy.Tar"
        ),
        new(
            "Copy.Blocks",
            "a copy by used blocks of a volume that keeps still",
            "Events",
            "Platform",
            "Source",
            "Storage",
            "Streams",
            "Views",
            "Volumes",
            "Listing",
            "Copy.Flags"
        ),
        new(
            "Copy",
            "the choice how a volume is copied",
            "Events",
            "Platform",
            "Source",
            "Storage",
            "Streams",
            "Views",
            "Volumes",
            "Listing",
            "Copy.Tar",
            "Copy.Flags",
            "Copy.Files",
            "Copy.Blocks"
        ),
        new(
            "Sync",
            "a pass over what changed since the last one",
            "Events",
            "Platform",
            "Source",
            "Services",
            "Storage",
            "Streams",
            "Volumes",
            "Listing",
            "Copy.Tar",
            "Copy.Flags",
            "Copy.Files"
        ),
        new(
            "Verify",
            "the comparison of copy and source",
            "Events",
            "Platform",
            "Source",
            "Storage",
            "Streams",
            "Views",
            "Volumes",
            "Listing",
            "Copy.Flags"
        ),
        // The reconfiguration.
        new(
            "Reconfigure.Confinement",
            "programs of the copy, kept to the copy: name spaces, capabilities, system calls, devices",
            "Events",
            "Platform",
            "Storage"
        ),
        new(
            "Reconfigure.Tree",
            "the copy as a tree of files: paths, kept originals, what carrying out a plan works on",
            "Events",
            "Platform",
            "Storage",
            "Reconfigure.Confinement"
        ),
        new("Reconfigure.Initramfs", "the copy's initramfs, made by its own tools", "Platform", "Reconfigure.Tree"),
        new(
            "Reconfigure.Apply",
            "the changes of a plan, carried out: an applier for each kind",
            "Events",
            "Platform",
            "Storage",
            "Reconfigure.Tree",
            "Reconfigure.Initramfs"
        ),
        new(
            "Reconfigure.Check",
            "the result, as firmware, boot loader and kernel will see it",
            "Platform",
            "Storage",
            "Reconfigure.Tree",
            "Reconfigure.Initramfs"
        ),
        new(
            "Reconfigure.Hooks",
            "scripts of the admin's, run in the copy",
            "Events",
            "Platform",
            "Reconfigure.Confinement",
            "Reconfigure.Tree"
        ),
        new(
            "Reconfigure",
            "from the plan to a copy that boots",
            "Events",
            "Platform",
            "Source",
            "Storage",
            "Reconfigure.Tree",
            "Reconfigure.Apply",
            "Reconfigure.Check",
            "Reconfigure.Hooks"
        ),
        // What the engine sees.
        new(
            "Session",
            "the daemon: requests in, events out, one operation after another",
            "Events",
            "Platform",
            "Source",
            "Services",
            "Storage",
            "Streams",
            "Views",
            "Volumes",
            "Reconfigure"
        ),
        new("Startup", "the helper's start: network, SSH server, what it announces to the hypervisor", "Events", "Platform", "Session"),
        new(
            "",
            "the program's modes, and the parts that it is put together from",
            "Platform",
            "Source",
            "Storage",
            "Copy.Files",
            "Copy",
            "Sync",
            "Verify",
            "Reconfigure.Confinement",
            "Reconfigure",
            "Session",
            "Startup"
        ),
    ];
}
