using LinuxP2V.Engine;
using LinuxP2V.Engine.Access;
using LinuxP2V.Engine.Conversions;
using LinuxP2V.Engine.Destinations.Local;
using LinuxP2V.Engine.Planning;
using LinuxP2V.Engine.Sources;
using LinuxP2V.Engine.Tasks;
using LinuxP2V.Lab;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.EndToEnd.Tests;

/// <summary>A conversion driven by the engine in this process, with a state folder and a destination of its own.</summary>
internal sealed class EngineRun
{
    public EngineRun(string folder, string? machinesFolder = null)
    {
        Environment.SetEnvironmentVariable(StateFolder.OverrideVariable, Path.Combine(folder, "state"));
        Manager = ConversionManager.ForUser();
        Destination = LocalDestination.Open(
            machinesFolder ?? Path.Combine(folder, "vms"),
            new LocalDestinationOptions { Accelerator = LocalAccelerator.Tcg },
            NullConsole.Instance
        );
    }

    public static string HelperImage => Path.Combine(LabPaths.Output, Engine.Destinations.HelperImage.FileName);

    public ConversionManager Manager { get; }

    public LocalDestination Destination { get; }

    public ConversionTask Plan(DiscoveredSource source, string name, TaskSettings? settings = null) =>
        ConversionPlanner.Plan(source.Endpoint, source.Facts, (settings ?? new TaskSettings()) with { Name = name }, Destination.Reference);

    /// <summary>Sets it going; the outcome is in the conversion.</summary>
    /// <param name="goal">Null: all of it.</param>
    public void Drive(string id, SourceSecrets? secrets, string? helperImage = null, ConversionGoal? goal = null) =>
        Manager.Drive(id, Destination, secrets, new DriveOptions(helperImage ?? HelperImage), NullConsole.Instance, goal: goal);

    public async Task<Conversion> DriveToEndAsync(string id, SourceSecrets? secrets, TimeSpan timeout, string? helperImage = null)
    {
        Drive(id, secrets, helperImage);
        return await WaitAsync(id, timeout);
    }

    public async Task<Conversion> WaitAsync(string id, TimeSpan timeout)
    {
        using var limit = new CancellationTokenSource(timeout);
        return await Manager.WaitAsync(id, null, limit.Token);
    }

    /// <summary>What a conversion fails with. It may be refused at once, or fail soon after: both tell the same.</summary>
    public async Task<ErrorDescription> FailureAsync(string id, SourceSecrets? secrets, TimeSpan timeout, string? helperImage = null)
    {
        try
        {
            var end = await DriveToEndAsync(id, secrets, timeout, helperImage);
            Assert.Equal(ConversionState.Failed, end.State);
            return end.Error!;
        }
        catch (P2VException exception)
        {
            return exception.Describe();
        }
    }

    /// <summary>Waits until the copy has come so many bytes further than it was; what an earlier run had counted does not count.</summary>
    public async Task WaitForCopiedAsync(string id, long bytes, TimeSpan timeout)
    {
        using var limit = new CancellationTokenSource(timeout);
        var last = new Dictionary<string, long>();
        long copied = 0;
        while (copied < bytes)
        {
            await Task.Delay(200, limit.Token);
            var conversion = Manager.Get(id);
            if (conversion.State is ConversionState.Failed or ConversionState.Completed or ConversionState.Stopped)
            {
                Assert.Fail($"The conversion did not come to its copy: {conversion.State}, {conversion.Error}");
            }

            foreach (var volume in conversion.Volumes)
            {
                copied += Math.Max(0, volume.BytesDone - last.GetValueOrDefault(volume.VolumeId, volume.BytesDone));
                last[volume.VolumeId] = volume.BytesDone;
            }
        }
    }
}
