using System.CommandLine;
using System.Runtime.InteropServices;
using LinuxP2V.Agent.Copy;
using LinuxP2V.Agent.Copy.Files;
using LinuxP2V.Agent.Platform;
using LinuxP2V.Agent.Reconfigure.Confinement;
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
        // A prompt is the server's own text. It is never parsed: whatever it looks like, it is no option and no mode.
        if (args is ["askpass", var prompt])
            return await AskPass.RunAsync(prompt);

        // SSH_ASKPASS names a program without arguments: ssh gives the prompt alone.
        if (args is [var only] && Environment.GetEnvironmentVariable(AskPass.SocketVariable) is not null)
            return await AskPass.RunAsync(only);

        var result = CreateCommand().Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (result.Errors.Count == 0)
        {
            // The modes catch signals themselves, and what they throw must end the process with its stack trace.
            return await result.InvokeAsync(
                new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }
            );
        }

        foreach (var error in result.Errors)
            await Console.Error.WriteLineAsync($"linuxp2v-agent: {error.Message}");

        await Console.Error.WriteLineAsync("Try: linuxp2v-agent --help");
        return UsageError;
    }

    private static RootCommand CreateCommand()
    {
        var prompt = new Argument<string>("PROMPT") { Description = "What ssh asks for." };
        var askPass = new Command("askpass", "Answers ssh's prompts; ssh starts it.") { prompt };
        askPass.SetAction((parsed, _) => AskPass.RunAsync(parsed.GetRequiredValue(prompt)));
        return new RootCommand("Builds, fills and finishes the destination VM from inside it.")
        {
            CreateBoot(),
            CreateDaemon(),
            CreateAttach(),
            CreateConfine(),
            askPass,
        };
    }

    private static Command CreateBoot()
    {
        var command = new Command("boot", "Runs the helper: the image's init starts it.");
        command.SetAction((_, _) => StartupCommand.RunAsync(state => CreateParts(state)));
        return command;
    }

    private static Command CreateDaemon()
    {
        var socket = new Option<string>("--socket")
        {
            Description = "Where it listens.",
            HelpName = "PATH",
            Required = true,
        };
        var state = new Option<string?>("--state")
        {
            Description = "Folder for what lives as long as it does; by default the socket's.",
            HelpName = "FOLDER",
        };
        var disks = new Option<string?>("--disks")
        {
            Description = "Device nodes, in the order of the layout; by default the VM's disks.",
            HelpName = "DEVICE,…",
        };
        var command = new Command("daemon", "Serves requests outside of a helper VM.") { socket, state, disks };
        command.SetAction((parsed, _) => RunDaemonAsync(parsed.GetRequiredValue(socket), parsed.GetValue(state), parsed.GetValue(disks)));
        return command;
    }

    private static Command CreateAttach()
    {
        var socket = new Option<string>("--socket")
        {
            Description = "Where the daemon listens.",
            HelpName = "PATH",
            DefaultValueFactory = _ => AgentPaths.DefaultSocket,
        };
        var command = new Command("attach", "Connects standard input and output with the daemon.") { socket };
        command.SetAction((parsed, _) => AttachCommand.RunAsync(parsed.GetRequiredValue(socket)));
        return command;
    }

    private static Command CreateConfine()
    {
        var program = new Argument<string[]>("PROGRAM") { Description = "Its path in the copy, and its arguments." };
        var command = new Command(
            "confine",
            "Becomes a program of the copy whose root is the current folder; the reconfiguration starts it."
        )
        {
            program,
        };
        command.SetAction(parsed => ConfineCommand.Run(parsed.GetRequiredValue(program)));
        return command;
    }

    private static async Task<int> RunDaemonAsync(string socketPath, string? state, string? disks)
    {
        var stateFolder = state ?? Path.GetDirectoryName(Path.GetFullPath(socketPath))!;
        using var end = new CancellationTokenSource();
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Stop(context, end));
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Stop(context, end));
        await using var daemon = new AgentDaemon(socketPath, stateFolder, CreateParts(stateFolder, disks?.Split(',')), new ProcessOnly());
        await daemon.RunAsync(end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return 0;
    }

    private static void Stop(PosixSignalContext context, CancellationTokenSource end)
    {
        context.Cancel = true;
        end.Cancel();
    }

    private static AgentParts CreateParts(string stateFolder, IReadOnlyList<string>? disks = null)
    {
        var signatures = new EngineSignatures();
        var sources = new SshSourceConnector(stateFolder, signatures);
        sources.Clean();
        return new AgentParts(Parts.CreateStorage(disks), Parts.CreateReconfigurer(), new VolumeCopier(), sources)
        {
            Synchronizer = new VolumeSynchronizer(new EntryTransfer()),
            Verifier = new VolumeVerifier(),
            Signatures = signatures,
        };
    }

    /// <summary>Outside the helper the machine is not ours: the daemon ends, the power stays on.</summary>
    private sealed class ProcessOnly : IPowerSwitch
    {
        public Task PowerOffAsync(bool isFinished) => Task.CompletedTask;
    }
}
