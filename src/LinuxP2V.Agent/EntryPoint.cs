using LinuxP2V.Agent.Copy;
using LinuxP2V.Agent.Copy.Files;
using LinuxP2V.Agent.Platform;
using LinuxP2V.Agent.Session;
using LinuxP2V.Agent.Source;
using LinuxP2V.Agent.Startup;
using LinuxP2V.Agent.Sync;
using LinuxP2V.Agent.Verify;

namespace LinuxP2V.Agent;

/// <summary>The modes of the one binary; the first argument names the mode.</summary>
internal static class EntryPoint
{
    private const int UsageError = 64;

    public static async Task<int> RunAsync(string[] args)
    {
        switch (args)
        {
            case ["boot"]:
                return await StartupCommand.RunAsync(state => CreateParts(state));
            case ["daemon", .. var rest] when Options.Parse(rest, "--socket", "--state", "--disks") is { } options && options.ContainsKey("--socket"):
                return await RunDaemonAsync(options["--socket"], options.GetValueOrDefault("--state"), options.GetValueOrDefault("--disks"));
            case ["attach", .. var rest] when Options.Parse(rest, "--socket") is { } options:
                return await AttachCommand.RunAsync(options.GetValueOrDefault("--socket", AgentPaths.DefaultSocket));
            case ["askpass", var prompt]:
                return await AskPass.RunAsync(prompt);
            // SSH_ASKPASS names a program without arguments: ssh gives the prompt alone.
            case [var prompt] when Environment.GetEnvironmentVariable(AskPass.SocketVariable) is not null:
                return await AskPass.RunAsync(prompt);
            default:
                await Console.Error.WriteLineAsync(
                    "Usage: linuxp2v-agent boot | daemon --socket PATH [--state FOLDER] [--disks DEVICE,…] | attach [--socket PATH] | askpass PROMPT");
                return UsageError;
        }
    }

    private static async Task<int> RunDaemonAsync(string socketPath, string? state, string? disks)
    {
        var stateFolder = state ?? Path.GetDirectoryName(Path.GetFullPath(socketPath))!;
        using var end = new CancellationTokenSource();
        using var terminate = System.Runtime.InteropServices.PosixSignalRegistration.Create(
            System.Runtime.InteropServices.PosixSignal.SIGTERM, context => Stop(context, end));
        using var interrupt = System.Runtime.InteropServices.PosixSignalRegistration.Create(
            System.Runtime.InteropServices.PosixSignal.SIGINT, context => Stop(context, end));
        await using var daemon = new AgentDaemon(socketPath, stateFolder, CreateParts(stateFolder, disks?.Split(',')), new ProcessOnly());
        await daemon.RunAsync(end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return 0;
    }

    private static void Stop(System.Runtime.InteropServices.PosixSignalContext context, CancellationTokenSource end)
    {
        context.Cancel = true;
        end.Cancel();
    }

    private static AgentParts CreateParts(string stateFolder, IReadOnlyList<string>? disks = null)
    {
        var sources = new SshSourceConnector(stateFolder);
        sources.Clean();
        return new AgentParts(Parts.CreateStorage(disks), Parts.CreateReconfigurer(), new VolumeCopier(), sources)
        {
            Synchronizer = new VolumeSynchronizer(new EntryTransfer()),
            Verifier = new VolumeVerifier(),
        };
    }

    /// <summary>Outside the helper the machine is not ours: the daemon ends, the power stays on.</summary>
    private sealed class ProcessOnly : IPowerSwitch
    {
        public Task PowerOffAsync(bool isFinished) => Task.CompletedTask;
    }
}
