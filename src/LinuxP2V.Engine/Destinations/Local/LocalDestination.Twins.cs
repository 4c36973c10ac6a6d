namespace LinuxP2V.Engine.Destinations.Local;

/// <content>Twins for rehearsals.</content>
public sealed partial class LocalDestination
{
    /// <summary>So much of a serial port's text is looked at: the newest part.</summary>
    private const int LongestText = 1 << 20;

    private LocalTwins Twins => new(root, images);

    /// <inheritdoc/>
    public Task<IReadOnlyList<Finding>> TestTwinAsync(string machineId, CancellationToken cancellationToken)
    {
        _ = FolderOf(machineId);
        return Task.FromResult(Twins.Test(machineId));
    }

    /// <inheritdoc/>
    public async Task<DestinationMachine> CreateTwinAsync(string machineId, TwinSpecification twin, CancellationToken cancellationToken)
    {
        _ = FolderOf(machineId);
        await Twins.DeleteAsync(machineId, cancellationToken).ConfigureAwait(false);
        console.Verbose($"Making a twin of {machineId}.");
        try
        {
            var folder = await Twins.CreateAsync(machineId, twin, cancellationToken).ConfigureAwait(false);
            return await GetAsync(folder.Name, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await Twins.DeleteAsync(machineId, CancellationToken.None).ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public Task DeleteTwinAsync(string machineId, CancellationToken cancellationToken)
    {
        _ = FolderOf(machineId);
        return Twins.DeleteAsync(machineId, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<TwinOutput> ReadOutputAsync(string twinId, CancellationToken cancellationToken)
    {
        var folder = FolderOf(twinId);
        var output = new TwinOutput(
            folder.ReadEnd(MachineFolder.ConsoleLog, LongestText),
            folder.ReadEnd(MachineFolder.BootReport, LongestText),
            folder.Load().SshPort
        );
        return Task.FromResult(output);
    }

    /// <inheritdoc/>
    public async Task<byte[]?> TakeScreenshotAsync(string twinId, CancellationToken cancellationToken)
    {
        var folder = FolderOf(twinId);
        var file = folder[MachineFolder.Screenshot];
        // Older than 7.1, QEMU knows no PNG and refuses.
        var answer = await QmpClient
            .ExecuteAsync(
                folder[MachineFolder.QmpSocket],
                "screendump",
                cancellationToken,
                new Dictionary<string, object> { ["filename"] = file, ["format"] = "png" }
            )
            .ConfigureAwait(false);
        return answer is null || !File.Exists(file) ? null : File.ReadAllBytes(file);
    }
}
