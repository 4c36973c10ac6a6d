using System.Management.Automation;
using LinuxP2V.Cmdlets.Watching;
using LinuxP2V.Engine;
using LinuxP2V.Engine.Access;
using LinuxP2V.Engine.Conversions;
using LinuxP2V.Engine.Destinations;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Cmdlets.Pipeline;

/// <summary>A cmdlet that sets conversions going, and follows them where it waits for their end.</summary>
public abstract class DrivingCmdlet : SourceAccessCmdlet
{
    private ConversionWatcher? watcher;

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? HelperImage { get; set; }

    [Parameter]
    [ValidateRange(1, 256)]
    public int ThrottleLimit { get; set; } = 4;

    [Parameter]
    [ValidateRange(1, 256)]
    public int HostThrottleLimit { get; set; } = 4;

    [Parameter]
    [ValidateRange(1, 256)]
    public int DatastoreThrottleLimit { get; set; } = 8;

    /// <summary>Sets it going and returns at once. Given secrets win over those that the session still has.</summary>
    /// <param name="goal">Null: what it was last asked for.</param>
    /// <param name="destination">Null: it is looked for among the connected servers.</param>
    internal async Task DriveAsync(
        Conversion conversion,
        SourceSecrets? secrets,
        ConversionGoal? goal,
        CancellationToken cancellationToken,
        IDestination? destination = null
    )
    {
        destination ??= await Servers.FindAsync(conversion.Task.Destination, cancellationToken);
        var known = secrets ?? (Session.Secrets.TryGetValue(conversion.Id, out var kept) ? kept : null);
        if (known is not null)
            Session.Secrets[conversion.Id] = known;
        Session.Destinations[conversion.Id] = destination;
        Engine.Conversions.Drive(
            conversion.Id,
            destination,
            known,
            new DriveOptions(LocateImage(conversion)),
            Session.ConsoleOf(conversion.Id),
            new ThrottleLimits(ThrottleLimit, HostThrottleLimit, DatastoreThrottleLimit),
            goal
        );
    }

    internal Task WatchAsync(IEnumerable<string> ids, CancellationToken cancellationToken)
    {
        watcher = CreateWatcher(cancellationToken);
        return watcher.WatchAsync(ids, cancellationToken);
    }

    private protected virtual ConversionWatcher CreateWatcher(CancellationToken cancellationToken) => new(new WatcherOutput(this), Session);

    protected override void OnStopped() => StillRunning.Warn(Host, watcher?.Running ?? []);

    internal string LocateHelperImage() => LocateHelperImage(HelperImage);

    private string LocateImage(Conversion conversion)
    {
        try
        {
            return LocateHelperImage();
        }
        catch (P2VException e) when (e.ErrorId == ErrorIds.HelperImageMissing && HelperImage is null && conversion.MachineId is not null)
        {
            // The helper VM is there and has its ISO: nothing needs the file again.
            return string.Empty;
        }
    }
}
