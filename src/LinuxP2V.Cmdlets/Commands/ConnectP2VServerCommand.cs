using System.Management.Automation;
using LinuxP2V.Cmdlets.EngineAccess;
using LinuxP2V.Cmdlets.Pipeline;

namespace LinuxP2V.Cmdlets.Commands;

[Cmdlet(VerbsCommunications.Connect, "P2VServer", DefaultParameterSetName = LocalSet)]
[OutputType(typeof(P2VServer))]
public sealed class ConnectP2VServerCommand : P2VCmdlet
{
    private const string LocalSet = "Local";

    [Parameter(Mandatory = true, Position = 0, ParameterSetName = LocalSet)]
    [ValidateNotNullOrEmpty]
    public string LocalPath { get; set; } = "";

    [Parameter(ParameterSetName = LocalSet)]
    public P2VAccelerator Accelerator { get; set; }

    [Parameter(ParameterSetName = LocalSet)]
    public P2VDiskImageFormat DiskImageFormat { get; set; }

    protected override Task EndAsync(CancellationToken cancellationToken)
    {
        var folder = ResolvePath(LocalPath);
        var destination = Engine.OpenLocal(folder, new LocalServerOptions(Accelerator, DiskImageFormat), Console);
        var server = new P2VServer(Path.GetFileName(folder.TrimEnd('/', '\\')), destination)
        {
            Accelerator = Accelerator,
            DiskImageFormat = DiskImageFormat,
        };
        Session.Servers.Add(server);
        WriteObject(server);
        return Task.CompletedTask;
    }
}
