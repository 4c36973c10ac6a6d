namespace LinuxP2V.Engine.Destinations.Local;

/// <summary>
/// The disks of a running VM as they were at one moment, for others to read: QEMU puts aside what the VM overwrites, and serves
/// the old contents by NBD on a socket file. The VM's own disk files stay as they are, and hold all that it writes.
/// </summary>
/// <param name="machine">The running VM.</param>
/// <param name="twin">Its folder takes the files with what was overwritten.</param>
internal sealed class FrozenDisks(MachineFolder machine, MachineFolder twin)
{
    private const string Prefix = "linuxp2v-twin-";
    private const string Socket = "disks";

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    /// <summary>A socket's path may have 107 bytes, and a VM's folder may be longer.</summary>
    private string SocketFolder => Path.Combine("/tmp", $"{Prefix}{twin.Load().Uuid}");

    /// <summary>All disks at the same moment.</summary>
    /// <param name="count">The VM's disks, in their order.</param>
    /// <returns>Where each can be read, as a file name for QEMU.</returns>
    /// <exception cref="QmpException">QEMU refuses.</exception>
    /// <exception cref="IOException">Or another of <see cref="QmpSession.IsBroken"/>.</exception>
    public async Task<IReadOnlyList<string>> FreezeAsync(int count, CancellationToken cancellationToken)
    {
        PosixFile.CreatePrivateFolder(SocketFolder);
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(Timeout);
        using var session = await QmpSession.OpenAsync(machine[MachineFolder.QmpSocket], timeout.Token).ConfigureAwait(false);
        var nodes = await ReadNodesAsync(session).ConfigureAwait(false);
        for (var number = 0; number < count; number++)
        {
            var file = new Dictionary<string, object> { ["driver"] = "file", ["filename"] = twin[MachineFolder.OverwrittenFile(number)] };
            var node = new Dictionary<string, object>
            {
                ["driver"] = "qcow2",
                ["node-name"] = Name(number),
                ["file"] = file,
                ["backing"] = nodes[$"disk{number}"],
            };
            await session.ExecuteAsync("blockdev-add", node).ConfigureAwait(false);
        }

        var actions = Enumerable.Range(0, count).Select(BackupOf).ToArray();
        await session.ExecuteAsync("transaction", new Dictionary<string, object> { ["actions"] = actions }).ConfigureAwait(false);
        var path = Path.Combine(SocketFolder, Socket);
        var address = new { type = "unix", data = new { path } };
        await session.ExecuteAsync("nbd-server-start", new { addr = address }).ConfigureAwait(false);
        for (var number = 0; number < count; number++)
        {
            var export = new Dictionary<string, object>
            {
                ["type"] = "nbd",
                ["id"] = Name(number),
                ["node-name"] = Name(number),
                ["name"] = Name(number),
            };
            await session.ExecuteAsync("block-export-add", export).ConfigureAwait(false);
        }

        return [.. Enumerable.Range(0, count).Select(number => $"nbd+unix:///{Name(number)}?socket={path}")];
    }

    /// <summary>Ends it, whatever is left of it. Whoever still reads gets errors.</summary>
    /// <exception cref="P2VException">ConversionInUse: QEMU does not let go.</exception>
    public async Task ReleaseAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            timeout.CancelAfter(Timeout);
            using var session = await QmpSession.OpenAsync(machine[MachineFolder.QmpSocket], timeout.Token).ConfigureAwait(false);
            await ReleaseAsync(session, timeout.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (QmpSession.IsBroken(exception) || exception is QmpException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            // A VM that is off, or goes off, holds nothing.
            if (new MachineProcess(machine, machine.Load()).IsRunning)
            {
                throw new P2VException(
                    Protocol.Messages.ErrorIds.ConversionInUse,
                    $"QEMU of the VM {machine.Name} does not let go of its twin's disks: {exception.Message}",
                    "Repeat the command; ending the helper VM with Stop-P2VConversion and a restart of it ends them, too.",
                    machine.Name,
                    exception
                );
            }
        }

        if (Directory.Exists(SocketFolder))
            Directory.Delete(SocketFolder, recursive: true);
    }

    private static async Task ReleaseAsync(QmpSession session, CancellationToken cancellationToken)
    {
        // The exports use the nodes; the server takes them along.
        await TryAsync(session, "nbd-server-stop", null).ConfigureAwait(false);
        while (await FindOursAsync(session, "query-block-jobs", "device").ConfigureAwait(false) is { Count: > 0 } jobs)
        {
            foreach (var job in jobs)
                await TryAsync(session, "block-job-cancel", new { device = job, force = true }).ConfigureAwait(false);

            await Task.Delay(100, cancellationToken).ConfigureAwait(false);
        }

        while (await FindOursAsync(session, "query-named-block-nodes", "node-name").ConfigureAwait(false) is { Count: > 0 } nodes)
        {
            foreach (var node in nodes)
                await TryAsync(session, "blockdev-del", new Dictionary<string, object> { ["node-name"] = node }).ConfigureAwait(false);

            await Task.Delay(100, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>What is not there need not be ended, and what is in use still is asked for again.</summary>
    private static async Task TryAsync(QmpSession session, string command, object? arguments)
    {
        try
        {
            await session.ExecuteAsync(command, arguments).ConfigureAwait(false);
        }
        catch (QmpException)
        {
            // The next look tells.
        }
    }

    private static async Task<IReadOnlyList<string>> FindOursAsync(QmpSession session, string query, string property) =>
        [
            .. (await session.ExecuteAsync(query).ConfigureAwait(false))
                .EnumerateArray()
                .Select(item => item.TryGetProperty(property, out var name) ? name.GetString() : null)
                .OfType<string>()
                .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)),
        ];

    private static async Task<Dictionary<string, string>> ReadNodesAsync(QmpSession session) =>
        (await session.ExecuteAsync("query-block").ConfigureAwait(false))
            .EnumerateArray()
            .Where(device => device.TryGetProperty("inserted", out _))
            .ToDictionary(
                device => device.GetProperty("device").GetString()!,
                device => device.GetProperty("inserted").GetProperty("node-name").GetString()!
            );

    private static object BackupOf(int number) =>
        new
        {
            type = "blockdev-backup",
            data = new Dictionary<string, object>
            {
                ["job-id"] = Name(number),
                ["device"] = $"disk{number}",
                ["target"] = Name(number),
                ["sync"] = "none",
            },
        };

    private static string Name(int number) => FormattableString.Invariant($"{Prefix}{number}");
}
