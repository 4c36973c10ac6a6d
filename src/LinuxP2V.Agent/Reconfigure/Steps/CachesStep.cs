using LinuxP2V.Agent.Reconfigure.Tree;

namespace LinuxP2V.Agent.Reconfigure.Steps;

/// <summary>Caches of device names that are wrong in the VM.</summary>
internal sealed class CachesStep : IReconfigureStep
{
    private static readonly string[] Paths = ["/etc/blkid.tab", "/etc/blkid/blkid.tab", "/etc/lvm/cache/.cache"];

    public string Concern => "Caches";

    public bool Detect(ReconfigureContext context) => Paths.Any(path => IsOwnFile(context, path));

    public Task<IReadOnlyList<PlannedChange>> PlanAsync(ReconfigureContext context, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<PlannedChange>>([
            .. Paths.Where(path => IsOwnFile(context, path)).Select(path => context.Remove(path, "it caches the source's device names")),
        ]);

    /// <summary>A link, as into /run, is nothing that was copied.</summary>
    private static bool IsOwnFile(ReconfigureContext context, string path) =>
        new FileInfo(context.Files.HostEntry(path)) is { Exists: true, LinkTarget: null };
}
