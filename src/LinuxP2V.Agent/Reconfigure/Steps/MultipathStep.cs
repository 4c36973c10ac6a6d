using LinuxP2V.Agent.Reconfigure.Tree;

namespace LinuxP2V.Agent.Reconfigure.Steps;

/// <summary>A VM's disk has one path; multipathd would take it before it can be mounted.</summary>
internal sealed class MultipathStep : IReconfigureStep
{
    private const string Configuration = "/etc/multipath.conf";
    private const string Why = "the VM's disks have one path each, and multipath would take them first";

    private static readonly string[] Units = ["multipathd.service", "multipathd.socket"];

    public string Concern => "Multipath";

    public bool Detect(ReconfigureContext context) => context.Files.FileExists(Configuration) || IsEnabled(context.Files);

    public Task<IReadOnlyList<PlannedChange>> PlanAsync(ReconfigureContext context, CancellationToken cancellationToken)
    {
        var changes = new List<PlannedChange>();
        if (context.Files.FileExists(Configuration))
        {
            changes.Add(
                context.Edit(
                    Configuration,
                    "# linuxp2v: the source's configuration is kept below /var/lib/linuxp2v/originals\nblacklist {\n    devnode \".*\"\n}\n",
                    "ignores every disk",
                    Why
                )
            );
            context.InitramfsInputs.Add(Configuration);
        }

        if (IsEnabled(context.Files))
        {
            changes.AddRange(Units.Select(unit => context.Mask(unit, Why)));
        }

        return Task.FromResult<IReadOnlyList<PlannedChange>>(changes);
    }

    private static bool IsEnabled(CopyRoot files) =>
        files
            .Folders("/etc/systemd/system", "*.wants")
            .Any(folder =>
                File.Exists(files.HostEntry($"{folder}/multipathd.service"))
                || new FileInfo(files.HostEntry($"{folder}/multipathd.service")).LinkTarget is not null
            );
}
