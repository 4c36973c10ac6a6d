using System.Collections;
using System.Management.Automation;
using LinuxP2V.Cmdlets.Mapping;
using LinuxP2V.Cmdlets.Pipeline;
using LinuxP2V.Engine;

namespace LinuxP2V.Cmdlets.Commands;

/// <summary>Plans and stores nothing, hence no ShouldProcess. How the parameters become settings is in NewP2VTaskSettings.</summary>
[Cmdlet(VerbsCommon.New, "P2VTask")]
[OutputType(typeof(P2VTask))]
public sealed partial class NewP2VTaskCommand : P2VCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    public P2VSource[] Source { get; set; } = [];

    [Parameter(Position = 1)]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    [Parameter]
    [ServerTransformation]
    [ArgumentCompleter(typeof(ServerCompleter))]
    public P2VServer? Server { get; set; }

    [Parameter]
    [ValidateRange(1, 768)]
    public int? NumCpu { get; set; }

    [Parameter]
    [ValidateRange(0.125, 24576.0)]
    public decimal? MemoryGB { get; set; }

    [Parameter]
    public P2VDiskStorageFormat DiskStorageFormat { get; set; }

    [Parameter]
    public P2VDiskController? DiskController { get; set; }

    [Parameter]
    [Alias("AdapterType")]
    public P2VNetworkAdapterType? NetworkAdapterType { get; set; }

    [Parameter]
    [Alias("Portgroup")]
    [NetworkTransformation]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public P2VInventoryItem[] NetworkName { get; set; } = [];

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] ExcludeVolume { get; set; } = [];

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] IncludeVolume { get; set; } = [];

    [Parameter]
    [ValidatePattern("^/.")]
    public string[] ExcludePath { get; set; } = [];

    [Parameter]
    public Hashtable? VolumeSize { get; set; }

    [Parameter]
    public P2VLvmMode LvmMode { get; set; }

    [Parameter]
    [ValidatePattern("^[0-9A-Fa-f.:]+/[0-9]{1,3}$")]
    public string[] HelperIPAddress { get; set; } = [];

    [Parameter]
    [ValidatePattern("^[0-9A-Fa-f.:]+$")]
    public string[] HelperGateway { get; set; } = [];

    [Parameter]
    [ValidatePattern("^[0-9A-Fa-f.:]+$")]
    public string[] HelperDns { get; set; } = [];

    [Parameter]
    [ValidateRange(576, 9000)]
    public int? HelperMtu { get; set; }

    [Parameter]
    [ValidateRange(1, 16)]
    public int? StreamCount { get; set; }

    [Parameter]
    public P2VCompression Compression { get; set; }

    [Parameter]
    [ValidateBandwidth]
    public double BandwidthLimitMbps { get; set; }

    [Parameter]
    public SwitchParameter LowImpact { get; set; }

    [Parameter]
    public SwitchParameter Snapshot { get; set; }

    [Parameter]
    public P2VCopyMode CopyMode { get; set; }

    [Parameter]
    public SwitchParameter AllowUnreadable { get; set; }

    [Parameter]
    public SwitchParameter SkipReconfiguration { get; set; }

    [Parameter]
    public SwitchParameter AllowUnattended { get; set; }

    [Parameter]
    public SwitchParameter PowerOn { get; set; }

    [Parameter]
    [HostTransformation]
    [SupportsWildcards]
    [ValidateNotNull]
    public P2VInventoryItem? VMHost { get; set; }

    [Parameter]
    [DatastoreTransformation]
    [SupportsWildcards]
    [ValidateNotNull]
    public P2VInventoryItem? Datastore { get; set; }

    [Parameter]
    [PoolTransformation]
    [SupportsWildcards]
    [ValidateNotNull]
    public P2VInventoryItem? ResourcePool { get; set; }

    [Parameter]
    [FolderTransformation]
    [SupportsWildcards]
    [ValidateNotNull]
    public P2VInventoryItem? InventoryLocation { get; set; }

    [Parameter]
    [LocationTransformation]
    [SupportsWildcards]
    [ValidateNotNull]
    public P2VInventoryItem? Location { get; set; }

    [Parameter]
    [ValidatePattern("^vmx-[0-9]{1,3}$")]
    public string? HardwareVersion { get; set; }

    [Parameter]
    public string? Notes { get; set; }

    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        var settings = ReadSettings();
        var server = await Servers.FindAsync(Server, Places, cancellationToken);
        foreach (var source in Source)
        {
            try
            {
                var task = Engine.Plan(source.Read.Endpoint, source.Read.Facts, settings, server.Connection!.Reference);
                WriteObject(TaskMapper.ToObject(task, Engine.Serialize(task), new SessionSecrets(source.Read.Secrets)));
            }
            catch (P2VException e)
            {
                WriteFailure(e, source);
            }
        }
    }
}
