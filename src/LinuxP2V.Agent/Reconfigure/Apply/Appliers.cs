using LinuxP2V.Agent.Reconfigure.Tree;
using LinuxP2V.Guest.Planning;

namespace LinuxP2V.Agent.Reconfigure.Apply;

/// <summary>One applier for each kind of change.</summary>
internal static class Appliers
{
    private static readonly IReadOnlyList<IChangeApplier> All =
    [
        new FileTextApplier(),
        new FileRemovalApplier(),
        new LinkApplier(),
        new FileCopyApplier(),
        new GrubDefaultsApplier(),
        new GrubMenuApplier(),
        new GrubInstallApplier(),
        new GrubEfiInstallApplier(),
        new GrubPackageDiskApplier(),
        new BootDiskRecordApplier(),
        new EfiBootEntryApplier(),
        new HostKeyApplier(),
        new ModuleIndexApplier(),
        new InitramfsApplier(),
        new ConfigurationCheckApplier(),
        new SELinuxApplier(),
    ];

    public static async Task ApplyAsync(GuestPlan plan, ReconfigureContext context, CancellationToken cancellationToken)
    {
        foreach (var change in plan.Changes)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var applier = All.First(candidate => candidate.Takes(change));
            if (await applier.ApplyAsync(change, context, cancellationToken) is { } made)
                context.Report(made);
        }
    }
}
